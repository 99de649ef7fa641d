// Several clinicians, random commands and a clock, against a small model that knows only the
// promises: one live claim, completion fenced by its token and nothing else by anything, one breach.
#include <rapidcheck.h>

#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/triage_domain.hpp"
#include "tests/unit/domain_harness.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using rightplace::test::Harness;
using rightplace::test::Outcome;
using rightplace::test::sealed;

namespace {

const TriageDomain domain({});

struct Model {
    explicit Model(std::vector<unsigned> drawn) : chance(std::move(drawn)), hub(domain) {
        QueueReview queue;
        queue.set_case_id("c1");
        queue.mutable_facts()->set_origin(intake::VALIDATION_999);
        breach_at = hub.now + (1 + pick(600)) * 1'000;
        *queue.mutable_facts()->mutable_breach_at() = to_timestamp(breach_at);
        hub.run(queue);
        SignOn on;
        on.set_staff_id("clinician-1");
        hub.run(on, "clinician-1");
    }

    std::vector<unsigned> chance;  // what is left to choose by, the next one last; then always the first of the choices
    Harness hub;
    TimeMs breach_at = 0;
    std::string handed_to;  // empty: to nobody
    TimeMs handed_at = 0;
    int handed_over = 0;
    std::vector<std::string> tokens{"none"};  // every token ever given, by position of its clinician
    std::string live;                         // the live claim's token; empty: none
    TimeMs lease_until = 0;
    int breaches = 0;
    int taken_over = 0;
    bool ended = false;
    TimeMs ended_at = 0;
    std::string ended_by;
    int taken_back = 0;
    int outcomes = 0;

    int pick(int below) {
        if (chance.empty()) return 0;
        const unsigned drawn = chance.back();
        chance.pop_back();
        return int(drawn % unsigned(below));
    }
    template <typename T>
    T about() {
        T command;
        command.set_case_id("c1");
        return command;
    }
    const ReviewState& review() { return hub.state<ReviewState>("review", "c1"); }

    void follow(const Outcome& outcome) {
        for (const auto& made : outcome.events) {
            const std::string name = made.payload->GetDescriptor()->name();
            if (name == "ReviewClaimed") {
                REQUIRE(live.empty());  // at most one live claim
                handed_to.clear();
                live = made.event.event_id();
                tokens.push_back(live);
                lease_until = hub.now + 120'000;
            } else if (name == "ReviewTakenOver") {
                REQUIRE_FALSE(live.empty());
                REQUIRE(lease_until > hub.now);
                ++taken_over;
                handed_to.clear();
                live = made.event.event_id();
                tokens.push_back(live);
                lease_until = hub.now + 120'000;
            } else if (name == "ClaimReleased" || name == "ClaimLapsed") {
                REQUIRE_FALSE(live.empty());
                if (name == "ClaimLapsed") REQUIRE(lease_until <= hub.now);
                if (name == "ClaimReleased") handed_to.clear();
                live.clear();
            } else if (name == "ConsultationStarted" || name == "HandoverWithdrawn") {
                handed_to.clear();  // the giver works on it after all
            } else if (name == "ReviewBreached") {
                REQUIRE(++breaches == 1);
                REQUIRE(hub.now >= breach_at);
                REQUIRE_FALSE(ended);
            } else if (name == "ReviewReopened") {
                REQUIRE(ended);
                ended = false;
                if (!static_cast<const ReviewReopened&>(*made.payload).has_holder()) continue;
                live = made.event.event_id();
                tokens.push_back(live);
                lease_until = hub.now + 120'000;
            } else if (name == "ReviewDecided" || name == "ReviewRejected") {
                REQUIRE_FALSE(ended);
                ended = true;
                ended_at = hub.now;
                ++outcomes;
                ended_by = made.event.actor().id();
                live.clear();
                handed_to.clear();
            }
        }
        REQUIRE(review().has_claim() == !live.empty());
        REQUIRE(review().handover().to_staff_id() == handed_to);  // it ends with the next claim, or with the review
    }

