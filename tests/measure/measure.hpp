// What the benchmarks share: times, and their spread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace rightplace::measure {

using Moment = std::chrono::steady_clock::time_point;

inline Moment moment() {
    return std::chrono::steady_clock::now();
}

inline double ms_since(Moment start) {
    return std::chrono::duration<double, std::milli>(moment() - start).count();
}

struct Spread {  // milliseconds
    double p50 = 0, p99 = 0, max = 0;
};

inline Spread spread(std::vector<double> all) {
    std::sort(all.begin(), all.end());
    return {all[all.size() / 2], all[all.size() * 99 / 100], all.back()};
}

template <typename F>
Spread timed(int times, F once) {
    std::vector<double> all;
    for (int i = 0; i < times; ++i) {
        const auto start = moment();
        once(i);
        all.push_back(ms_since(start));
    }
    return spread(std::move(all));
}

inline void print(const char* what, const Spread& spread) {
    std::printf("%-46s p50 %7.3f ms   p99 %7.3f ms   max %8.3f ms\n", what, spread.p50, spread.p99, spread.max);
}

}  // namespace rightplace::measure
