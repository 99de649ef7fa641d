// What befalls a town: each misfortune of a plan, at its time, and its end.
#pragma once

#include "tests/sim/history/people.hpp"
#include "tests/sim/history/plan.hpp"
#include "tests/sim/world/town.hpp"

namespace rightplace::sim {

class Misfortunes {
   public:
    Misfortunes(Town& town, People& people) : town_(town), people_(people) {}
    void expect(const std::vector<Misfortune>& all);
    void end_all();  // whatever still holds: mended, resumed, started

   private:
    void met(const Misfortune& one);
    void befall(const Misfortune& one);
    void befall_redis(const Misfortune& one);
    void fail_over(const Misfortune& one);
    void second_instance(const Misfortune& one, std::uint32_t newer_fold);
    void later(const Misfortune& one, std::function<void()> end);

    Town& town_;
    People& people_;
    std::vector<std::string> at_first_;  // the processes that there were before any misfortune
    bool over_ = false;
    std::map<std::string, std::uint32_t> newest_fold_;  // by service
};

}  // namespace rightplace::sim
