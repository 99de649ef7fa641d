#include "tests/integration/hub.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "common/runtime/payload.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"

namespace rightplace::testing {
namespace {

Stack::Options with_sender(int port, std::function<std::string(std::string)> amend_policy) {
    Stack::Options options;
    options.amend_policy = std::move(amend_policy);
    options.sender_url = "http://127.0.0.1:" + std::to_string(port) + "/FHIR/R4";
    return options;
}

}  // namespace

RunningHub::RunningHub(std::function<std::string(std::string)> amend_policy)
    : sender_port(free_port()),
      stack(with_sender(sender_port, std::move(amend_policy))),
      sender(stack.client().loop(), sender_port),
      visitor(stack) {
    stack.start_all();
    wait_for_door();
}

RunningHub::RunningHub(Stack::Options options)
    : sender_port(free_port()), stack(std::move(options)), sender(stack.client().loop(), sender_port), visitor(stack) {
    stack.start_all();
    wait_for_door();
}

void RunningHub::wait_for_door() {
    // The door takes cases once vault has given it keys: it says so itself.
    const bool open = stack.wait_until(
        [this] {
            const auto status = stack.query<runtime::StatusReply>("bars", runtime::GetStatus());
            return status && status->hubs_size() > 0 &&
                   std::all_of(status->hubs().begin(), status->hubs().end(),
                               [](const auto& hub) { return hub.ready(); });
        },
        60'000);
    if (!open) throw std::runtime_error("the BaRS door does not open\n" + stack.log_of("bars"));
}

std::string RunningHub::case_id(const bars_sample::Sample& sample) const {
    return bars::case_id_of(stack.hub(), sample.bundle_id);
}

std::optional<triage::ReviewState> RunningHub::review(const std::string& id) {
    triage::GetReview get;
    get.set_case_id(id);
    const auto reply = stack.query<triage::ReviewReply>("triage", get);
    if (!reply || reply->state().case_id().empty()) return std::nullopt;
    return reply->state();
}

bool RunningHub::wait_for_status(const std::string& id, triage::ReviewStatus status, std::int64_t ms) {
    return stack.wait_until(
        [&] {
            const auto found = review(id);
            return found && found->status() == status;
        },
        ms);
}

std::vector<std::string> RunningHub::events_of(const std::string& id) {
    std::vector<std::string> names;
    for (const auto& stored : stack.journal()) {
        Event event;
        if (!event.ParseFromString(stored)) throw std::runtime_error("an event does not parse");
        if (event.case_id() == id) names.push_back(runtime::event_name(event));
    }
    return names;
}

std::string RunningHub::story_of(const std::string& id) {
    std::string story = "answers received: " + std::to_string(sender.received().size()) + "\n";
    for (const auto& name : events_of(id)) story += name + "\n";
    return story + stack.log_of("bars");
}

std::string RunningHub::claim(const std::string& id) {
    triage::ClaimReview claim;
    claim.set_case_id(id);
    const auto claimed = stack.ask("triage", claim, "claim-" + id);
    if (claimed.status() != ACCEPTED) throw std::runtime_error("not claimed: " + claimed.ShortDebugString());
    return claimed.receipt().events(0).event_id();
}

std::string RunningHub::claim_and_start(const std::string& id) {
    triage::StartConsultation start;
    start.set_case_id(id);
    start.set_token(claim(id));
    const auto started = stack.ask("triage", start, "start-" + id);
    if (started.status() != ACCEPTED) throw std::runtime_error("not started: " + started.ShortDebugString());
    return start.token();
}

Reply RunningHub::decide(const std::string& id, const std::string& token) {
    triage::DecideReview decide;
    decide.set_case_id(id);
    decide.set_token(token);
    decide.set_pathway(triage::ADVICE);
    decide.set_rationale_code("self-care-advice");
    return stack.ask("triage", decide, "decide-" + id);
}

Printed RunningHub::type(const std::string& role, const std::string& words) {
    const auto& folder = stack.state_dir();
    const auto command = "cd " + folder + " && " + stack.bin("rightplace") + " --state " + folder +
                         " --as desk --role " + role + " " + words + " >out 2>&1";
    const int code = std::system(command.c_str());
    return {WIFEXITED(code) ? WEXITSTATUS(code) : -1, read_file(folder + "/out")};
}

std::string read_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

long count(const std::vector<std::string>& all, const std::string& name) {
    return std::count(all.begin(), all.end(), name);
}

}  // namespace rightplace::testing
