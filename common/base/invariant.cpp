#include "common/base/invariant.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace rightplace {
namespace {
// Aligned like the section that follows it: mold 1.10 begins the pages that are made read-only at this byte, and when
// it was the last of its page, that page was not mapped and the program did not start.
alignas(16) thread_local bool in_domain = false;
}  // namespace

DomainScope::DomainScope() : before_(in_domain) {
    in_domain = true;
}

DomainScope::~DomainScope() {
    in_domain = before_;
}

void invariant_broken(const char* what, const char* file, int line) {
    if (in_domain) {
        throw BrokenInvariant(std::string(what) + " at " + file + ":" + std::to_string(line));
    }
    std::fprintf(stderr, "INVARIANT broken: %s at %s:%d\n", what, file, line);
    std::abort();
}

}  // namespace rightplace
