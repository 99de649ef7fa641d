// Of what a response is made: what is echoed of the request, who stands for us where the request names nobody, and the
// plan that a full response tells. For responses.cpp.
#pragma once

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {

Tree coding(std::string_view system, std::string_view code, std::string_view display = {});
Tree concept_of(Tree one_coding);
std::string clean(std::string_view text);  // XML cannot carry control characters; people paste them

// brief: interim and rejection, without the plan and the observations. least: what a sender knows its request again by.
enum class Extent { least, brief, full };
// The request's entries that a response of this extent has, with our ids, in the request's order: of each type what
// the response's MessageDefinition allows, and so one ServiceRequest, Patient, Location, HealthcareService, and the
// sender's Encounter. The plan is not among them.
Tree echoed_entries(const Message& request, const ResponseFrame& frame, Extent extent);

// A definition wants an Organization, a Practitioner and a PractitionerRole, that of a full response two Organizations
// and a HealthcareService, and a request may have come without.
void add_own_people(Tree& entries, const Message& request, const ResponseFrame& frame, Extent extent);

// INVARIANT: the request has a plan.
Tree outcome_plan(const Message& request, const ResponseFrame& frame, const Outcome& outcome);

// The third Encounter of a C1 or C2 outcome: what was asked of the ambulance service, `finished` with its reference,
// `planned` without one: nobody may take it for a request that was made.
Tree ambulance_encounter(const Message& request, const ResponseFrame& frame, const Outcome& outcome);

}  // namespace rightplace::bars
