// A running stack of one hub with its stand-in sender and a visitor at its BaRS door.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/triage.pb.h"
#include "tests/integration/sender.hpp"
#include "tests/integration/visitor.hpp"

namespace rightplace::testing {

struct Printed {
    int code = 0;
    std::string text;  // of both streams
};

struct RunningHub {
    explicit RunningHub(std::function<std::string(std::string)> amend_policy = nullptr);
    explicit RunningHub(Stack::Options options);  // `sender` stands idle: whoever the options name is the sender

    std::string case_id(const bars_sample::Sample& sample) const;
    std::optional<triage::ReviewState> review(const std::string& id);
    bool wait_for_status(const std::string& id, triage::ReviewStatus status, std::int64_t ms = 30'000);
    std::vector<std::string> events_of(const std::string& id);  // names, in journal order
    std::string story_of(const std::string& id);  // those events and the adapter's log, to tell what went wrong
    void wait_for_door();                         // as after a start: it throws when the BaRS door does not open
    std::string claim(const std::string& id);     // gives the token; throws when refused
    std::string claim_and_start(const std::string& id);
    Reply decide(const std::string& id, const std::string& token);
    // The command line, as somebody of that role would type it in the state directory.
    Printed type(const std::string& role, const std::string& words);

    int sender_port;
    Stack stack;
    Sender sender;
    Visitor visitor;
};

long count(const std::vector<std::string>& all, const std::string& name);
std::string read_file(const std::string& file);

}  // namespace rightplace::testing
