#include "common/program/files.hpp"

#include <fstream>
#include <sstream>

namespace rightplace::program {

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace rightplace::program
