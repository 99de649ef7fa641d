// How cases come: by BaRS message or by command; the same message again; updates and cancellations; and
// what clinicians then do with them.
#include <algorithm>

#include "common/base/hash.hpp"
#include "messages/vault.pb.h"
#include "services/adapters/bars/domain/headers.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/sim/history/people.hpp"
#include "tests/unit/bars_sample.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t post_timeout_ms = 5'000;
constexpr std::int64_t post_patience_ms = 4 * 3'600'000;
constexpr auto unreachable_sender = "7700900099";

std::string uuid_of(const std::string& what, const Arrival& arrival) {
    return derived_uuid({"sim", what, std::to_string(arrival.number)});
}

// A crew has measured everything, and it speaks against no pathway.
intake::Observations well() {
    intake::Observations seen;
    seen.set_respirations_per_minute(16);
    seen.set_oxygen_saturation_percent(97);
    seen.set_on_oxygen(false);
    seen.set_systolic_mmhg(132);
    seen.set_pulse_per_minute(78);
    seen.set_consciousness(intake::ALERT);
    seen.set_temperature_tenths_c(368);
    return seen;
}

bool is_to_be_on_scale_2(const Arrival& arrival) {
    for (const auto& worker : arrival.workers) {
        for (const auto& step : worker.steps) {
            if (step.deed == Deed::scale_2) return true;
        }
    }
    return false;
}

Sealed sealed(const std::string& key_id) {
    Sealed text;
    text.set_key_id(key_id);
    text.set_nonce(std::string(24, 'n'));
    text.set_ciphertext(std::string(40, 'c'));
    return text;
}

}  // namespace

void People::expect(const Arrival& arrival) {
    town_.at(arrival.at_ms, [this, arrival] { arrive(arrival); });
    for (const auto& worker : arrival.workers) {
        town_.at(arrival.at_ms, [this, arrival, worker] {
            work(std::make_shared<Shift>(Shift{arrival, worker, 0, {}}));
        });
    }
}

