// What clinicians do with a case, one deed after another.
#include <algorithm>

#include "messages/pathways.pb.h"
#include "messages/vault.pb.h"
#include "tests/sim/history/made_up.hpp"
#include "tests/sim/history/people.hpp"

namespace rightplace::sim {

void People::work(const std::shared_ptr<Shift>& shift) {
    if (shift->at >= shift->worker.steps.size()) return;
    const auto step = shift->worker.steps[shift->at++];
    town_.at(step.wait_ms, [this, shift, step] { act(shift, step); });
}

namespace {

using Payload = std::unique_ptr<google::protobuf::Message>;

template <typename T>
Payload about(
    const std::string& case_id, const std::function<void(T&)>& fill = [](T&) {}) {
    auto payload = std::make_unique<T>();
    payload->set_case_id(case_id);
    fill(*payload);
    return payload;
}

template <typename T>
Payload under(
    const std::string& case_id, const std::string& token, const std::function<void(T&)>& fill = [](T&) {}) {
    return about<T>(case_id, [&](T& payload) {
        payload.set_token(token.empty() ? std::string(32, '0') : token);
        fill(payload);
    });
}

std::string colleague_of(const Arrival& arrival, const Worker& worker) {
    const auto& all = arrival.workers;
    const auto same = [&](const Worker& each) { return each.name == worker.name; };
    const auto at = std::find_if(all.begin(), all.end(), same);
    return at == all.end() || at + 1 == all.end() ? all.front().name : (at + 1)->name;
}

template <typename T>
Payload of_staff(const std::string& me) {
    auto payload = std::make_unique<T>();
    payload->set_staff_id(me);
    return payload;
}

Payload noted(const std::string& id) {
    return about<triage::AddNote>(id,
                                  [](triage::AddNote& note) { *note.mutable_text() = sealed_bytes("k-000000000001"); });
}

Payload for_a_reason(Deed deed, const std::string& id) {
    const auto with_reason = [](auto& command) { command.set_reason_code("wrong-pathway"); };
    if (deed == Deed::scale_2) return about<triage::UseSpo2Scale2>(id, with_reason);
    if (deed == Deed::close) return about<triage::CloseReview>(id, with_reason);
    if (deed == Deed::undo) return about<triage::UndoOutcome>(id, with_reason);
    return about<triage::ReopenReview>(id, with_reason);
}

// The ends of a shift, and handing over.
Payload of_a_shift(Deed deed, const std::string& id, const std::string& token, const Worker& worker,
                   const std::string& colleague) {
    const auto& me = worker.name;
    if (deed == Deed::sign_on) {
        auto on = std::make_unique<triage::SignOn>();
        on->set_staff_id(me);
        on->set_skill(worker.skill);
        return on;
    }
    if (deed == Deed::sign_off) return of_staff<triage::SignOff>(me);
    if (deed == Deed::withdraw) return under<triage::WithdrawHandover>(id, token);
    if (deed == Deed::acknowledge) return about<triage::AcknowledgeHandover>(id);
    return under<triage::HandOverReview>(id, token, [&](auto& give) { give.set_to_staff_id(colleague); });
}

Payload decided(const Step& step, const std::string& id, const std::string& token, bool foreign_key) {
    return under<triage::DecideReview>(id, token, [&](triage::DecideReview& decide) {
        const auto usual = step.deed == Deed::decide ? triage::ADVICE : triage::UCR;
        decide.set_pathway(step.pathway == triage::PATHWAY_UNSPECIFIED ? usual : step.pathway);
        const bool named = decide.pathway() == triage::UCR && !step.against_advice;  // a need of UCR's
        decide.set_rationale_code(named ? "fall" : "self-care");
        if (step.against_advice) decide.set_against_advice("knows-the-patient");
        if (foreign_key) *decide.mutable_rationale() = sealed_bytes("k-000000000001");
        if (step.deed == Deed::decide_and_refer) decide.set_refer_to_service_id("2000099999");
    });
}

// The command of a deed; nothing for what is only looked at.
Payload command_of(const Step& step, const std::string& id, const std::string& token, bool foreign_key,
                   const Worker& worker, const std::string& colleague) {
    switch (const Deed deed = step.deed; deed) {
        case Deed::claim:
            return about<triage::ClaimReview>(id);
        case Deed::take_over:
            return about<triage::TakeOverReview>(id, [](auto& take) { take.set_reason_code("unreachable"); });
        case Deed::renew:
            return under<triage::RenewClaim>(id, token);
        case Deed::release:
            return under<triage::ReleaseClaim>(id, token);
        case Deed::start:
            return under<triage::StartConsultation>(id, token);
        case Deed::decide:
        case Deed::decide_and_refer:
            return decided(step, id, token, foreign_key);
        case Deed::reject:
            return under<triage::RejectReview>(id, token,
                                               [](triage::RejectReview& reject) { reject.set_reason(triage::RRNA); });
        case Deed::downgrade:
            return about<triage::DowngradeReview>(id, [](triage::DowngradeReview& downgrade) {
                downgrade.set_to_category(intake::C5);
                downgrade.set_reason_code("better");
            });
        case Deed::ask_opinion:
            return about<triage::AskSecondOpinion>(id, [](auto& ask) { ask.set_of_role("paramedic-practitioner"); });
        case Deed::give_opinion:
            return about<triage::GiveSecondOpinion>(id, [](auto& give) { give.set_view("agree"); });
        case Deed::promise_call:
            return about<triage::PlanWelfareCall>(id,
                                                  [](auto& plan) { plan.set_within_minutes(promised_call_minutes); });
        case Deed::contact:
        case Deed::reach:
            return about<triage::RecordContactAttempt>(id, [&](triage::RecordContactAttempt& contact) {
                contact.set_outcome(deed == Deed::reach ? "answered" : "no-answer");
                contact.set_method("phone");
            });
        case Deed::note:
            return noted(id);
        case Deed::escalate:
            return about<triage::EscalateReview>(id, [](triage::EscalateReview& escalate) {
                escalate.set_to_category(intake::C2);
                escalate.set_reason_code("worse");
            });
        case Deed::close:
        case Deed::scale_2:
        case Deed::undo:
        case Deed::reopen:
            return for_a_reason(deed, id);
        case Deed::sign_on:
        case Deed::sign_off:
        case Deed::hand_over:
        case Deed::withdraw:
        case Deed::acknowledge:
            return of_a_shift(deed, id, token, worker, colleague);
        case Deed::transfer:
        case Deed::withdraw_transfer:
        case Deed::accept_transfer:
        case Deed::decline_transfer:
        case Deed::reveal:
        case Deed::read_queue:
        case Deed::read_next:
        case Deed::read_pathways:
        case Deed::adopt_policy:
            return nullptr;
    }
    return nullptr;
}

}  // namespace

// What is in force from the beginning, as a text that is another.
std::unique_ptr<google::protobuf::Message> People::same_rules(const std::string& hub, const std::string& id) const {
    const auto& hubs = town_.options.hubs;
    const auto at = std::find_if(hubs.begin(), hubs.end(), [&](const auto& each) { return each.name == hub; });
    auto adopt = std::make_unique<triage::AdoptPolicy>();
    adopt->set_text(at->policy_text + "\n# " + id + "\n");
    return adopt;
}

// The queue, and what stands behind it.
void People::read_all(const std::string& hub, const std::string& case_id, const std::string& name) {
    triage::GetReview review;
    review.set_case_id(case_id);
    intake::GetCase one;
    one.set_case_id_or_number(case_id);
    referral::GetDeliveries deliveries;
    deliveries.set_case_id(case_id);
    query(hub, "triage", triage::GetQueue(), name);
    query(hub, "triage", review, name);
    query(hub, "triage", triage::GetPolicy(), name);
    query(hub, "intake", one, name);
    query(hub, "referral", deliveries, name);
}

void People::look(const std::shared_ptr<Shift>& shift, Deed deed, const std::string& case_id) {
    const auto& name = shift->worker.name;
    const auto& has = hub_that_has(shift->arrival);
    vault::ReleaseKey release;
    release.set_case_id(case_id);
    release.set_purpose("direct-care");
    release.set_session(name);
    triage::GetNext next;
    next.set_staff_id(name);
    triage::GetPathways pathways;
    pathways.set_case_id(case_id);
    if (deed == Deed::reveal) query(hub_of(shift->arrival), "vault", release, name);
    if (deed == Deed::read_queue) read_all(has, case_id, name);
    if (deed == Deed::read_next) query(has, "triage", next, name);
    if (deed == Deed::read_pathways) query(has, "triage", pathways, name);
}

void People::act(const std::shared_ptr<Shift>& shift, const Step& step) {
    const Deed deed = step.deed;
    const auto found = case_ids_.find(shift->arrival.number);
    if (found == case_ids_.end()) return work(shift);  // nobody has heard of it yet
    const auto& name = shift->worker.name;
    // Now and then the text is sealed under a key that vault will not release for this case.
    const bool foreign_key = (deed == Deed::decide || deed == Deed::decide_and_refer) && town_.random.one_in(6);
    const auto id = name + "-" + std::to_string(shift->arrival.number) + "-" + std::to_string(shift->at);
    const bool transfers = deed == Deed::transfer || deed == Deed::withdraw_transfer || deed == Deed::accept_transfer ||
                           deed == Deed::decline_transfer;
    if (transfers) {
        return ask_for_transfer(shift, deed, id);
    }
    auto payload = command_of(step, found->second, shift->token, foreign_key, shift->worker,
                              colleague_of(shift->arrival, shift->worker));
    if (deed == Deed::adopt_policy) payload = same_rules(hub_that_has(shift->arrival), id);
    if (payload == nullptr) {
        look(shift, deed, found->second);
        return work(shift);
    }
    auto command = command_for(shift->arrival, *payload, id, name);
    command.set_hub(hub_that_has(shift->arrival));
    command.mutable_actor()->set_role(shift->worker.role);
    ask("console-" + name, "clinician", "triage", command, [this, shift](const Reply& reply) {
        for (const auto& event : reply.receipt().events()) {
            const bool claimed = event.name() == "ReviewClaimed" || event.name() == "ReviewTakenOver" ||
                                 event.name() == "ReviewReopened";
            if (claimed) shift->token = event.event_id();
        }
        work(shift);
    });
}

}  // namespace rightplace::sim
