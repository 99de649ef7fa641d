// What a command of this program asks of a running stack, as blocking calls. Errors are sentences
// without identifying data.
#pragma once

#include <string>

#include "messages/audit.pb.h"
#include "messages/envelope.pb.h"
#include "services/cli/domain/json.hpp"

namespace rightplace::cli {

class Wire {
   public:
    virtual ~Wire() = default;
    // Sends the same command id again while the outcome is UNKNOWN, until `overall_ms` is over.
    virtual Reply ask(const std::string& service, const Command& command, std::int64_t overall_ms) = 0;
    virtual OrWhy<QueryReply> query(const std::string& service, const Query& query, std::int64_t timeout_ms) = 0;
    // timeout_ms is beyond the read's own wait_ms.
    virtual OrWhy<audit::ReadReply> read(const audit::Read& read, std::int64_t timeout_ms) = 0;
};

// The reply, a refusal included.
OrWhy<QueryReply> ask_query(Wire& wire, const std::string& service, const std::string& hub, const Actor& actor,
                            const google::protobuf::Message& payload, std::int64_t timeout_ms);

// A query whose answer is a T. A refusal is an error too.
template <typename T>
struct Answered {
    T value;
    std::uint64_t as_of_seq = 0;
    std::uint64_t age_ms = 0;
};
// What a service answered: a refusal, or something unknown, is an error in words.
template <typename T>
OrWhy<Answered<T>> answer_in(const std::string& service, const QueryReply& reply) {
    if (reply.has_refusal()) {
        const auto& refusal = reply.refusal();
        return Failure{service + " refuses (" + RefusalCode_Name(refusal.code()) + "): " + refusal.sentence()};
    }
    Answered<T> answered{{}, reply.as_of_seq(), reply.age_ms()};
    if (!reply.payload().UnpackTo(&answered.value)) {
        return Failure{service + " answered something that this program does not know; are both of one version?"};
    }
    return answered;
}

template <typename T>
OrWhy<Answered<T>> query_for(Wire& wire, const std::string& service, const std::string& hub, const Actor& actor,
                             const google::protobuf::Message& payload, std::int64_t timeout_ms) {
    const auto reply = ask_query(wire, service, hub, actor, payload, timeout_ms);
    if (!reply) return Failure{reply.error()};
    return answer_in<T>(service, reply.value());
}

}  // namespace rightplace::cli
