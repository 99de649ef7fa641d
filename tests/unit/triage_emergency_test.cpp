// What a decision says of an ambulance: whether it is an emergency, at which category, and what was asked of whom.
#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

struct Deciding : Hub {
    Deciding() {
        run(queue(now + 60 * minute));
        claim("x");
    }
    DecideReview command(Pathway pathway, intake::Category category = intake::CATEGORY_UNSPECIFIED) {
        auto decide = about<DecideReview>();
        decide.set_token(token());
        decide.set_pathway(pathway);
        decide.set_category(category);
        decide.set_rationale_code("code");
        return decide;
    }
    ReviewDecided decided(const DecideReview& decide) {
        const auto outcome = run(decide, "x", "ed-consultant");
        REQUIRE(outcome.names() == Names{"ReviewDecided"});
        return runtime::must_be<ReviewDecided>(*outcome.events[0].payload);
    }
};

}  // namespace

TEST_CASE("An ambulance at C1 or C2 is an emergency; a lower category, or no ambulance, is none") {
    const auto is_emergency = [](Pathway pathway, intake::Category category) {
        Deciding hub;
        return hub.decided(hub.command(pathway, category)).emergency();
    };
    for (const auto category : {intake::C1, intake::C2, intake::HCP2, intake::IFT1}) {
        CHECK(is_emergency(AMBULANCE_RESPONSE, category));
        CHECK(is_emergency(CONVEY_TO_ED, category));
        CHECK_FALSE(is_emergency(ADVICE, category));
    }
    for (const auto category : {intake::C3, intake::C5, intake::CATEGORY_UNSPECIFIED}) {
        CHECK_FALSE(is_emergency(AMBULANCE_RESPONSE, category));
    }
}

TEST_CASE("A decision for an ambulance that names no category stands at the review's own, raised or not") {
    Deciding hub;
    auto escalate = hub.about<EscalateReview>();
    escalate.set_to_category(intake::C2);
    escalate.set_reason_code("worse");
    hub.run(escalate, "x", "ed-consultant");
    const auto decided = hub.decided(hub.command(AMBULANCE_RESPONSE));
    CHECK(decided.category() == intake::C2);
    CHECK(decided.emergency());
    Deciding other;
    CHECK(other.decided(other.command(ADVICE)).category() == intake::CATEGORY_UNSPECIFIED);
}

TEST_CASE("The number of the ambulance that was asked for goes with an ambulance only, and is no free text") {
    Deciding hub;
    auto decide = hub.command(ADVICE);
    decide.set_ambulance_reference("S2601280042");
    CHECK(hub.run(decide, "x", "ed-consultant").code() == INVALID);
    decide.set_pathway(AMBULANCE_RESPONSE);
    for (const auto* text : {"Mr Smith", "S2601280042;", "12345678901234567890123456789012345678901"}) {
        decide.set_ambulance_reference(text);
        CHECK(hub.run(decide, "x", "ed-consultant").code() == INVALID);
    }
    decide.set_ambulance_reference("S2601280042");
    CHECK(hub.decided(decide).ambulance_reference() == "S2601280042");
}
