// The secret that a hub's messages are signed with: a file of one line, made at the first start, never logged.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "common/base/seams.hpp"

namespace rightplace::alerts {

// Its bytes. The error is a sentence that names the file.
Result<std::string, std::string> read_or_make_secret(const std::string& path, seams::Random& random);

}  // namespace rightplace::alerts
