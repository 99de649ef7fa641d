// Whatever is posted to the BaRS door: judged without a crash, and what is accepted can be answered. The first byte
// says the format: even JSON, odd XML. Called by libFuzzer, and within bounds by unit/bars_fuzz_test.cpp.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/changes.hpp"
#include "services/adapters/bars/domain/explain.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rightplace;
    if (size == 0) return 0;
    bars::RequestHeaders headers;
    headers.request_id = "6f1c8f0e-0f3e-4a53-9c55-0f5c6e1d0a01";
    headers.correlation_id = "7f1c8f0e-0f3e-4a53-9c55-0f5c6e1d0a02";
    headers.target_service_id = "2000072489";
    headers.body_format = data[0] % 2 == 0 ? bars::Format::json : bars::Format::xml;
    const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    bars::explain(body, {{}, "", 1'795'000'000'000, true});
    const auto judged = bars::judge_request(body, headers, {"paddock-wood", 1'795'000'000'000});
    if (!judged.ok()) {
        bars::operation_outcome(judged.error(), headers.body_format);
        return 0;
    }
    const auto& request = judged.value();
    if (request.kind != bars::Kind::fresh) {
        const bars::Message change(*request.bundle);
        if (request.kind == bars::Kind::update) bars::merge(change, change, {request.case_id, "P-261118-0001-A"});
        return 0;
    }
    bars::acknowledgement(*request.bundle, {request.case_id, "P-261118-0001-A"}, 1'795'000'000'000,
                          headers.body_format);
    return 0;
}
