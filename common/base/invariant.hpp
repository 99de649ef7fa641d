// INVARIANT: always on, in every build. In common/ and the shells a broken one aborts. Inside a
// domain call the runtime sets DomainScope, and it unwinds instead (BrokenInvariant): the command
// is refused INTERNAL or the reaction parked, and the service lives.
#pragma once

#include <stdexcept>

namespace rightplace {

struct BrokenInvariant : std::logic_error {
    using std::logic_error::logic_error;
};

// While one lives on this thread, a broken invariant throws BrokenInvariant.
class DomainScope {
   public:
    DomainScope();
    ~DomainScope();
    DomainScope(const DomainScope&) = delete;
    DomainScope& operator=(const DomainScope&) = delete;

   private:
    bool before_;
};

[[noreturn]] void invariant_broken(const char* what, const char* file, int line);

}  // namespace rightplace

#define INVARIANT(condition) ((condition) ? void(0) : ::rightplace::invariant_broken(#condition, __FILE__, __LINE__))
