// Referrals whose time is over, for the queue; and which one of a case a person means.
#pragma once

#include <string>

#include "common/base/time.hpp"
#include "messages/referral.pb.h"
#include "services/cli/domain/json.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {

// `open`: what referral has open at a hub. Empty when every referral has time left.
std::string render_overdue(const referral::DeliveriesReply& open, TimeMs now, const Style& style);

// The id of the one that has not ended, of a case's; or why it takes --referral to say which.
OrWhy<std::string> open_referral(const referral::DeliveriesReply& of_case, const std::string& named);

// A command about it, by what a person wrote: accepted, declined (`reason`), reached, completed (`outcome`).
std::unique_ptr<google::protobuf::Message> referral_act(const std::string& what, const std::string& referral_id,
                                                        const std::string& outcome, const std::string& reason);

}  // namespace rightplace::cli
