// How cases come: by BaRS message or by command; the same message again; updates and cancellations.
#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/seal.hpp"
#include "services/adapters/bars/domain/headers.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/sim/history/made_up.hpp"
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

std::string use_case_of(Arrives kind) {
    if (kind == Arrives::falls) return "a4t2";
    if (kind == Arrives::community) return "a4t3";
    return kind == Arrives::referral_999 ? "a3t1" : "a4t1";
}

// What asks to be validated, as a referral of the patient to us.
void hand_over(nlohmann::ordered_json& bundle) {
    bars_sample::resource(bundle, "ServiceRequest")["category"][0]["coding"][0]["code"] = "referral";
    bars_sample::resource(bundle, "CarePlan")["status"] = "completed";
    bars_sample::resource(bundle, "Encounter")["status"] = "finished";
}

intake::Origin origin_of(Arrives kind) {
    if (kind == Arrives::crew) return intake::CREW_ON_SCENE;
    if (kind == Arrives::gp) return intake::GP;
    if (kind == Arrives::nhs_111) return intake::NHS_111;
    return kind == Arrives::community_nurse ? intake::COMMUNITY_NURSE : intake::VALIDATION_999;
}

// On oxygen and short of breath, NEWS2 of 7 and more: the policies offer no SDEC, UCR, home treatment or discharge.
intake::Observations poorly() {
    auto seen = well();
    seen.set_respirations_per_minute(26);
    seen.set_oxygen_saturation_percent(93);
    seen.set_on_oxygen(true);
    return seen;
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
    if (!by_bars(arrival.kind)) return open_by_command(arrival);
    bars_sample::Sample sample;
    sample.bundle_id = uuid_of("bundle", arrival);
    sample.journey_id = derived_uuid({"sim", "journey", std::to_string(arrival.journey)});
    sample.now = town_.clock.wall_ms();
    sample.breach_at = sample.now + arrival.breach_in_ms;
    sample.use_case = use_case_of(arrival.kind);
    sample.target_service_id = town_.options.hubs[arrival.hub].bars_service_id;
    sample.source_service_id =
        arrival.endpoint ? town_.options.sender_service_ids.front() : std::string(unreachable_sender);
    sample.cad_number = "SYN-" + std::to_string(100'000 + arrival.number);
    auto bundle = bars_sample::request(sample);
    if (arrival.breach_in_ms == 0) bars_sample::resource(bundle, "ServiceRequest")["occurrencePeriod"].erase("end");
    if (arrival.kind == Arrives::referral_999) hand_over(bundle);
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
    const bool accepts = arrival.kind != Arrives::unreadable && !posting->changes;
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
    facts.set_origin(origin_of(arrival.kind));
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
        *facts.mutable_observations() = arrival.unwell ? poorly() : well();
        if (is_to_be_on_scale_2(arrival)) {  // 2 by scale 1, and 4 by scale 2
            facts.mutable_observations()->set_on_oxygen(true);
            facts.mutable_observations()->set_oxygen_saturation_percent(96);
        }
    }
    return facts;
}

void People::open_by_command(const Arrival& arrival) {
    if (arrival.somebody) return open_for_somebody(arrival);
    // A console's keys come in blocks from vault; here each has a number far from any block.
    key_ids_[arrival.number] = "k-9" + std::string(8, '0') + std::to_string(100 + arrival.number);
    open_with(arrival, sealed_bytes(key_ids_[arrival.number]));
}

// A block of keys does for many contacts; who gets none asks again.
void People::open_for_somebody(const Arrival& arrival) {
    constexpr std::uint32_t keys_at_once = 32;
    constexpr std::int64_t again_ms = 1'000;
    if (!keys_.empty()) {
        const auto key = keys_.back();
        keys_.pop_back();
        key_used(key);
        key_ids_[arrival.number] = key.key_id();
        return open_with(arrival, sealing::seal(sealing::Key(key.key()), key.key_id(), sealing::Context::person,
                                                made_up_person(arrival.number).SerializeAsString(), town_.random));
    }
    Request request;
    vault::AllocateKeys allocate;
    allocate.set_count(keys_at_once);
    request.mutable_query()->set_hub(hub_of(arrival));
    request.mutable_query()->set_deadline_ms(usual_attempt_ms);
    request.mutable_query()->mutable_payload()->PackFrom(allocate);
    auto client = std::make_shared<Network::Client>(town_.network, "console-keys", "cli");
    ++waiting_;
    client->ask("vault", request.SerializeAsString(), usual_attempt_ms, [this, client, arrival](const auto& answer) {
        --waiting_;
        Response response;
        vault::AllocateKeysReply given;
        const bool got = answer.ok() && response.ParseFromString(answer.value()) &&
                         response.query_reply().payload().UnpackTo(&given);
        if (got) keys_.insert(keys_.end(), given.keys().begin(), given.keys().end());
        town_.at(got ? 0 : again_ms, [this, arrival] { open_for_somebody(arrival); });
    });
}

void People::open_with(const Arrival& arrival, const Sealed& person) {
    case_ids_[arrival.number] = uuid_of("case", arrival);
    intake::OpenCase open;
    open.set_case_id(case_ids_[arrival.number]);
    *open.mutable_facts() = facts_of(arrival);
    *open.mutable_person() = person;
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

}  // namespace rightplace::sim
