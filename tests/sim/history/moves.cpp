// Transfers, as people ask for them; they know from the feed which hub has a case and what is offered.
#include "messages/transfer.pb.h"
#include "tests/sim/history/people.hpp"

namespace rightplace::sim {

void People::look_at_transfer(const Event& event) {
    triage::TransferReceived received;
    if (event.payload().UnpackTo(&received)) {
        auto& where = whereabouts_[event.case_id()];
        where.offer_id = event.aggregate_id();
        where.offered_to = event.hub();
    }
    if (event.payload().Is<triage::ReviewReceived>()) whereabouts_[event.case_id()].hub = event.hub();
}

const std::string& People::hub_that_has(const Arrival& arrival) const {
    const auto id = case_ids_.find(arrival.number);
    const auto where = id == case_ids_.end() ? whereabouts_.end() : whereabouts_.find(id->second);
    return where == whereabouts_.end() || where->second.hub.empty() ? hub_of(arrival) : where->second.hub;
}

// Whoever accepts for a hub signs on there first, most of the time.
void People::ask_for_transfer(const std::shared_ptr<Shift>& shift, Deed deed, const std::string& id) {
    const auto console = "console-" + shift->worker.name;
    const auto command = transfer_command(shift, deed, id);
    const auto go_on = [this, shift](const Reply&) { work(shift); };
    if (deed != Deed::accept_transfer || town_.random.one_in(8)) {
        return ask(console, "clinician", "triage", command, go_on);
    }
    triage::SignOn on;
    on.set_staff_id(shift->worker.name);
    on.set_skill(shift->worker.skill);
    auto signing = command_for(shift->arrival, on, id + "-on", shift->worker.name);
    signing.set_hub(command.hub());
    signing.mutable_actor()->set_role(shift->worker.role);
    ask(console, "clinician", "triage", signing,
        [this, console, command, go_on](const Reply&) { ask(console, "clinician", "triage", command, go_on); });
}

// What was never offered is accepted as an offer that nobody knows: refused, and nothing is lost.
Command People::transfer_command(const std::shared_ptr<Shift>& shift, Deed deed, const std::string& id) {
    const auto& case_id = case_ids_.at(shift->arrival.number);
    const auto& has = hub_that_has(shift->arrival);
    const auto& other = has == plan_hubs[0] ? plan_hubs[1] : plan_hubs[0];
    const auto& where = whereabouts_[case_id];
    const auto offered_to = where.offered_to.empty() ? other : where.offered_to;
    const auto offer_id = where.offer_id.empty() ? "no-offer-" + case_id : where.offer_id;
    const auto at = [&](const std::string& hub, const google::protobuf::Message& payload) {
        auto command = command_for(shift->arrival, payload, id, shift->worker.name);
        command.set_hub(hub);
        command.mutable_actor()->set_role(shift->worker.role);
        return command;
    };
    if (deed == Deed::withdraw_transfer) {
        triage::WithdrawTransfer withdraw;
        withdraw.set_case_id(case_id);
        return at(has, withdraw);
    }
    if (deed == Deed::accept_transfer) {
        triage::AcceptTransfer accept;
        accept.set_offer_id(offer_id);
        return at(offered_to, accept);
    }
    if (deed == Deed::decline_transfer) {
        triage::DeclineTransfer decline;
        decline.set_offer_id(offer_id);
        decline.set_reason_code("no-capacity");
        return at(offered_to, decline);
    }
    triage::TransferReview transfer;
    transfer.set_case_id(case_id);
    transfer.set_token(shift->token);
    transfer.set_to_hub(other);
    transfer.set_reason_code("better-there");
    return at(has, transfer);
}

}  // namespace rightplace::sim
