// How the stack is: every service, every hub, and what to do about what is wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/audit.pb.h"
#include "messages/runtime.pb.h"
#include "messages/triage.pb.h"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

struct ServiceAnswer {
    std::string service;
    std::optional<runtime::StatusReply> status;  // nothing: it did not answer
    std::string why;                             // when it did not
};
struct HubRecord {  // the record itself, from audit's read socket
    std::string hub;
    std::optional<audit::ReadReply> head;
    std::string why;
    std::optional<triage::QueueReply> queue;   // for the alerts; nothing: triage did not answer
    std::optional<std::int64_t> sheet_age_ms;  // of the downtime sheet; nothing: there is none
};
struct Stand {
    std::string label;  // "demo", "synthetic", or empty
    std::vector<ServiceAnswer> services;
    std::vector<HubRecord> hubs;
    TimeMs now = 0;
};

// One sentence per thing that is wrong, each ending in what to do. Empty: all is well.
std::vector<std::string> what_is_wrong(const Stand& stand);
std::string render_status(const Stand& stand, const Style& style);
std::string status_to_json(const Stand& stand);

}  // namespace rightplace::cli
