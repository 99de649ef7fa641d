// Governance at the command line: replay and verify, on a running hub or on a journal file.
#pragma once

#include <string>

#include "services/cli/shell/session.hpp"

namespace rightplace::cli {

struct CreateOptions {
    std::string hub;
    std::string journal;
};
struct ReplayOptions {
    std::string hub;      // of a running stack, or
    std::string journal;  // a journal file
    std::string case_id;  // id, or speakable number
    std::string name;     // "CaseOpened"
    std::string from;     // recorded from, FHIR instant
    std::string to;       // recorded before
    bool json = false;
};
struct VerifyOptions {
    std::string hub;
    std::string journal;
    std::string root;  // HEX@SEQ, kept elsewhere
    bool json = false;
};

// Offline: no stack is needed.
int run_create(const CreateOptions& options, std::ostream& out, std::ostream& err);
int run_replay_file(const ReplayOptions& options, std::ostream& out, std::ostream& err);
int run_verify_file(const VerifyOptions& options, std::ostream& out, std::ostream& err);
// Live: through audit's read socket; what it sends is checked here, not believed.
int run_replay(Session& session, const ReplayOptions& options);
int run_verify(Session& session, const VerifyOptions& options);

}  // namespace rightplace::cli
