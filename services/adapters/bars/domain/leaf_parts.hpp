// Which part each resource, and what stands in it, plays in a message, as leaf_map.tsv names it: "(incident)" for the
// Location that counts, "(worded)" for an address whose text counts, so that its lines do not. What counts is asked of
// those who map it.
#pragma once

#include <map>
#include <string>

#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {

class LeafParts {
   public:
    explicit LeafParts(const Message& message);

    std::string of(const Tree& node) const;           // empty: none
    std::string of_resource(const Tree& tree) const;  // its type and part

   private:
    void keep(const Tree& node, const char* part);
    void patient(const Tree& resource);
    void incident(const Tree& resource);
    void plan(const Tree& resource);
    void flag(const Tree& resource);

    std::map<const Tree*, std::string> parts_;
};

}  // namespace rightplace::bars
