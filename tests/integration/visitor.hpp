// A sender's side of BaRS for tests: posts messages to the stack's front door.
#pragma once

#include <string>

#include "common/http/partner.hpp"
#include "tests/integration/stack.hpp"
#include "tests/unit/bars_sample.hpp"

namespace rightplace::testing {

struct Posted {
    int status = 0;
    std::string body;
    std::string content_type;
    std::string request_id;
    std::string correlation_id;
};

class Visitor {
   public:
    explicit Visitor(Stack& stack);
    // A fresh sample of the stack's first hub, from sender 2222222222, breaching in `breach_in_ms`.
    bars_sample::Sample sample(std::int64_t breach_in_ms = 30 * 60'000) const;
    Posted post(const std::string& body, const std::string& request_id = {},
                const std::string& content_type = "application/fhir+json", const std::string& path = "$process-message",
                const std::string& service_id = {});
    Posted post(const bars_sample::Sample& sample, const std::string& request_id = {});

   private:
    Stack& stack_;
    http::CurlPartner partner_;
};

std::string new_uuid();

}  // namespace rightplace::testing
