#include "common/runtime/replies.hpp"

namespace rightplace::runtime {
namespace {

Reply reply_to(const Command& command, ReplyStatus status) {
    Reply reply;
    reply.set_command_id(command.command_id());
    reply.set_status(status);
    return reply;
}

void stamp(Receipt& receipt, std::uint64_t epoch, std::uint64_t first_seq) {
    receipt.set_epoch(epoch);
    std::uint64_t seq = first_seq;
    for (auto& event : *receipt.mutable_events()) event.set_seq(seq++);
    receipt.set_seq(receipt.events().empty() ? first_seq : seq - 1);
}

}  // namespace

Reply refused(const Command& command, const Refusal& refusal) {
    Reply reply = reply_to(command, REFUSED);
    *reply.mutable_refusal() = refusal;
    return reply;
}

Reply refused(const Command& command, RefusalCode code, std::string sentence, std::string field) {
    Refusal refusal;
    refusal.set_code(code);
    refusal.set_sentence(std::move(sentence));
    refusal.set_field(std::move(field));
    return refused(command, refusal);
}

Reply unavailable(const Command& command, std::string reason) {
    Reply reply = reply_to(command, UNAVAILABLE);
    reply.set_reason(std::move(reason));
    return reply;
}

Reply unknown(const Command& command) {
    Reply reply = reply_to(command, UNKNOWN);
    reply.set_reason("in flight when the store stopped answering; ask again with the same command id");
    return reply;
}

Reply accepted(const Command& command, Receipt receipt, std::uint64_t epoch, std::uint64_t first_seq) {
    Reply reply = reply_to(command, ACCEPTED);
    stamp(receipt, epoch, first_seq);
    *reply.mutable_receipt() = std::move(receipt);
    return reply;
}

Reply duplicate(const Command& command, const seams::DoneMark& mark) {
    Reply reply = reply_to(command, DUPLICATE);
    Receipt receipt;
    INVARIANT(receipt.ParseFromString(mark.receipt));
    stamp(receipt, mark.epoch, mark.first_seq);
    *reply.mutable_receipt() = std::move(receipt);
    return reply;
}

}  // namespace rightplace::runtime