void People::arrive(const Arrival& arrival) {
    if (arrival.kind == Arrives::validation_command || arrival.kind == Arrives::crew) return open_by_command(arrival);
    bars_sample::Sample sample;
    sample.bundle_id = uuid_of("bundle", arrival);
    sample.journey_id = derived_uuid({"sim", "journey", std::to_string(arrival.journey)});
    sample.now = town_.clock.wall_ms();
    sample.breach_at = sample.now + (arrival.breach_in_ms == 0 ? 20 * 60'000 : arrival.breach_in_ms);
    sample.target_service_id = town_.options.hubs[arrival.hub].bars_service_id;
    sample.source_service_id =
        arrival.endpoint ? town_.options.sender_service_ids.front() : std::string(unreachable_sender);
    sample.cad_number = "SYN-" + std::to_string(100'000 + arrival.number);
    auto bundle = bars_sample::request(sample);
    if (arrival.kind == Arrives::unreadable) bars_sample::remove(bundle, "Patient");
    auto posting = std::make_shared<Posting>();
    posting->arrival = arrival;
    posting->request_id = uuid_of("request", arrival);
    posting->body = bundle.dump();
    posting->until = town_.now() + post_patience_ms;
    post(posting);
    for (const auto after : arrival.again_ms) {
        town_.at(after, [this, posting] {
            auto again = std::make_shared<Posting>(*posting);
            again->until = town_.now() + post_patience_ms;
            post(again);
        });
    }
}

void People::post(const std::shared_ptr<Posting>& posting) {
    ++waiting_;
    const auto& arrival = posting->arrival;
    seams::HttpRequest request;
    request.url = "http://bars/FHIR/R4/$process-message";
    request.body = posting->body;
    request.timeout_ms = post_timeout_ms;
    const auto journey = derived_uuid({"sim", "journey", std::to_string(arrival.journey)});
    request.headers = {
        {"Content-Type", "application/fhir+json"},
        {"X-Request-Id", posting->request_id},
        {"X-Correlation-Id", journey},
        {"NHSD-Target-Identifier", bars::target_identifier(town_.options.hubs[arrival.hub].bars_service_id)}};
    auto partner = std::make_shared<Network::Partner>(town_.network, "sender");
    partner->post(std::move(request),
                  [this, posting, partner](const seams::HttpAnswer& answer) { posted(posting, answer); });
}

void People::posted(const std::shared_ptr<Posting>& posting, const seams::HttpAnswer& answer) {
    --waiting_;
    const auto& arrival = posting->arrival;
    const bool accepts = arrival.kind == Arrives::validation && !posting->changes;
    auto& case_id = case_ids_[arrival.number];
    if (accepts && case_id.empty()) case_id = bars::case_id_of(hub_of(arrival), uuid_of("bundle", arrival));
    judge_.bars_answered(hub_of(arrival), posting->request_id, accepts ? case_id : std::string(), answer.status,
                         answer.body);
    const bool again = answer.status == 0 || answer.status == 408 || answer.status == 425 || answer.status == 429 ||
                       answer.status >= 500;
    if (again && town_.now() < posting->until) {
        const auto slower = std::min(++posting->tries, slowest_after_tries);
        town_.at(town_.random.between(200, 5'000) * slower, [this, posting] { post(posting); });
        return;
    }
    if (again) judge_.gave_up("post " + posting->request_id);
    ++answers_;
    town_.trace("sender posted " + std::to_string(arrival.number) + ": " + std::to_string(answer.status));
    if (accepts && answer.status != 200 && answer.status != 409)
        judge_.findings.add(6, "a good message was answered " + std::to_string(answer.status) + ": " + answer.body);
    // What others did to the case meanwhile stands against a change: a conflict, never an error.
    if (posting->changes && answer.status != 200 && answer.status != 409)
        judge_.findings.add(6, "a good change was answered " + std::to_string(answer.status) + ": " + answer.body);
    if (accepts) change_later(*posting);
}

intake::CaseFacts People::facts_of(const Arrival& arrival) const {
    intake::CaseFacts facts;
    facts.set_origin(arrival.kind == Arrives::crew ? intake::CREW_ON_SCENE : intake::VALIDATION_999);
    facts.set_category(arrival.number % 3 == 0 ? intake::C2 : intake::C3);
    facts.set_key_id(key_ids_.at(arrival.number));
    facts.set_cad_number(arrival.poison.empty() ? "CAD-" + std::to_string(arrival.journey) : arrival.poison);
    facts.set_journey_id(derived_uuid({"sim", "journey", std::to_string(arrival.journey)}));
    *facts.mutable_clock_start() = to_timestamp(town_.clock.wall_ms());
    if (arrival.breach_in_ms != 0)
        *facts.mutable_breach_at() = to_timestamp(town_.clock.wall_ms() + arrival.breach_in_ms);
    if (arrival.kind == Arrives::crew) {
        facts.set_callsign("SYN-1");
        facts.set_original_plan(arrival.original_plan);
        *facts.mutable_observations() = well();
        if (is_to_be_on_scale_2(arrival)) {  // 2 by scale 1, and 4 by scale 2
            facts.mutable_observations()->set_on_oxygen(true);
            facts.mutable_observations()->set_oxygen_saturation_percent(96);
        }
    }
    return facts;
}

void People::open_by_command(const Arrival& arrival) {
    // A console's keys come in blocks from vault; here each has a number far from any block.
    key_ids_[arrival.number] = "k-9" + std::string(8, '0') + std::to_string(100 + arrival.number);
    case_ids_[arrival.number] = uuid_of("case", arrival);
    intake::OpenCase open;
    open.set_case_id(case_ids_[arrival.number]);
    *open.mutable_facts() = facts_of(arrival);
    *open.mutable_person() = sealed(open.facts().key_id());
    const auto id = "open-" + std::to_string(arrival.number);
    const auto command = command_for(arrival, open, id, "crew-" + std::to_string(arrival.number));
    const auto party = "console-" + std::to_string(arrival.number);
    ask(party, "cli", "intake", command, [](const Reply&) {});
    for (const auto after : arrival.again_ms) {
        town_.at(after, [this, party, command] { ask(party, "cli", "intake", command, [](const Reply&) {}); });
    }
    if (arrival.cancel_ms >= 0) {
        intake::CancelCase cancel;
        cancel.set_case_id(open.case_id());
        cancel.set_reason("no longer needed");
        const auto cancelling = command_for(arrival, cancel, "cancel-" + std::to_string(arrival.number), "crew");
        town_.at(arrival.cancel_ms,
                 [this, party, cancelling] { ask(party, "cli", "intake", cancelling, [](const Reply&) {}); });
    }
    if (arrival.update_ms >= 0) {
        intake::UpdateCase update;
        update.set_case_id(open.case_id());
        *update.mutable_facts() = open.facts();
        update.mutable_facts()->set_category(intake::C2);
        const auto updating = command_for(arrival, update, "update-" + std::to_string(arrival.number), "crew");
        town_.at(arrival.update_ms,
                 [this, party, updating] { ask(party, "cli", "intake", updating, [](const Reply&) {}); });
    }
}

// --- clinicians ------------------------------------------------------------------------------------

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
    return about<triage::AddNote>(id, [](triage::AddNote& note) { *note.mutable_text() = sealed("k-000000000001"); });
}

Payload for_a_reason(Deed deed, const std::string& id) {
    const auto with_reason = [](auto& command) { command.set_reason_code("wrong-pathway"); };
    if (deed == Deed::scale_2) return about<triage::UseSpo2Scale2>(id, with_reason);
    if (deed == Deed::undo) return about<triage::UndoOutcome>(id, with_reason);
    return about<triage::ReopenReview>(id, with_reason);
}

// The ends of a shift, and handing over.
Payload of_a_shift(Deed deed, const std::string& id, const std::string& token, const std::string& me,
                   const std::string& colleague) {
    if (deed == Deed::sign_on) return of_staff<triage::SignOn>(me);
    if (deed == Deed::sign_off) return of_staff<triage::SignOff>(me);
    if (deed == Deed::withdraw) return under<triage::WithdrawHandover>(id, token);
    if (deed == Deed::acknowledge) return about<triage::AcknowledgeHandover>(id);
    return under<triage::HandOverReview>(id, token, [&](auto& give) { give.set_to_staff_id(colleague); });
}

// The command of a deed; nothing for what is only looked at.
Payload command_of(const Step& step, const std::string& id, const std::string& token, bool foreign_key,
                   const std::string& me, const std::string& colleague) {
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
            return under<triage::DecideReview>(id, token, [&](triage::DecideReview& decide) {
                const auto usual = deed == Deed::decide ? triage::ADVICE : triage::UCR;
                decide.set_pathway(step.pathway == triage::PATHWAY_UNSPECIFIED ? usual : step.pathway);
                decide.set_rationale_code(decide.pathway() == triage::UCR ? "fall" : "self-care");
                if (foreign_key) *decide.mutable_rationale() = sealed("k-000000000001");
                if (deed == Deed::decide_and_refer) decide.set_refer_to_service_id("2000099999");
            });
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
        case Deed::scale_2:
        case Deed::undo:
        case Deed::reopen:
            return for_a_reason(deed, id);
        case Deed::sign_on:
        case Deed::sign_off:
        case Deed::hand_over:
        case Deed::withdraw:
        case Deed::acknowledge:
            return of_a_shift(deed, id, token, me, colleague);
        case Deed::transfer:
        case Deed::withdraw_transfer:
        case Deed::accept_transfer:
        case Deed::decline_transfer:
        case Deed::reveal:
        case Deed::read_queue:
            return nullptr;
    }
    return nullptr;
}

}  // namespace

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
    const auto payload =
        command_of(step, found->second, shift->token, foreign_key, name, colleague_of(shift->arrival, shift->worker));
    if (payload == nullptr) {
        vault::ReleaseKey release;
        release.set_case_id(found->second);
        release.set_purpose("direct-care");
        release.set_session(name);
        if (deed == Deed::reveal) query(hub_of(shift->arrival), "vault", release, name);
        if (deed == Deed::read_queue) query(hub_that_has(shift->arrival), "triage", triage::GetQueue(), name);
        return work(shift);
    }
    auto command = command_for(shift->arrival, *payload, id, name);
    command.set_hub(hub_that_has(shift->arrival));
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
