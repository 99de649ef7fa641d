// The content rules of a message, and what it maps to. For validation_request.cpp and changes.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "messages/intake.pb.h"
#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/problem.hpp"

namespace rightplace::bars {

using Warnings = std::vector<std::string>;  // "<code> <path>": never content

enum class Kind {
    none,    // nothing that is received here, nor like anything that is
    fresh,   // a new request
    update,  // of one that we have
    cancel,  // of one that we have: revoked, or entered in error
    response
};
struct Checked {
    Kind kind = Kind::none;  // with problems: what it is most like, and was judged as
    Problems problems;
};
Checked check_message(const Message& message);                // envelope, then content
Kind check_kind(const Message& message, Problems& problems);  // what the message is
bool is_validation(const Message& message);                   // by ServiceRequest.category
bool is_referral(const Message& message);
std::string use_case_of(const Message& message);
void check_patient(const Message& message, Problems& problems);
void check_location(const Message& message, Problems& problems);
Warnings notice(const Message& message);  // what a tolerant reader lets pass

// The incident location: what the ServiceRequest refers to, typed ILOC or not at all.
std::optional<Entry> incident_entry(const Message& message);
std::optional<intake::Location> incident_location(const Message& message);
std::vector<const Tree*> place_extensions(const Tree& location);  // those inside LocationExtension that are read
std::string postal_address(const Tree& address);                  // in one line
std::uint32_t contact_rank(const Tree& contact);                  // 0: not ranked
std::string nhs_number_status(const Tree& identifier);            // code of its verification status, or empty
bool nhs_number_is_valid(std::string_view number);                // ten digits, modulus 11 check digit

intake::CaseFacts map_facts(const Message& message, TimeMs now);
intake::Person map_person(const Message& message);
bool is_national(std::string_view system);  // a national code system, whose displays travel in clear
bool is_retracted(const Tree& resource);    // entered in error, or a cancelled Observation: shown as no fact
intake::Observations map_observations(const Message& message, Warnings& warnings);
// Of each Observation or component that tells an observation of ours: whether it set it, or a later one did.
enum class Told { measured, answer, earlier };
std::map<const Tree*, Told> readings_of(const Message& message);
// The ARP codes of a plan: of those that are known the most urgent counts.
struct ArpCodings {
    std::vector<const Tree*> taken;   // several when it is said several times
    std::vector<const Tree*> others;  // less urgent, or unknown
};
ArpCodings arp_codings(const Tree& plan);
intake::Category category_of(std::string_view arp_code);  // unspecified when unknown
std::string arp_code(intake::Category category);          // empty when unspecified

}  // namespace rightplace::bars
