// audit: journal, feed and proofs of every hub of a stack. This file only wires parts together.
#include <cstdio>

#include "common/config/load.hpp"
#include "common/program/real_world.hpp"
#include "services/audit/shell/audit_program.hpp"

int main(int argc, char** argv) {
    using namespace rightplace;
    const auto parsed = config::parse_args(argc, argv, "audit");
    if (const auto* leave = std::get_if<config::Exit>(&parsed)) return leave->code;
    const auto& stack = std::get<config::Stack>(parsed);

    auto world = program::RealWorld::build_or_exit(stack, "audit");
    auto opened = audit::AuditProgram::open(*world);
    if (!opened.ok()) {
        std::fprintf(stderr, "audit cannot start: %s\n", opened.error().c_str());
        return 1;
    }
    auto& audit = *opened.value();
    audit.start();
    return world->run([&audit](std::string& why_not) { return audit.ready(why_not); }, [&audit] { audit.show(); });
}
