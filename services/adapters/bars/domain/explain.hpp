// What the hub would understand of one message, warn of, and answer, for integrators: the code that judges and maps
// at the front door, asked without a hub.
//
// Not known here, and said so: whether an id was used before, whether the target is a hub of this stack, and whether
// the ring is open.
#pragma once

#include <string>
#include <string_view>

#include "common/base/time.hpp"
#include "services/adapters/bars/domain/fhir_document.hpp"
#include "services/adapters/bars/domain/headers.hpp"

namespace rightplace::bars {

struct Explaining {
    HeaderFields headers;   // as given; those that are missing are taken as good ones. An empty value: none is sent.
    std::string query;      // raw, without "?"
    TimeMs now = 0;         // for the age, and whether the breach time is over
    bool identity = false;  // names, numbers, places and free text too
};

// A JSON object: format, message, understood, identity (only when asked), warnings, answer. Members of what could
// not be read are left out.
Tree explain(std::string_view body, const Explaining& how);

bool would_be_accepted(const Tree& explanation);
// The same for people. No control signs, so that it may go to a terminal.
std::string explanation_in_words(const Tree& explanation);

}  // namespace rightplace::bars
