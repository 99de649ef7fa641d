// What the judge found wrong, by the number of the invariant that was broken (README.md, the promises).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rightplace::sim {

struct Finding {
    int invariant = 0;
    std::string what;
};
class Findings {
   public:
    void add(int invariant, std::string what) {
        if (all_.size() < most) all_.push_back({invariant, std::move(what)});
    }
    const std::vector<Finding>& all() const { return all_; }

   private:
    static constexpr std::size_t most = 20;  // the first ones tell
    std::vector<Finding> all_;
};

}  // namespace rightplace::sim
