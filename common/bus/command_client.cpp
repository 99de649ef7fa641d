#include "common/bus/command_client.hpp"

namespace rightplace::bus {

ZmqCommandClient::ZmqCommandClient(Context& context, std::string role, EndpointOf endpoint_of)
    : context_(context), role_(std::move(role)), endpoint_of_(std::move(endpoint_of)) {}

void ZmqCommandClient::ask(std::string service, seams::Bytes request, std::int64_t timeout_ms,
                           Dealer::Completion done) {
    auto& dealer = dealers_[service];
    if (dealer == nullptr) {
        if (!context_.keys().public_key(service)) {
            dealers_.erase(service);
            context_.loop().soon([done = std::move(done)] { done(Failure{seams::TransportError::unreachable}); });
            return;
        }
        dealer = std::make_unique<Dealer>(context_, role_, service, endpoint_of_(service));
    }
    dealer->ask(std::move(request), timeout_ms, std::move(done));
}

}  // namespace rightplace::bus
