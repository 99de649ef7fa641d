// Requests that hold what a sender may tell beyond the plain sample, so that every row of leaf_map.tsv that says
// "understood" has a leaf. Made up, as the plain one.
#pragma once

#include <nlohmann/json.hpp>

namespace rightplace::bars_sample {

nlohmann::ordered_json full_request();
nlohmann::ordered_json request_in_words();  // names and addresses as one text
// What counts stands beside what it shadows: texts beside their parts, several categories, earlier readings.
nlohmann::ordered_json shadowed_request();

}  // namespace rightplace::bars_sample
