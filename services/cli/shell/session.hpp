// One run of the program: who asks, of which stack, and where the answer goes.
#pragma once

#include <common/config/config.pb.h>

#include <functional>
#include <iosfwd>
#include <string>

#include "common/base/seams.hpp"
#include "services/cli/domain/prepare.hpp"
#include "services/cli/domain/words.hpp"
#include "services/cli/shell/wire.hpp"

namespace rightplace::cli {

enum Exit : int { ok = 0, usage = 1, refused = 2, unavailable = 3, unknown = 4 };

// A third of the shortest lease that a policy may set: one renewal may be lost.
inline constexpr std::int64_t claim_keep_every_ms = 3'000;

struct Session {
    const config::Stack& stack;
    Wire& wire;
    seams::Random& random;
    std::function<TimeMs()> now;    // Unix milliseconds
    std::function<bool()> stopped;  // a person pressed Ctrl-C, or the reader of our output went away
    std::ostream& out;
    std::ostream& err;
    Style style;
    Actor actor;
    std::int64_t timeout_ms = 0;
    std::int64_t keep_claim_every_ms = claim_keep_every_ms;
};

int fail(Session& session, Exit code, const std::string& sentence);
Exit exit_for(ReplyStatus status);
// A name of 32 hex digits that nobody else has.
std::string fresh_id(seams::Random& random);
Defaults defaults_for(Session& session, const std::string& hub, const std::string& command_id);
// Seals what is plain under new keys from vault, sends, and gives the reply. `err` has said why when there is none.
OrWhy<Reply> seal_and_ask(Session& session, Prepared prepared);
// The same, with the reply printed, in words or as JSON.
int send_and_tell(Session& session, Prepared prepared, bool json);

struct FoundCase {
    std::string hub;
    std::string case_id;
};
// By id or speakable number, in `hub` or wherever it is; asks intake, and the record when intake does not answer.
OrWhy<FoundCase> find_case(Session& session, const std::string& id_or_number, const std::string& hub);

OrWhy<triage::ReviewState> review_at(Session& session, const FoundCase& where);
// The hub whose review of the case it is now: cases are transferred. `where` is where it was opened.
OrWhy<FoundCase> follow_transfers(Session& session, FoundCase where);

// Every event of the record from `from` on, or of one case; `see` says whether to go on. Pages by credits.
OrWhy<audit::ReadReply> read_record(Session& session, const std::string& hub, std::uint64_t from,
                                    const std::string& case_id,
                                    const std::function<bool(const std::string& stored)>& see);

}  // namespace rightplace::cli
