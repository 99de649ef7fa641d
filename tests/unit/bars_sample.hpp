// A complete, synthetic request for validation, for tests and the demo. The patient does not exist: the
// NHS number is of the range that is never issued, telephone numbers of Ofcom's range for drama.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "common/base/time.hpp"

namespace rightplace::bars_sample {

struct Sample {
    std::string bundle_id = "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01";
    std::string journey_id = "b7c1a9de-5f0a-4d0e-8a3f-2f1f4f7a9c02";
    TimeMs now = 1'795'000'000'000;  // clock start (T5) and lastUpdated
    TimeMs breach_at = now + 20 * 60'000;
    std::string use_case = "a4t1";
    std::string target_service_id = "2000072489";  // the hub
    std::string source_service_id = "7700900001";  // the ambulance service
    std::string category = "C3";
    std::string cad_number = "SYN-000123";
};

nlohmann::ordered_json request(const Sample& sample = {});

// The resource of that type, the n-th of the Bundle, to be changed in place.
nlohmann::ordered_json& resource(nlohmann::ordered_json& bundle, const std::string& type, std::size_t n = 0);
void remove(nlohmann::ordered_json& bundle, const std::string& type);

}  // namespace rightplace::bars_sample
