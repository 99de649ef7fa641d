// Completions may outlive the one who asked (a crash in the simulator, a shutdown). A guarded
// function does nothing once its Alive is gone.
#pragma once

#include <memory>
#include <utility>

namespace rightplace {

class Alive {
   public:
    template <typename F>
    auto guard(F then) const {
        return [weak = std::weak_ptr<char>(token_), then = std::move(then)](auto&&... args) {
            if (!weak.expired()) then(std::forward<decltype(args)>(args)...);
        };
    }

   private:
    std::shared_ptr<char> token_ = std::make_shared<char>();
};

}  // namespace rightplace
