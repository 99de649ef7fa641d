// Every effect of a simulated process passes its gate: the place where it can be made to die between
// any two of them.
#pragma once

#include <cstdint>
#include <functional>

namespace rightplace::sim {

class Gate {
   public:
    // After `effects` more effects the process dies: just before the next one, or just after it, so that
    // it happens and the process never hears of it.
    void die_after(std::int64_t effects, bool before, std::function<void()> die) {
        left_ = effects;
        before_ = before;
        die_ = std::move(die);
    }
    // False: it does not happen, the process is as good as dead.
    bool effect() {
        if (dying_) return false;
        if (left_ < 0 || left_-- > 0) return true;
        dying_ = true;
        die_();
        return !before_;
    }
    bool dying() const { return dying_; }

   private:
    std::int64_t left_ = -1;
    bool before_ = false;
    bool dying_ = false;
    std::function<void()> die_;
};

}  // namespace rightplace::sim
