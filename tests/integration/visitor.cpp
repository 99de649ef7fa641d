#include "tests/integration/visitor.hpp"

#include <sodium.h>

#include "common/base/hash.hpp"
#include "services/adapters/bars/domain/headers.hpp"

namespace rightplace::testing {

std::string new_uuid() {
    std::string chance(16, '\0');
    randombytes_buf(chance.data(), chance.size());
    return derived_uuid({chance});
}

Visitor::Visitor(Stack& stack) : stack_(stack), partner_(stack.client().loop()) {}

bars_sample::Sample Visitor::sample(std::int64_t breach_in_ms) const {
    bars_sample::Sample sample;
    sample.bundle_id = new_uuid();
    sample.journey_id = new_uuid();
    sample.now = stack_.client().loop().wall_ms();
    sample.breach_at = sample.now + breach_in_ms;
    sample.target_service_id = Stack::service_of(stack_.hub());
    sample.source_service_id = Stack::sender_service;
    sample.cad_number = "SYN-" + sample.bundle_id.substr(0, 8);
    return sample;
}

Posted Visitor::post(const bars_sample::Sample& sample, const std::string& request_id) {
    return post(bars_sample::request(sample).dump(), request_id);
}

Posted Visitor::post(const std::string& body, const std::string& request_id, const std::string& content_type,
                     const std::string& path, const std::string& service_id) {
    Posted posted;
    posted.correlation_id = new_uuid();
    posted.request_id = request_id.empty() ? new_uuid() : request_id;
    const auto target = service_id.empty() ? Stack::service_of(stack_.hub()) : service_id;
    seams::HttpRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(stack_.bars_port()) + "/FHIR/R4/" + path;
    request.headers = {{"Content-Type", content_type},
                       {"X-Request-Id", posted.request_id},
                       {"X-Correlation-Id", posted.correlation_id},
                       {"NHSD-Target-Identifier", bars::target_identifier(target)}};
    request.body = body;
    request.timeout_ms = 15'000;
    bool answered = false;
    partner_.post(request, [&](const seams::HttpAnswer& answer) {
        posted.status = answer.status;
        posted.body = answer.body;
        posted.content_type = answer.content_type;
        answered = true;
    });
    stack_.wait_until([&answered] { return answered; }, 20'000);
    return posted;
}

}  // namespace rightplace::testing
