// Small helpers for domains: from Message to the type it is, and new events.
#pragma once

#include <utility>

#include "common/runtime/domain.hpp"

namespace rightplace::runtime {

// The message as a T, or null when it is another type.
template <typename T>
const T* as(const Message& message) {
    return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

template <typename T>
const T& must_be(const Message& message) {
    const T* typed = as<T>(message);
    INVARIANT(typed != nullptr);
    return *typed;
}

template <typename T>
NewEvent new_event(AggregateId aggregate, T payload, std::string case_id, std::string case_number) {
    return {std::move(aggregate), std::make_shared<T>(std::move(payload)), std::move(case_id), std::move(case_number)};
}

template <typename T>
Reaction reaction(std::string rule, std::string key, T payload) {
    return {std::move(rule), std::move(key), std::make_shared<T>(std::move(payload))};
}

// Accepted, and nothing to record: a repeat, or a timer whose reason has gone.
inline Decision nothing() {
    return {};
}

inline Decision events(std::vector<NewEvent> all) {
    Decision decision;
    decision.events = std::move(all);
    return decision;
}

}  // namespace rightplace::runtime
