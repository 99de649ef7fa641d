#include "services/adapters/alerts/shell/start.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "common/log/log.hpp"
#include "services/adapters/alerts/shell/secret.hpp"

namespace rightplace::alerts {
namespace {

[[noreturn]] void leave(const std::string& sentence) {
    std::fprintf(stderr, "alerts cannot start: %s\n", sentence.c_str());
    std::exit(1);
}

}  // namespace

std::vector<Receiver> receivers_or_exit(const config::Stack& stack, seams::Random& random) {
    const auto& named = stack.alerts().state_dir();
    const auto folder = named.empty() ? stack.state_dir() + "/alerts" : named;
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) leave("cannot make the directory " + folder + ": " + problem.message());
    std::vector<Receiver> receivers;
    for (const auto& hub : stack.hubs()) {
        Receiver receiver{hub.name(), "", "", folder + "/" + hub.name() + ".sent"};
        for (const auto& webhook : stack.alerts().webhooks()) {
            if (webhook.hub() != hub.name()) continue;
            const auto own = folder + "/" + hub.name() + ".secret";
            auto secret = read_or_make_secret(webhook.secret_file().empty() ? own : webhook.secret_file(), random);
            if (!secret.ok()) {  // the other hubs' webhooks go on
                receiver.unusable = "its webhook does not start: " + secret.error();
                continue;
            }
            receiver.url = webhook.url();
            receiver.secret = std::move(secret.value());
        }
        receivers.push_back(std::move(receiver));
    }
    return receivers;
}

std::unique_ptr<bus::ZmqCommandServer> open_status_or_exit(bus::Context& context, const std::string& endpoint,
                                                           const Adapter& adapter) {
    auto server = bus::ZmqCommandServer::start(context, "alerts", endpoint);
    if (!server.ok()) leave(server.error());
    server.value()->serve(
        [&adapter](const seams::Peer&, const seams::Bytes& bytes, const seams::CommandServer::Answer& answer) {
            Request request;
            if (request.ParseFromString(bytes)) answer(adapter.answer_status(request));
        });
    return std::move(server.value());
}

void log_line(const std::string& what, const std::string& id) {
    log::event(log::Level::info, "alerts", {{"outcome", what}, {"detail", id}});
}

}  // namespace rightplace::alerts
