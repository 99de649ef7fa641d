// From what a person wrote to a Command on its way to a service. Pure: ids and times come in as values.
//
// Plain text never travels: a plain `person` object, and a plain string where the contract has a
// sealed note, reason or rationale, are taken out here and put back by `seal_plain`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/seal.hpp"
#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "services/cli/domain/json.hpp"

namespace rightplace::cli {

struct Defaults {
    std::string command_id;         // used when the command names none
    std::string hub;                // --hub, or empty
    Actor actor;                    // used when the command names none
    std::uint32_t deadline_ms = 0;  // used when the command names none
    TimeMs occurred_at = 0;         // 0: not back-filled
    TimeMs now = 0;
};

struct Plain {
    std::string field;  // of the payload: "person", "text", "rationale"
    sealing::Context context = sealing::Context::note;
    std::string bytes;  // a serialised intake.Person, or UTF-8 text
};

struct Prepared {
    Command command;
    std::string service;
    std::vector<Plain> plain;  // to be sealed before it is sent
};

// The service that owns a payload type: "rightplace.triage.ClaimReview" -> "triage".
OrWhy<std::string> service_for(std::string_view type);

// `text` is a Command in protobuf JSON, or a bare payload with "@type".
OrWhy<Prepared> read_command(std::string_view text, const Defaults& defaults);

// A command around a payload that the program itself built. `text` is what a person wrote for its
// note, reason or rationale; empty for none.
// For a payload that any service takes: one of the runtime's.
Prepared prepare_for(const std::string& service, const google::protobuf::Message& payload, const Defaults& defaults);

// Of a command that belongs to one service.
Prepared prepare(const google::protobuf::Message& payload, const Defaults& defaults, const std::string& text = {});

struct NamedKey {
    std::string key_id;
    sealing::Key key;
};
// Seals what is plain, each text under a key of its own, and puts it where the plain one stood; an
// OpenCase also learns its case's key. INVARIANT: as many keys as plain texts.
void seal_plain(Prepared& prepared, const std::vector<NamedKey>& keys, seams::Random& random);

}  // namespace rightplace::cli
