// People at three hubs who do whatever they may with a case that goes from one to another, on good days and bad,
// against what is promised of it.
#include "tests/unit/triage_transfer_model.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

struct Model : Journey {
    using Journey::Journey;

    void claim(std::size_t hub, const std::string& who) {
        const bool free = open_at(hub) && !lease_is_live(hub);
        must(fine(ours(hub).run(about<ClaimReview>(), who, "ed-consultant")) == free, "a claim");
    }
    void take_over(std::size_t hub, const std::string& who) {
        auto command = about<TakeOverReview>();
        command.set_reason_code("unreachable");
        const bool own = lease_is_live(hub) && promises.holder == who;
        must(fine(ours(hub).run(command, who, "ed-consultant")) == (open_at(hub) && !own), "a take-over");
    }
    template <typename T>
    void with_token(std::size_t hub, const std::string& who) {
        auto command = about<T>();
        command.set_token(a_token());
        const bool holds = promises.has == int(hub) && !promises.token.empty() && command.token() == promises.token;
        must(fine(ours(hub).run(command, who, "ed-consultant")) == holds, "something that needs the claim's token");
    }
    void decide(std::size_t hub, const std::string& who) {
        if (busy && pick(4) > 0) return;
        auto command = about<DecideReview>();
        command.set_token(a_token());
        command.set_pathway(pick(2) == 0 ? ADVICE : CONVEY_TO_ED);
        *command.mutable_rationale() = sealed("why");
        const bool holds = promises.has == int(hub) && !promises.token.empty() && command.token() == promises.token;
        must(fine(ours(hub).run(command, who, "ed-consultant")) == holds, "a decision");
    }
    void reject(std::size_t hub, const std::string& who) {
        if (busy && pick(4) > 0) return;
        auto command = about<RejectReview>();
        command.set_token(a_token());
        command.set_reason(FC);
        const bool holds = promises.has == int(hub) && !promises.token.empty() && command.token() == promises.token;
        must(fine(ours(hub).run(command, who, "ed-consultant")) == holds, "a rejection");
    }
    void take_back(std::size_t hub, const std::string& who) {
        auto undo = about<UndoOutcome>();
        undo.set_reason_code("slip");
        auto reopen = about<ReopenReview>();
        reopen.set_reason_code("rang-back");
        const bool may = promises.over && promises.has == int(hub);
        const auto outcome =
            pick(2) == 0 ? ours(hub).run(undo, who, "ed-consultant") : ours(hub).run(reopen, who, "ed-consultant");
        must(may || outcome.events.empty(), "taken back where it was not decided");
    }

    void offer(std::size_t hub, const std::string& who) {
        const auto to = std::size_t(pick(int(Region::size)));
        TransferReview command = about<TransferReview>();
        command.set_to_hub(Region::names[to]);
        command.set_token(a_token());
        command.set_reason_code("beds-there");
        const auto& route = promises.route;
        const bool been = std::find(route.begin(), route.end(), to) != route.end();
        const bool back = route.size() > 1 && route[route.size() - 2] == to;
        const bool holds = !lease_is_live(hub) || command.token() == promises.token;
        const bool other = !promises.offer.empty() && promises.offered_to != command.to_hub();
        const bool may = open_at(hub) && to != hub && (!been || back) && holds && !other;
        must(fine(ours(hub).run(command, who, "ed-consultant")) == may, "an offer");
    }
    void withdraw(std::size_t hub, const std::string& who) {
        ours(hub).run(about<WithdrawTransfer>(), who, "ed-consultant");
        follow();
        must(!open_at(hub) || promises.offer.empty(), "withdrawn, and it stands");
    }
    // Any offer that this hub has heard of, answered before or not.
    void answer(std::size_t hub) {
        std::vector<std::string> offers;
        ours(hub).each("transfer",
                       [&](const runtime::AggregateId& id, const runtime::Aggregate&) { offers.push_back(id.id); });
        if (offers.empty()) return;
        const auto& id = pick(3) == 0 ? offers[std::size_t(pick(int(offers.size())))] : offers.back();
        const bool may = ours(hub).transfer(id).status() == OFFERED;
        const auto outcome = pick(4) == 0 ? ours(hub).decline(id) : ours(hub).accept(id);
        must(fine(outcome) == may, "an answer to an offer");
    }

