#include "services/cli/domain/table.hpp"

#include <algorithm>

#include "services/cli/domain/words.hpp"

namespace rightplace::cli {
namespace {

std::size_t signs(const std::string& text) {  // code points: a UTF-8 name must not shift its line
    return std::size_t(std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

}  // namespace

std::vector<std::string> table_lines(const std::vector<Row>& given) {
    std::vector<Row> rows = given;
    for (auto& row : rows) {
        for (auto& cell : row) cell = printable(cell);
    }
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], signs(row[i]));
    }
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i] + std::string(widths[i] - signs(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace rightplace::cli
