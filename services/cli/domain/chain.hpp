// Checks a record as it is read, trusting nothing that is said about it: seq runs without a gap, each
// `prev` is the event before, epochs never go back, and the RFC 6962 root over the bytes is told.
// On purpose it shares no code with the service that built the tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "services/cli/domain/json.hpp"

namespace rightplace::cli {

class ChainCheck {
   public:
    // The next event's bytes as stored. The error says what does not fit, and at which seq; nothing
    // after it can be trusted.
    OrWhy<Event> add(std::string_view stored);

    std::uint64_t size() const { return size_; }
    std::string root() const;  // 32 bytes, over all that was added; of none: SHA-256("")

   private:
    std::uint64_t size_ = 0;
    std::uint64_t epoch_ = 0;
    std::string last_event_id_;
    // Roots of the perfect subtrees that the size consists of, largest first: (leaves, root).
    std::vector<std::pair<std::uint64_t, std::string>> subtrees_;
};

struct KnownRoot {
    std::string root;  // 32 bytes
    std::uint64_t seq = 0;
};
OrWhy<KnownRoot> parse_root(std::string_view text);  // HEX@SEQ

struct EventFilter {
    std::string case_id;  // id or speakable number; empty: every case
    std::string name;     // "CaseOpened"; empty: every event
    std::optional<TimeMs> from;
    std::optional<TimeMs> to;  // recorded before this
};
bool matches(const EventFilter& filter, const Event& event);
std::string event_name(const Event& event);  // "CaseOpened"
std::string replay_line(const Event& event);

}  // namespace rightplace::cli
