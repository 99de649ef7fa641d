// Reading a journal file offline: verification and replay. Opens read-only; a file that audit holds is
// refused (ask audit's read socket instead). Errors are sentences for people.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "services/audit/domain/verify.hpp"
#include "services/audit/shell/journal_file.hpp"  // create_journal

namespace rightplace::audit {

struct Verification {
    std::string hub;
    std::string journal_id;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;       // up to which all is sound
    std::string root;            // 32 bytes, at seq
    std::optional<Fault> fault;  // the first
    bool sound() const { return !fault; }
};
Result<Verification, std::string> verify_journal(const std::string& path, const std::optional<KnownRoot>& known = {});

struct ReplayFilter {  // empty parts let everything through
    std::string hub = {};
    std::string case_id = {};         // or the case's speakable number
    std::string name = {};            // "CaseOpened"
    std::optional<TimeMs> from = {};  // recorded at or after
    std::optional<TimeMs> to = {};    // recorded before
};
struct ReplayRow {
    std::uint64_t seq = 0;
    TimeMs recorded = 0;
    std::string name, case_number, actor, aggregate;  // aggregate: "review/<id>"
    std::string stored;                               // the event's bytes
};
std::optional<ReplayRow> replay_row(const std::string& stored, const ReplayFilter& filter);

// Rows in seq order, until `each` answers false. Gives the count of rows told.
Result<std::uint64_t, std::string> replay_journal(const std::string& path, const ReplayFilter& filter,
                                                  const std::function<bool(const ReplayRow&)>& each);

// Stored events as protobuf JSON with the proto's own field names, one line each. Knows the messages
// from descriptor sets, not from what is linked in.
class EventJson {
   public:
    // The shipped set is tried first, then those given (a journal's own): they may know what is gone since.
    explicit EventJson(const std::vector<std::string>& descriptor_sets = {});
    ~EventJson();
    EventJson(const EventJson&) = delete;
    EventJson& operator=(const EventJson&) = delete;
    // Empty when the bytes are not a stored event, or of no message that a set knows.
    std::string line(const std::string& stored) const;

   private:
    struct Known;
    std::vector<std::unique_ptr<Known>> sets_;
};
Result<std::vector<std::string>, std::string> journal_descriptors(const std::string& path);

}  // namespace rightplace::audit
