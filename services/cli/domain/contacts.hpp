// A request for a clinician's advice that reaches the hub by telephone or on paper, as a JSON object: by a crew on
// scene, a GP, NHS 111, a community nurse, or a 999 call for validation whose sender has no BaRS. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/cli/domain/prepare.hpp"

namespace rightplace::cli {

enum class Asker { crew, gp, nhs_111, nurse, validation };

// Every problem of the object, each beginning with the JSON field at fault and repeating nothing of a person's.
// Otherwise the OpenCase, with `person` still to be sealed. README.md has the fields of each kind.
Result<Prepared, std::vector<std::string>> read_contact(Asker asker, std::string_view text, const Defaults& defaults);

}  // namespace rightplace::cli
