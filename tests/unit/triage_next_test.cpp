// The queue as a whole: whom it offers to whom, over any run of arrivals, of what people do with what they are offered,
// and of what makes a case more urgent.
#include <rapidcheck.h>

#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

const policy::HubPolicy several =
    clinical::parse_policy(
        "name: \"ashford\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 900 "
        "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\" "
        "breach { category: \"C2\" minutes: 18 source: \"s\" } breach { category: \"C3\" minutes: 120 source: \"s\" } "
        "breach { category: \"C4\" minutes: 180 source: \"s\" } "
        "attendance { source: \"s\" skill { origin: \"validation-999\" role: \"gp\" role: \"nurse\" source: \"s\" } "
        "skill { origin: \"crew-on-scene\" role: \"gp\" role: \"ed-consultant\" source: \"s\" } "
        "skill { origin: \"gp\" role: \"gp\" source: \"s\" } }")
        .value();

const std::map<intake::Category, TimeMs> allowed{{intake::C1, 30 * minute},  // it has no rule of its own
                                                 {intake::C2, 18 * minute},
                                                 {intake::C3, 120 * minute},
                                                 {intake::C4, 180 * minute}};
const std::vector<std::string> roles{"gp", "nurse", "ed-consultant"};  // each person is called as their role
const std::map<intake::Origin, std::set<std::string>> treated_by{
    {intake::VALIDATION_999, {"gp", "nurse"}}, {intake::CREW_ON_SCENE, {"gp", "ed-consultant"}}, {intake::GP, {"gp"}}};

// A case, as the promises know it.
struct Case {
    intake::Origin origin = intake::ORIGIN_UNSPECIFIED;
    intake::Category category = intake::CATEGORY_UNSPECIFIED;
    TimeMs queued = 0, breach = 0;
    TimeMs call = 0;  // promised to the patient
    bool breached = false, given_back = false;
    std::string holder = {}, handed_to = {};

    // The moment by which somebody must have seen to it.
    TimeMs deadline() const {
        auto at = breach;
        if (!breached) at = std::min(at, queued + allowed.at(category));
        if (given_back) at += clinical::given_back_head_start_ms(&several);  // its sender looks after it as well
        return call == 0 ? at : std::min(at, call);
    }
};

struct Queue : Hub {
    std::map<std::string, Case> open;
    std::vector<unsigned> chance;
    int arrived = 0;

    explicit Queue(std::vector<unsigned> drawn) : chance(std::move(drawn)) {
        policy = &several;
        for (const auto& who : roles) {
            SignOn on;
            on.set_staff_id(who);
            run(on, who, who);
        }
    }
    unsigned pick(std::size_t below) {
        if (chance.empty()) return 0;
        const auto drawn = chance.back();
        chance.pop_back();
        return unsigned(drawn % below);
    }
    template <typename T>
    T of(const std::string& id) {
        T command;
        command.set_case_id(id);
        return command;
    }
    template <typename T>
    T under_claim(const std::string& id) {
        auto command = of<T>(id);
        command.set_token(state<ReviewState>("review", id).claim().token());
        return command;
    }
    void done(const Outcome& outcome) { RC_ASSERT(outcome.code() == REFUSAL_CODE_UNSPECIFIED); }
    // One of those for which it is so; empty: there is none.
    std::string any(const std::function<bool(const Case&)>& is_so) {
        std::vector<std::string> ids;
        for (const auto& [id, one] : open) {
            if (is_so(one)) ids.push_back(id);
        }
        return ids.empty() ? "" : ids[pick(ids.size())];
    }

