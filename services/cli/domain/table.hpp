// A plain text table: columns as wide as their widest cell, two spaces between, no trailing space.
#pragma once

#include <string>
#include <vector>

namespace rightplace::cli {

using Row = std::vector<std::string>;

// One line per row, without its line end; rows[0] is the heading. Colour is the caller's, per whole line.
std::vector<std::string> table_lines(const std::vector<Row>& rows);

}  // namespace rightplace::cli
