#include "common/bus/sync_client.hpp"

#include "common/bus/asker.hpp"

namespace rightplace::bus {
namespace {

constexpr std::int64_t turn_ms = 1'000;

}  // namespace

SyncClient::SyncClient(Keyring keys, std::string role, ZmqCommandClient::EndpointOf endpoint_of)
    : context_(std::make_unique<Context>(loop_, std::move(keys))),
      client_(std::make_unique<ZmqCommandClient>(*context_, std::move(role), std::move(endpoint_of))) {}

Result<std::unique_ptr<SyncClient>, std::string> SyncClient::open(const std::string& keys_dir, std::string role,
                                                                  ZmqCommandClient::EndpointOf endpoint_of) {
    auto keys = Keyring::open(keys_dir);
    if (!keys) return Failure{keys.error()};
    return std::unique_ptr<SyncClient>(
        new SyncClient(std::move(keys.value()), std::move(role), std::move(endpoint_of)));
}

Reply SyncClient::ask(const std::string& service, Command command, std::int64_t overall_ms) {
    std::optional<Reply> got;
    Asker(loop_, *client_).ask(service, std::move(command), overall_ms, [&got](Reply reply) {
        got = std::move(reply);
    });
    while (!got) loop_.turn(turn_ms);  // ends: the asker has a deadline
    return std::move(*got);
}

Result<QueryReply, seams::TransportError> SyncClient::query(const std::string& service, Query query,
                                                            std::int64_t timeout_ms) {
    Request request;
    query.set_deadline_ms(static_cast<std::uint32_t>(timeout_ms));
    *request.mutable_query() = std::move(query);
    std::optional<Result<seams::Bytes, seams::TransportError>> got;
    client_->ask(service, request.SerializeAsString(), timeout_ms, [&got](auto answer) { got = std::move(answer); });
    while (!got) loop_.turn(turn_ms);
    if (!*got) return Failure{got->error()};
    Response response;
    if (!response.ParseFromString(got->value())) return Failure{seams::TransportError::timed_out};
    return response.query_reply();
}

}  // namespace rightplace::bus