    void arrives() {
        constexpr intake::Origin origins[] = {intake::VALIDATION_999, intake::CREW_ON_SCENE, intake::GP};
        constexpr intake::Category categories[] = {intake::C2, intake::C3, intake::C4};
        const auto breach_at = now + TimeMs(1 + pick(300)) * minute / 2;
        auto command = queue(breach_at);
        command.set_case_id("case-" + std::to_string(++arrived));
        command.set_case_number("N-" + std::to_string(arrived));
        command.mutable_facts()->set_origin(origins[pick(3)]);
        command.mutable_facts()->set_category(categories[pick(3)]);
        done(run(command));
        open[command.case_id()] = {command.facts().origin(), command.facts().category(), now, breach_at};
    }
    void passes_time() {
        now += minute / 3;
        for (auto& [id, one] : open) {
            if (!one.holder.empty()) done(run(under_claim<RenewClaim>(id), one.holder, one.holder));
            if (one.breached || now < one.breach) continue;
            auto breach = of<BreachReview>(id);
            *breach.mutable_due() = to_timestamp(one.breach);
            done(run(breach));
            one.breached = true;
            one.given_back = one.origin == intake::VALIDATION_999;
        }
    }
    // What this person is offered, held against every other that they might be; empty: nothing is.
    std::string offered_to(const std::string& who) {
        GetNext get;
        get.set_staff_id(who);
        const auto answer = domain.query({&get, nullptr, 0}, context());
        RC_ASSERT(answer.ok());
        const auto& next = static_cast<const NextReply&>(*answer.value());
        std::size_t waiting = 0;
        bool theirs = false, handed = false;
        for (const auto& [id, one] : open) {
            const bool mine = one.handed_to == who;
            waiting += mine || one.holder.empty() ? 1 : 0;
            handed = handed || mine;
            theirs = theirs || mine || (one.holder.empty() && treated_by.at(one.origin).contains(who));
        }
        RC_ASSERT(next.waiting() == waiting);
        RC_ASSERT(next.has_review() == theirs);
        if (!theirs) return "";
        const auto id = next.review().case_id();
        const auto& chosen = open.at(id);
        RC_ASSERT((handed ? chosen.handed_to == who : chosen.holder.empty()));
        RC_ASSERT((handed || treated_by.at(chosen.origin).contains(who)));
        for (const auto& [other, one] : open) {
            const bool might =
                handed ? one.handed_to == who : one.holder.empty() && treated_by.at(one.origin).contains(who);
            RC_ASSERT((!might || chosen.deadline() <= one.deadline()));
        }
        return id;
    }
    // Takes what is offered; false: nothing is.
    bool take(const std::string& who) {
        const auto id = offered_to(who);
        if (id.empty()) return false;
        auto& one = open.at(id);
        done(one.handed_to == who ? run(of<AcknowledgeHandover>(id), who, who) : run(of<ClaimReview>(id), who, who));
        one.holder = who;
        one.handed_to.clear();
        return true;
    }
    void decides(const std::string& id) {
        auto decide = under_claim<DecideReview>(id);
        decide.set_pathway(ADVICE);
        decide.set_rationale_code("self-care");
        const auto who = open.at(id).holder;
        done(run(decide, who, who));
        open.erase(id);
    }
    void gives_back(const std::string& id) {
        auto& one = open.at(id);
        done(run(under_claim<ReleaseClaim>(id), one.holder, one.holder));
        one.holder.clear();
        one.handed_to.clear();
    }
    void hands_over(const std::string& id) {
        auto& one = open.at(id);
        const auto to = roles[pick(roles.size())];
        if (to == one.holder) return;
        auto command = under_claim<HandOverReview>(id);
        command.set_to_staff_id(to);
        done(run(command, one.holder, one.holder));
        one.handed_to = to;
    }
    void escalates(const std::string& id) {
        auto& one = open.at(id);
        auto command = of<EscalateReview>(id);
        command.set_to_category(one.category == intake::C4 && pick(2) == 0 ? intake::C3
                                : one.category == intake::C1               ? intake::C1
                                                                           : intake::C2);
        if (one.category == intake::C2) command.set_to_category(intake::C1);
        command.set_reason_code("worse");
        done(run(command, "crew", "paramedic"));
        one.category = command.to_category();
    }
    void promises_call(const std::string& id) {
        auto command = of<PlanWelfareCall>(id);
        command.set_within_minutes(1 + pick(60));
        done(run(command, "gp", "gp"));
        open.at(id).call = now + command.within_minutes() * minute;
    }
    void reaches(const std::string& id) {
        auto command = of<RecordContactAttempt>(id);
        command.set_outcome("answered");
        command.set_method("phone");
        done(run(command, "gp", "gp"));
        open.at(id).call = 0;
    }

    void act() {
        passes_time();
        const auto anything = [](const Case&) { return true; };
        const auto held = [](const Case& one) { return !one.holder.empty(); };
        const auto what = pick(12);
        if (what < 3) return arrives();
        if (what < 6) return void(take(roles[pick(roles.size())]));
        const auto id = any(what == 10 || what == 11 || what == 9 ? anything : held);
        if (id.empty()) return;
        if (what == 6) return decides(id);
        if (what == 7) return gives_back(id);
        if (what == 8) return hands_over(id);
        if (what == 9) return escalates(id);
        if (what == 10) return promises_call(id);
        reaches(id);
    }
};

}  // namespace

TEST_CASE("Model: nobody is passed over for one whose time comes later, and everybody is taken in the end") {
    const bool held = rc::check("nothing starves", [] {
        const auto one = rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0u, 1'000'000u));
        Queue hub(*rc::gen::container<std::vector<unsigned>>(240, one));
        while (!hub.chance.empty()) hub.act();
        // Whoever holds one decides it; and then they take what is left, until nobody is offered anything.
        for (bool some = true; some;) {
            some = false;
            for (const auto& who : roles) {
                if (hub.take(who)) some = true;
            }
            std::vector<std::string> theirs;
            for (const auto& [id, each] : hub.open) {
                if (!each.holder.empty()) theirs.push_back(id);
            }
            for (const auto& id : theirs) hub.decides(id);
            some = some || !theirs.empty();
        }
        RC_ASSERT(hub.open.empty());
    });
    CHECK(held);
}
