// gzip (RFC 1952), as HTTP's Content-Encoding names it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace rightplace::http {

std::string gzip(std::string_view bytes);

enum class GunzipError {
    broken,    // no gzip, cut off, damaged, or followed by something else
    too_large  // it would hold more than `max_bytes`; no more than that was ever unpacked
};
Result<std::string, GunzipError> gunzip(std::string_view bytes, std::size_t max_bytes);

}  // namespace rightplace::http