    void escalate(std::size_t hub, const std::string& who) {
        auto command = about<EscalateReview>();
        command.set_to_category(categories[std::size_t(pick(2))]);
        const bool known = ours(hub).has_review();
        const bool lower = clinical::urgency_rank(command.to_category()) > clinical::urgency_rank(promises.category);
        const auto outcome = ours(hub).run(command, who, "ed-consultant");
        if (open_at(hub)) must(fine(outcome) == !lower, "an escalation");
        if (known && promises.has != int(hub)) must(fine(outcome), "an escalation where the case is no longer");
        if (!fine(outcome) || outcome.events.empty()) return;
        worst_said = std::min(worst_said, clinical::urgency_rank(command.to_category()));
    }
    void downgrade(std::size_t hub, const std::string& who) {
        auto command = about<DowngradeReview>();
        command.set_to_category(categories[std::size_t(2 + pick(3))]);
        command.set_reason_code("settled");
        const bool lower = clinical::urgency_rank(command.to_category()) > clinical::urgency_rank(promises.category);
        must(fine(ours(hub).run(command, who, "ed-consultant")) == (open_at(hub) && lower), "a downgrade");
    }
    void call(std::size_t hub, const std::string& who) {
        if (pick(2) == 0) {
            auto plan = about<PlanWelfareCall>();
            plan.set_within_minutes(std::uint32_t(1 + pick(30)));
            must(fine(ours(hub).run(plan, who, "ed-consultant")) == open_at(hub), "a promised call");
            return;
        }
        auto contact = about<RecordContactAttempt>();
        contact.set_outcome("answered");
        contact.set_method("phone");
        ours(hub).run(contact, who, "ed-consultant");
    }
    void note(std::size_t hub, const std::string& who) {
        auto command = about<AddNote>();
        *command.mutable_text() = sealed("n");
        must(fine(ours(hub).run(command, who, "nurse")) == ours(hub).has_review(), "a note");
    }

    void somebody(std::size_t hub) {
        if (!region.attended(hub)) return;
        const std::string who = pick(2) == 0 ? "b" : "c";
        if (promises.over && pick(4) > 0) return take_back(hub, pick(2) == 0 ? promises.ended_by : who);
        if (!promises.token.empty() && pick(8) == 0) return escalate(hub, promises.holder);
        if (!promises.token.empty() && pick(12) == 0) return reject(hub, who);
        if (!promises.token.empty() && pick(4) == 0) return with_token<StartConsultation>(hub, who);
        if (cancelled && !promises.token.empty())
            return pick(2) == 0 ? with_token<ReleaseClaim>(hub, who) : decide(hub, who);
        switch (pick(20)) {
            case 0:
            case 1:
                return claim(hub, who);
            case 2:
                return take_over(hub, who);
            case 3:
                return with_token<StartConsultation>(hub, who);
            case 4:
                return with_token<ReleaseClaim>(hub, who);
            case 5:
                return with_token<RenewClaim>(hub, who);
            case 6:
                return decide(hub, who);
            case 7:
                return reject(hub, who);
            case 8:
                return take_back(hub, who);
            case 9:
                return withdraw(hub, who);
            case 10:
                return escalate(hub, who);
            case 11:
                return downgrade(hub, who);
            case 12:
                return call(hub, who);
            case 13:
                return note(hub, who);
            case 14:
            case 15:
            case 16:
                return answer(hub);
            default:
                return offer(hub, who);
        }
    }

