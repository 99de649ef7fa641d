// The hubs' policies as compose/hubs has them.
#pragma once

#include <fstream>
#include <string>

#include "common/base/result.hpp"

namespace rightplace::testing {

inline std::string shipped_policy(const std::string& hub) {
    std::ifstream file(SOURCE_DIR "/compose/hubs/" + hub + "/policy.textproto");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    INVARIANT(!text.empty());
    return text;
}

// With another word on who must be there for a case; by default nobody must, for what runs at any hour. Pathways take
// patients at any hour then, too.
inline std::string with_attendance(std::string policy, const std::string& attendance = {}) {
    const auto begin = policy.find("\nattendance {\n");
    const auto end = policy.find("\n}\n", begin);
    INVARIANT(begin != std::string::npos && end != std::string::npos);
    policy.replace(begin + 1, end + 2 - begin, attendance);
    for (auto at = policy.find("    takes_patients {\n"); at != std::string::npos;
         at = policy.find("    takes_patients {\n")) {
        policy.erase(at, policy.find("\n    }\n", at) + 7 - at);
    }
    const auto closed = policy.find("    not_offered { pathway: \"ucr\" code: \"closed\" }\n");
    INVARIANT(closed != std::string::npos);
    return policy.erase(closed, policy.find('\n', closed) + 1 - closed);
}

}  // namespace rightplace::testing