    void never_fenced() {
        if (pick(2) == 0) {
            auto note = about<AddNote>();
            *note.mutable_text() = sealed("n");
            const auto outcome = hub.run(note, "anyone");
            REQUIRE(outcome.names() == std::vector<std::string>{"NoteAdded"});
            return follow(outcome);
        }
        auto escalate = about<EscalateReview>();
        escalate.set_to_category(intake::C1);
        const auto outcome = hub.run(escalate, "anyone");
        REQUIRE(outcome.code() == (ended ? WRONG_STATE : REFUSAL_CODE_UNSPECIFIED));
        follow(outcome);
    }

    void complete() {
        const std::string token = tokens[std::size_t(pick(int(tokens.size())))];
        Outcome outcome;
        if (pick(3) == 0) {
            auto reject = about<RejectReview>();
            reject.set_token(token);
            reject.set_reason(FC);
            outcome = hub.run(reject, "x", "nurse");
        } else {
            auto decide = about<DecideReview>();
            decide.set_token(token);
            decide.set_pathway(ADVICE);
            *decide.mutable_rationale() = sealed("why");
            outcome = hub.run(decide, "x", "nurse");
            if (token != live) REQUIRE(outcome.names() == std::vector<std::string>{"NoteAdded"});
        }
        REQUIRE(outcome.code() == (token == live ? REFUSAL_CODE_UNSPECIFIED : STALE_TOKEN));
        follow(outcome);
    }

    void with_token() {
        const std::string token = tokens[std::size_t(pick(int(tokens.size())))];
        const bool is_live = token == live;
        Outcome outcome;
        const int which = pick(3);
        if (which == 0) {
            auto consult = about<StartConsultation>();
            consult.set_token(token);
            outcome = hub.run(consult, "x");
        } else if (which == 1) {
            auto release = about<ReleaseClaim>();
            release.set_token(token);
            outcome = hub.run(release, "x");
        } else {
            auto renew = about<RenewClaim>();
            renew.set_token(token);
            outcome = hub.run(renew, "x");
            if (is_live) lease_until = hub.now + 120'000;
        }
        REQUIRE(outcome.code() == (is_live ? REFUSAL_CODE_UNSPECIFIED : STALE_TOKEN));
        follow(outcome);
    }

    void claim() {
        const bool free = !ended && (live.empty() || lease_until <= hub.now);
        const auto outcome = hub.run(about<ClaimReview>(), "clinician-" + std::to_string(pick(4)));
        REQUIRE((outcome.code() == REFUSAL_CODE_UNSPECIFIED) == free);
        follow(outcome);
    }

    // Never refused for a claim: only for being one's own, or for the review's end.
    void take_over() {
        auto command = about<TakeOverReview>();
        command.set_reason_code("unreachable");
        const std::string who = "clinician-" + std::to_string(pick(4));
        const bool own = !live.empty() && lease_until > hub.now && review().claim().holder().id() == who;
        const auto outcome = hub.run(command, who);
        REQUIRE((outcome.code() == REFUSAL_CODE_UNSPECIFIED) == (!ended && !own));
        follow(outcome);
    }

