// Header fields of a request, as HTTP has them: names in any case, lists over several fields.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rightplace::bars {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

std::string_view trimmed(std::string_view text);
// The first field of that name (given in lower case), trimmed; empty when there is none.
std::string_view header_value(const HeaderFields& fields, std::string_view name);
// All fields of that name as one comma-separated list (RFC 9110 section 5.2).
std::string header_list(const HeaderFields& fields, std::string_view name);
// The parts between separators, trimmed. One empty part when the text is empty.
std::vector<std::string_view> parts_of(std::string_view text, char by);
std::vector<std::string_view> parts_of(std::string&& text, char by) = delete;  // the parts are the text's

}  // namespace rightplace::bars
