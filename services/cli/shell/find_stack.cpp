#include "services/cli/shell/find_stack.hpp"

#include <filesystem>
#include <fstream>
#include <optional>

namespace rightplace::cli {
namespace fs = std::filesystem;
namespace {

std::optional<fs::path> marked_above(fs::path at) {
    std::error_code ignored;
    while (!at.empty()) {
        std::ifstream mark(at / current_mark);
        std::string line;
        if (mark && std::getline(mark, line) && !line.empty()) {
            const fs::path state(line);
            return state.is_absolute() ? state : at / state;
        }
        if (at == at.root_path()) break;
        at = at.parent_path();
    }
    return std::nullopt;
}

}  // namespace

OrWhy<std::string> find_stack(const Places& places) {
    std::error_code ignored;
    if (!places.state.empty()) {
        const fs::path file = fs::path(places.state) / stack_file;
        if (fs::exists(file, ignored)) return file.string();
        return Failure{"no stack in " + places.state + ": there is no " + stack_file +
                       " in it; start one with compose/up --state " + places.state};
    }
    for (const auto& start : {fs::path(places.executable).parent_path(), fs::path(places.working)}) {
        const auto state = marked_above(start);
        if (state && fs::exists(*state / stack_file, ignored)) return (*state / stack_file).string();
    }
    return Failure{std::string("no running stack found: start one with compose/up, or name it with --state DIR")};
}

Places these_places(const std::string& state) {
    std::error_code ignored;
    return {state, fs::read_symlink("/proc/self/exe", ignored).string(), fs::current_path(ignored).string()};
}

}  // namespace rightplace::cli
