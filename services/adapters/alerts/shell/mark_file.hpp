// How far a hub's alerts were sent, on disk: written whole or not at all, and there when write() returns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.hpp"

namespace rightplace::alerts {

struct Mark {
    std::string journal_id;
    std::uint64_t seq = 0;  // everything up to it was sent, given up, or had nothing to say
};

class MarkFile {
   public:
    explicit MarkFile(std::string path) : path_(std::move(path)) {}
    // Nothing: there is none yet. The error is a sentence that names the file.
    Result<std::optional<Mark>, std::string> read() const;
    Result<bool, std::string> write(const Mark& mark) const;

   private:
    std::string path_;
};

}  // namespace rightplace::alerts
