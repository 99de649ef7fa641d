// The answers a command can have, built in one place.
#pragma once

#include <string>

#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::runtime {

Reply refused(const Command& command, RefusalCode code, std::string sentence, std::string field);
Reply refused(const Command& command, const Refusal& refusal);
Reply unavailable(const Command& command, std::string reason);  // certainly not done
Reply unknown(const Command& command);                          // in flight when things broke
Reply accepted(const Command& command, Receipt receipt, std::uint64_t epoch, std::uint64_t first_seq);
Reply duplicate(const Command& command, const seams::DoneMark& mark);

}  // namespace rightplace::runtime
