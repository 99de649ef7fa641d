#include "common/base/invariant.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace rightplace {
namespace {
thread_local bool in_domain = false;
}

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
