// Every leaf of a message, a value with its place, and what becomes of it: understood, kept and shown as additional,
// or kept only in the original. leaf_map.tsv says which; what it does not know is shown too, under its own path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/intake.pb.h"
#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {

std::string_view leaf_table();  // the text of leaf_map.tsv

enum class LeafClass { understood, additional, original, unknown };

struct LeafRow {
    std::vector<std::string> pattern;  // the parts of the path
    LeafClass of = LeafClass::unknown;
    std::string says;  // field or label
};
const std::vector<LeafRow>& leaf_rows();

struct Leaf {
    std::string path;       // "Patient(message).name.0.family"
    std::string pointer;    // JSON pointer in the Bundle
    std::size_t entry = 0;  // position in the Bundle; of no meaning for the Bundle's own
    std::string value;
    const LeafRow* row = nullptr;  // null: no row fits
    LeafClass of() const { return row == nullptr ? LeafClass::unknown : row->of; }
};
std::vector<Leaf> leaves_of(const Message& message);

// What is kept and shown beyond the fields of Person, in the order of the message. No more than
// a tenth of http_body_max_bytes: then it says that the rest is in the original.
void add_additional(const Message& message, intake::Person& person);

}  // namespace rightplace::bars
