#include "services/cli/shell/bus_wire.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "common/config/load.hpp"

namespace rightplace::cli {
namespace {

constexpr std::int64_t turn_ms = 1'000;

std::string sentence(const std::string& service, seams::TransportError error) {
    switch (error) {
        case seams::TransportError::refused_key:
            return service + " refuses this program's key; was the stack made anew? Its keys are in its keys directory";
        case seams::TransportError::unreachable:
            return service + " is not there; see `rightplace status`";
        default:
            return service + " did not answer in time; see `rightplace status`";
    }
}

}  // namespace

OrWhy<std::unique_ptr<BusWire>> BusWire::open(const config::Stack& stack, const std::string& key_role) {
    const auto known = std::find(bus::roles.begin(), bus::roles.end(), key_role);
    if (known == bus::roles.end()) return Failure{"there is no transport key called " + key_role};
    std::error_code ignored;
    if (!std::filesystem::is_directory(stack.keys_dir(), ignored)) {
        return Failure{"the stack's keys are not in " + stack.keys_dir() + ": start it once with compose/up"};
    }
    auto client = bus::SyncClient::open(
        stack.keys_dir(), key_role, [stack](const std::string& service) { return config::endpoint(stack, service); });
    if (!client) return Failure{client.error()};
    return std::unique_ptr<BusWire>(new BusWire(std::move(client.value()), key_role, config::read_endpoint(stack)));
}

BusWire::BusWire(std::unique_ptr<bus::SyncClient> client, const std::string& key_role, const std::string& read_endpoint)
    : client_(std::move(client)), reader_(client_->context(), key_role, read_endpoint) {}

Reply BusWire::ask(const std::string& service, const Command& command, std::int64_t overall_ms) {
    return client_->ask(service, command, overall_ms);
}

OrWhy<QueryReply> BusWire::query(const std::string& service, const Query& query, std::int64_t timeout_ms) {
    auto reply = client_->query(service, query, timeout_ms);
    if (!reply) return Failure{sentence(service, reply.error())};
    return std::move(reply.value());
}

OrWhy<audit::ReadReply> BusWire::read(const audit::Read& read, std::int64_t timeout_ms) {
    std::optional<Result<seams::Bytes, seams::TransportError>> got;
    reader_.read(read.SerializeAsString(), timeout_ms + read.wait_ms(),
                 [&got](auto answer) { got = std::move(answer); });
    while (!got) client_->loop().turn(turn_ms);  // ends: the read has a timeout
    if (!*got) return Failure{sentence("audit", got->error())};
    audit::ReadReply reply;
    if (!reply.ParseFromString(got->value())) return Failure{std::string("audit answered something unreadable")};
    return reply;
}

}  // namespace rightplace::cli