    // Under the live token, to the one colleague on shift, and not to oneself. The claim stays where it is.
    void hand_over() {
        auto command = about<HandOverReview>();
        command.set_token(pick(3) == 0 ? tokens[std::size_t(pick(int(tokens.size())))] : live);
        command.set_to_staff_id("clinician-" + std::to_string(pick(2)));
        const bool to_oneself = review().claim().holder().id() == command.to_staff_id();
        const auto outcome = hub.run(command, "x");
        const bool good =
            !live.empty() && command.token() == live && command.to_staff_id() == "clinician-1" && !to_oneself;
        REQUIRE((outcome.code() == REFUSAL_CODE_UNSPECIFIED) == good);
        if (good) handed_to = command.to_staff_id(), handed_at = hub.now;
        if (!outcome.events.empty()) lease_until = hub.now + 120'000;
        follow(outcome);
    }
    void withdraw() {
        auto command = about<WithdrawHandover>();
        command.set_token(tokens[std::size_t(pick(int(tokens.size())))]);
        const auto outcome = hub.run(command, "x");
        REQUIRE((outcome.code() == REFUSAL_CODE_UNSPECIFIED) == (!live.empty() && command.token() == live));
        follow(outcome);
    }
    void acknowledge() {
        const std::string who = "clinician-" + std::to_string(pick(2));
        const bool holds = review().claim().holder().id() == who;
        const bool stands = hub.now - handed_at <= clinical::handover_stands_ms(nullptr);
        const bool mine = who == handed_to && !holds && stands;
        const auto outcome = hub.run(about<AcknowledgeHandover>(), who);
        REQUIRE((outcome.code() == REFUSAL_CODE_UNSPECIFIED) == (mine || (holds && !ended)));
        follow(outcome);
        if (!mine) {
            REQUIRE(outcome.events.empty());
            return;
        }
        REQUIRE(review().claim().holder().id() == who);
        ++handed_over;
    }

    // Undone within five minutes by whoever ended it, reopened within a day by anybody; and nothing else.
    void take_back() {
        const std::string who = pick(2) == 0 ? "x" : "clinician-" + std::to_string(pick(4));
        if (pick(8) == 0) hub.now += pick(30) * 3'600'000LL;
        const TimeMs since = hub.now - ended_at;
        Outcome outcome;
        bool may = false;
        if (pick(2) == 0) {
            auto undo = about<UndoOutcome>();
            undo.set_reason_code("slip");
            outcome = hub.run(undo, who);
            may = ended && who == ended_by && since <= 5 * 60'000;
        } else {
            auto reopen = about<ReopenReview>();
            reopen.set_reason_code("rang-back");
            outcome = hub.run(reopen, who);
            may = ended && since <= 24 * 3'600'000LL;
        }
        REQUIRE((outcome.code() == REFUSAL_CODE_UNSPECIFIED) == may);
        taken_back += may ? 1 : 0;
        follow(outcome);
    }

    void scanners() {
        auto lapse = about<LapseClaim>();
        lapse.set_token(tokens[std::size_t(pick(int(tokens.size())))]);
        follow(hub.run(lapse));
        auto breach = about<BreachReview>();
        *breach.mutable_due() = to_timestamp(breach_at);
        const bool due = hub.now >= breach_at && !ended;
        follow(hub.run(breach));
        REQUIRE((!due || breaches == 1));  // none passes in silence
    }

    void step() {
        hub.now += pick(4) == 0 ? pick(90) * 1'000 : 0;
        const int what = pick(27);
        if (what >= 25) return take_back();
        if (what == 24) return withdraw();
        if (what >= 22) return acknowledge();
        if (what >= 20) return hand_over();
        if (what < 5) return claim();
        if (what < 7) return take_over();
        if (what < 11) return never_fenced();
        if (what < 15) return with_token();
        if (what < 19) return scanners();
        complete();
    }
};

}  // namespace

TEST_CASE("Random clinicians never break the promises of a claim") {
    int decided = 0, taken_back = 0, breached = 0, taken_over = 0, replaced = 0, handed_over = 0;
    constexpr std::size_t choices = 1'000;  // for so many steps as do not use them up
    const auto one = rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0U, 1'000'000U));
    const bool held = rc::check("the promises of a claim", [&] {
        Model model(*rc::gen::container<std::vector<unsigned>>(choices, one));
        while (!model.chance.empty()) model.step();
        decided += model.outcomes;
        taken_back += model.taken_back;
        breached += model.breaches;
        taken_over += model.taken_over;
        handed_over += model.handed_over;
        replaced += model.tokens.size() > 2 ? 1 : 0;
    });
    CHECK(held);
    // The runs reached what they are about.
    CHECK(decided > 20);
    CHECK(taken_back > 20);
    CHECK(breached > 20);
    CHECK(taken_over > 20);
    CHECK(handed_over > 20);
    CHECK(replaced > 20);
}
