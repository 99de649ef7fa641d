// The queue as a whole: whom it offers, over any run of arrivals and of people who take what they are offered.
#include <rapidcheck.h>

#include "tests/unit/triage_bench.hpp"

using namespace rightplace;
using namespace rightplace::triage;
using namespace rightplace::triage::bench;

namespace {

constexpr TimeMs allowed = 120 * minute;  // of a C3, by the bench's policy

// What waits, as a plain list: by case, the moment by which somebody must have seen to it.
struct Queue : Hub {
    std::map<std::string, TimeMs> waiting;
    int arrived = 0;

    void arrives(TimeMs breach_in) {
        auto command = queue(now + breach_in);
        command.set_case_id("case-" + std::to_string(++arrived));
        command.set_case_number("N-" + std::to_string(arrived));
        run(command);
        waiting[command.case_id()] = now + std::min(breach_in, allowed);
    }
    // Takes and decides what is offered; false: nothing is.
    bool take() {
        GetNext get;
        get.set_staff_id("a");
        const auto answer = domain.query({&get, nullptr, 0}, context());
        RC_ASSERT(answer.ok());
        const auto& next = static_cast<const NextReply&>(*answer.value());
        RC_ASSERT(next.waiting() == waiting.size());
        RC_ASSERT(next.has_review() == !waiting.empty());
        if (!next.has_review()) return false;
        const auto id = next.review().case_id();
        RC_ASSERT(waiting.contains(id));
        for (const auto& [other, deadline] : waiting) RC_ASSERT(waiting.at(id) <= deadline);
        ClaimReview claim;
        claim.set_case_id(id);
        run(claim, "a", "nurse");
        DecideReview decide;
        decide.set_case_id(id);
        decide.set_token(state<ReviewState>("review", id).claim().token());
        decide.set_pathway(ADVICE);
        decide.set_rationale_code("self-care");
        RC_ASSERT(run(decide, "a", "nurse").code() == REFUSAL_CODE_UNSPECIFIED);
        waiting.erase(id);
        return true;
    }
};

}  // namespace

TEST_CASE("Model: nobody is passed over for one whose time comes later, and everybody is taken in the end") {
    const bool held = rc::check("nothing starves", [] {
        const auto one = rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 600));
        const auto acts = *rc::gen::container<std::vector<int>>(60, one);
        Queue hub;
        for (const int act : acts) {
            hub.now += minute / 2;
            if (act % 3 == 0) {
                hub.take();
            } else {
                hub.arrives((1 + act) * minute / 2);
            }
        }
        const auto left = hub.waiting.size();
        for (std::size_t i = 0; i < left; ++i) RC_ASSERT(hub.take());
        RC_ASSERT(!hub.take());
    });
    CHECK(held);
}
