// A sentence for each event, by its type: what the timeline (describe.cpp) is made of.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "messages/envelope.pb.h"

namespace rightplace::cli {

template <typename T>
using Says = std::string (*)(const T&);
using Teller = std::function<std::string(const Event&)>;

template <typename T>
std::pair<const std::string, Teller> tell(Says<T> says) {
    return {T::descriptor()->full_name(), [says](const Event& event) -> std::string {
                T payload;
                if (!payload.ParseFromString(event.payload().value())) return "a payload that cannot be read";
                return says(payload);
            }};
}

inline std::string or_none(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::map<std::string, Teller> referral_tellers();
std::map<std::string, Teller> delivery_tellers();

}  // namespace rightplace::cli
