// What chance seldom brings about by itself, and hubs where somebody must be there for a case. Drawn when all else of a
// plan is: what a seed means otherwise does not depend on them.
#pragma once

#include <string>

#include "tests/sim/history/plan.hpp"
#include "tests/sim/world/time.hpp"

namespace rightplace::sim {

// Mostly early, so that a long day still has company at its troubles.
std::int64_t some_moment(SimRandom& random, const Plan& plan);

class WorstMoments {
   public:
    WorstMoments(SimRandom& random, Plan& plan) : random_(random), plan_(plan) {}
    void draw();

   private:
    void call_as_it_falls_due();
    void breach_after_take_over();
    void attended();
    void text_before_its_key();
    void acceptance_that_crosses();
    void second_thoughts();
    void taken_back_at_breach();
    void differing_views();
    Arrival& one_more(Arrives kind, std::int64_t at, std::int64_t breach_in);
    void add(Trouble kind, std::int64_t at, const std::string& party, std::int64_t for_ms);
    std::int64_t moment() { return some_moment(random_, plan_); }

    SimRandom& random_;
    Plan& plan_;
};

}  // namespace rightplace::sim
