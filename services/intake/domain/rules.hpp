// The rules of intake, one function per command. Inside this folder only.
#pragma once

#include "common/runtime/typed.hpp"
#include "messages/intake.pb.h"

namespace rightplace::intake {

using runtime::AggregateId;
using runtime::Context;
using runtime::Decided;
using runtime::NewEvent;
using runtime::Refused;
using runtime::States;

inline constexpr const char* case_type = "case";
inline constexpr const char* exchange_type = "exchange";
inline constexpr const char* numbering_type = "numbering";

AggregateId case_key(const std::string& case_id);
AggregateId request_key(const Exchange& exchange);  // <protocol>:req:<request id, lower case>
AggregateId message_key(const Exchange& exchange);  // <protocol>:msg:<message id, lower case>
AggregateId numbering_key(TimeMs now);              // the London day

// exchanges.cpp
std::vector<AggregateId> exchange_keys(const Exchange& exchange);
// What stands against taking this outside message; nothing when it may be judged. Only a new one needs a message id of
// its own: an update or a cancellation may keep the first one's (BaRS core, Cancellation: Bundle.id).
enum class MessageIs { fresh, about_a_case };
std::optional<Failure<Refused>> against_exchange(const States& states, const Exchange& exchange, MessageIs what);
void add_answered(std::vector<NewEvent>& events, const States& states, const Exchange& exchange,
                  const std::string& case_id, const std::string& case_number);
Decided refuse_exchange(const States& states, const RefuseExchange& command);
Decided keep_exchange(const States& states, const KeepExchange& command);

// cases.cpp
std::vector<AggregateId> open_case_needs(const OpenCase& command, TimeMs now);
Decided open_case(const States& states, const OpenCase& command, const Command& envelope, const Context& context);
Decided update_case(const States& states, const UpdateCase& command, const Actor& by);
Decided cancel_case(const States& states, const CancelCase& command);
Decided close_case(const States& states, const CloseCase& command);
Decided reopen_case(const States& states, const ReopenCase& command);
Decided link_case(const States& states, const LinkCase& command);

// reactions.cpp
// Two cases that share none of these are never linked.
std::vector<std::string> match_keys(const CaseFacts& facts);
std::vector<runtime::Reaction> reactions(const Event& event, const runtime::Message& payload, const Context& context);

}  // namespace rightplace::intake
