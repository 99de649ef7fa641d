// The content rules of a validation request, and what it maps to. For validation_request.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/problem.hpp"

namespace rightplace::bars {

using Warnings = std::vector<std::string>;  // "<code> <path>": never content

Problems check_message(const Message& message);  // envelope, then content
bool is_validation(const Message& message);      // by ServiceRequest.category
void check_patient(const Message& message, Problems& problems);
void check_location(const Message& message, Problems& problems);
Warnings notice(const Message& message);  // what a tolerant reader lets pass

// The incident location: what the ServiceRequest refers to, typed ILOC or not at all.
std::optional<intake::Location> incident_location(const Message& message);
std::string postal_address(const Tree& address);    // in one line
std::uint32_t contact_rank(const Tree& contact);    // 0: not ranked
bool nhs_number_is_valid(std::string_view number);  // ten digits, modulus 11 check digit

intake::CaseFacts map_facts(const Message& message, TimeMs now);
intake::Person map_person(const Message& message);
intake::Observations map_observations(const Message& message, Warnings& warnings);
intake::Category category_of(std::string_view arp_code);  // unspecified when unknown
std::string arp_code(intake::Category category);          // empty when unspecified

}  // namespace rightplace::bars