    // The way that most transfers go, left wherever chance leaves it.
    void go_over(std::size_t from) {
        const auto to = (from + 1 + std::size_t(pick(2))) % Region::size;
        auto command = about<TransferReview>();
        command.set_to_hub(Region::names[to]);
        command.set_token(promises.token);
        command.set_reason_code("beds-there");
        ours(from).run(command, "b", "ed-consultant");
        const auto hears = [&](std::size_t here, std::size_t there) {
            while (region.hear(here, there)) {
            }
            at_every_moment();
            return pick(5) > 0;
        };
        if (!hears(to, from) || promises.offer.empty() || !region.attended(to)) return;
        ours(to).accept(promises.offer);
        follow();
        static_cast<void>(hears(from, to) && hears(to, from) && hears(from, to));
    }

    void bad_day() {
        const auto hub = std::size_t(pick(int(Region::size)));
        if (pick(2) == 0) {
            region.down_until[hub] = region.now() + pick(10) * minute;
        } else if (region.attended(hub)) {
            region.gone_until[hub] = region.now() + pick(40) * minute;
            signed_off[hub] = pick(2) == 0;
            if (signed_off[hub]) region.sign_off(hub);
        }
    }
    void come_back() {
        for (std::size_t hub = 0; hub < Region::size; ++hub) {
            if (!signed_off[hub] || !region.attended(hub)) continue;
            region.sign_on(hub);
            signed_off[hub] = false;
        }
    }

    void step() {
        region.pass(1 + (pick(5) == 0 ? pick(4) * minute : pick(10) * 1'000));
        come_back();
        const auto here = std::size_t(pick(int(Region::size)));
        const auto there = std::size_t(pick(int(Region::size)));
        const int what = pick(24);
        if (what < 8) {
            const bool all = pick(2) == 0;
            while (region.hear(here, there) && all) {
            }
        } else if (what == 8) {
            region.hear_again(here, there);
        } else if (what == 9) {
            region.fire(here);
        } else if (what < 12) {
            sender();
        } else if (what == 12) {
            bad_day();
        } else if (what == 13) {
            settle();
        } else if (what < 16 && promises.has != Promises::on_its_way) {
            if (region.attended(std::size_t(promises.has))) go_over(std::size_t(promises.has));
        } else {
            somebody(pick(3) > 0 && promises.has != Promises::on_its_way ? std::size_t(promises.has) : here);
        }
        at_every_moment();
    }

    // Everybody goes; and then one comes, and decides.
    void end() {
        while (!on_its_way.empty()) arrives(0);
        settle();
        region.pass(180 * minute);
        settle();
        must(promises.token.empty(), "held by somebody who is long gone");
        if (promises.over) return;
        const auto hub = std::size_t(promises.has);
        claim(hub, "b");
        ours(hub).decide(ours(hub).token());
        settle();
        must(promises.over, "decided, and it is not over");
    }
};

}  // namespace

TEST_CASE("Model: whatever people, senders, clocks and messages do, a case between hubs keeps what is promised of it") {
    std::map<std::string, int> made;
    // Few choices first, and so a short history of what goes wrong: to shrink a long one would take minutes.
    const auto choices = rc::gen::noShrink(rc::gen::withSize([](int size) {
        const auto one = rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0U, 1'000'000U));
        return rc::gen::container<std::vector<unsigned>>(std::size_t(50 + 8 * size), one);
    }));
    for (const char* round : {"first", "second", "third"}) {
        const bool held = rc::check(std::string("a case between hubs, ") + round, [&] {
            Model model(*choices);
            while (!model.chance.empty()) model.step();
            model.end();
            for (const auto& [name, times] : model.promises.made) made[name] += times;
        });
        CHECK(held);
    }
    // The runs reached what they are about.
    CHECK(made["ReviewTransferred"] > 100);
    CHECK(made["PassedOn"] > 50);
    CHECK(made["TransferEnded not-answered"] > 10);
    CHECK(made["TransferEnded claimed"] > 10);
    for (const char* each :
         {"TransferDeclined", "TransferEnded withdrawn", "TransferEnded ended", "ReviewDecided told",
          "ReviewCancelled told", "ReviewBreached told", "ConsultationStarted told", "CancellationNoted"}) {
        INFO(each);
        CHECK(made[each] > 0);
    }
}
