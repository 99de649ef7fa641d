#include "tests/sim/judge/record_model.hpp"

#include <google/protobuf/wrappers.pb.h>

#include <algorithm>

#include "messages/transfer.pb.h"

namespace rightplace::sim {
namespace {

constexpr std::int64_t breach_within_ms = 250;
constexpr std::int64_t nobody_within_ms = 1'000;
constexpr std::int64_t time_back_ms = 1'000;    // by a heartbeat that was so long on its way to the store
constexpr std::int64_t judged_ms = 5'000;       // between the moment a command is judged at and its commit
constexpr std::int64_t settle_ms = 120'000;     // what may still be under way when all has come to rest
constexpr std::int64_t lease_ms = 20 * 60'000;  // no policy of ours has a longer one
constexpr std::int64_t probe_after_ms = 10 * 60'000;

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

template <typename T>
bool is(const Event& event, T& payload) {
    return event.payload().UnpackTo(&payload);
}

}  // namespace

void RecordModel::wrong(int invariant, const Event& event, const std::string& what) {
    const auto slash = event.payload().type_url().rfind('.');
    findings_.add(invariant, hub_ + " seq " + std::to_string(event.seq()) + " " +
                                 event.payload().type_url().substr(slash + 1) + ": " + what);
}

void RecordModel::add(const Event& event) {
    chain(event);
    once(event);
    if (!event_ids_.insert(event.event_id()).second) wrong(2, event, "its event id is in the record twice");
    if (event.label() != "synthetic") wrong(2, event, "not labelled synthetic");
    add_case(event);
    add_review(event);
    add_roster(event);
    add_policy(event);
    add_offer(event);
    add_delivery(event);
    add_probe(event);
    add_parked(event);
}

void RecordModel::chain(const Event& event) {
    if (event.hub() != hub_) wrong(2, event, "of another hub");
    if (event.seq() != seq_ + 1) wrong(2, event, "not the next seq");
    if (event.prev() != prev_) wrong(2, event, "its prev is not the event before it");
    if (event.epoch() < epoch_) wrong(2, event, "its epoch is an older one");
    seq_ = event.seq();
    prev_ = event.event_id();
    epoch_ = event.epoch();
    auto& version = versions_[event.aggregate_type() + ":" + event.aggregate_id()];
    if (event.aggregate_version() != version + 1) wrong(2, event, "not the aggregate's next version");
    version = event.aggregate_version();
}

// All events of one command are one commit: a second commit of it would stand elsewhere.
void RecordModel::once(const Event& event) {
    if (event.command_id().empty()) return;
    const auto [at, first] = commands_.try_emplace(event.command_id());
    if (!first && (at->second.last_seq + 1 != event.seq() || at->second.epoch != event.epoch()))
        wrong(1, event, "its command was done twice");
    at->second = {event.seq(), event.epoch()};
}

void RecordModel::add_case(const Event& event) {
    intake::CaseOpened opened;
    if (is(event, opened)) {
        const auto [at, first] = cases_.try_emplace(event.aggregate_id());
        if (!first) wrong(1, event, "the case was opened twice");
        at->second = {event.event_id(), ms(event.recorded_at()), opened.facts().cad_number(), false, 0, 0};
        case_of_event_[event.event_id()] = event.aggregate_id();
    }
    intake::CaseClosed closed;
    if (is(event, closed)) cases_[event.aggregate_id()].closed = true;
    if (event.payload().Is<intake::CaseReopened>()) cases_[event.aggregate_id()].closed = false;
}

void RecordModel::add_review(const Event& event) {
    triage::ReviewQueued queued;
    if (is(event, queued)) {
        const auto [at, first] = reviews_.try_emplace(event.aggregate_id());
        if (!first) wrong(4, event, "a second review of the case");
        if (!cases_.contains(event.aggregate_id())) wrong(1, event, "a review without its case");
        at->second.case_id = event.aggregate_id();
        at->second.category = queued.facts().category();
        at->second.breach_at = ms(queued.breach_at());
        at->second.needs = needs_of(queued.facts());
        const bool of_999 = queued.facts().origin() == intake::VALIDATION_999;
        at->second.gives_back = at->second.has_sender = of_999 && queued.reply_to().protocol() == "bars";
        at->second.here_since = at->second.waits_since = ms(event.recorded_at());
        return;
    }
    if (event.aggregate_type() != "review" || add_transfer(event)) return;
    const auto found = reviews_.find(event.aggregate_id());
    if (found == reviews_.end()) return wrong(4, event, "about a review that was never queued");
    auto& review = found->second;
    triage::ReviewBreached breached;
    if (is(event, breached)) {
        if (++review.breaches > 1) wrong(5, event, "breached twice");
        if (review.ended_at != 0) wrong(5, event, "breached after its end");
        if (ms(breached.due()) != review.breach_at) wrong(5, event, "breached at another time than its own");
        if (ms(event.recorded_at()) + time_back_ms < review.breach_at) wrong(5, event, "breached before its time");
        review.breached_at = ms(event.recorded_at());
        if (breached.returned() && review.returned) wrong(5, event, "given back twice");
        review.returned = review.returned || breached.returned();
        if (breached.returned() && review.consulting) wrong(5, event, "given back in mid-consultation");
        return;
    }
    add_attendance(event, review);
    triage::ReviewReturned returned;
    if (is(event, returned)) {
        if (!returned.why().empty()) return;
        const bool ends = review.consulting && review.breaches > 0 && review.gives_back;
        if (review.returned || !(review.owes_return || (ends && returned.token() == review.token)))
            wrong(5, event, "given back without need");
        review.consultation_must_end = ends;
        review.returned = true;
        review.owes_return = false;
        return;
    }
    if (event.payload().Is<triage::ReturnNoted>()) {  // the breach watch gave it back, and the journal hears of it
        if (review.returned || review.ended_at != 0) wrong(5, event, "given back, and known or over");
        if (!review.gives_back) wrong(5, event, "given back to nobody");
        review.returned = true;
        return;
    }
    add_handover(event, review);
    add_claim(event, review);
    add_call(event, review);
    add_urgency(event, review);
    add_reopening(event, review);
    add_clinical(event, review);
    triage::ReviewDecided decided;
    if (is(event, decided)) end_review(event, review, decided.token());
    triage::ReviewRejected rejected;
    if (is(event, rejected)) end_review(event, review, review.token);
    triage::ReviewCancelled cancelled;
    if (is(event, cancelled)) {
        hides_no_call(event, review);
        review.call_due = 0;
        review.ended_at = ms(event.recorded_at()), review.token.clear(), review.consulting = false;
    }
}

void RecordModel::add_claim(const Event& event, ReviewModel& review) {
    triage::ReviewClaimed claimed;
    if (is(event, claimed)) {
        if (!review.token.empty()) wrong(4, event, "claimed while another claim was live");
        if (review.ended_at != 0) wrong(4, event, "claimed after its end");
        review.token = event.event_id();
        review.claimed_at = ms(event.recorded_at());
    }
    triage::ConsultationStarted started;
    if (is(event, started)) {
        if (review.token.empty() || started.token() != review.token) wrong(4, event, "begun under a stale token");
        review.consulting = true;
    }
    triage::ReviewTakenOver taken;
    if (is(event, taken)) {
        claim_ended(event, review, taken.from_token());
        if (review.ended_at != 0) wrong(4, event, "taken over after its end");
        if (taken.from().id() == taken.holder().id()) wrong(4, event, "taken over from oneself");
        if (review.owes_return) wrong(5, event, "taken over undecided past its breach, and not given back before");
        review.token = event.event_id();
        review.claimed_at = ms(event.recorded_at());
    }
    triage::ClaimReleased released;
    if (is(event, released)) claim_ended(event, review, released.token());
    triage::ClaimLapsed lapsed;
    if (is(event, lapsed)) claim_ended(event, review, lapsed.token());
}

// Only the holder hands a review over, to somebody on shift; and it is theirs when that very person takes it.
void RecordModel::add_handover(const Event& event, ReviewModel& review) {
    triage::HandoverOffered offered;
    if (is(event, offered)) {
        if (review.token.empty() || offered.token() != review.token) wrong(4, event, "handed over under a stale token");
        if (!on_shift_.contains(offered.to_staff_id())) wrong(4, event, "handed over to somebody not on shift");
        review.handed_to = offered.to_staff_id();
    }
    const auto& payload = event.payload();
    if (payload.Is<triage::HandoverWithdrawn>() || payload.Is<triage::ConsultationStarted>() ||
        payload.Is<triage::ClaimReleased>())
        review.handed_to.clear();
    const auto taken = [&](const auto& claim) {
        if (claim.reason_code() == "hand-over" && claim.holder().id() != review.handed_to)
            wrong(4, event, "taken by somebody it was not handed over to");
        review.handed_to.clear();
    };
    triage::ReviewClaimed claimed;
    if (is(event, claimed)) taken(claimed);
    triage::ReviewTakenOver taken_over;
    if (is(event, taken_over)) taken(taken_over);
}

void RecordModel::add_roster(const Event& event) {
    triage::TransferAccepted accepted;
    if (is(event, accepted) && !on_shift_.contains(accepted.by().id()))
        wrong(9, event, "accepted by somebody who is not on shift there");
    if (event.aggregate_type() != "roster") return;
    const auto before = attended_needs();
    triage::SignedOn on;
    if (is(event, on)) on_shift_[on.staff().id()] = {on.staff().role(), on.skill()};
    triage::SignedOff off;
    if (is(event, off)) on_shift_.erase(off.staff().id());
    roster_changed(event, before);
}

// A call promised to the patient: made, or missed once and not before its time.
void RecordModel::add_call(const Event& event, ReviewModel& review) {
    triage::WelfareCallPlanned planned;
    if (is(event, planned)) {
        hides_no_call(event, review);
        if (review.ended_at != 0) wrong(5, event, "a call was promised after the end");
        review.call_due = ms(planned.due());
        review.call_promised = ms(event.recorded_at());
        review.call_missed = false;
    }
    triage::ContactAttempted attempted;
    if (is(event, attempted) && attempted.outcome() == "answered") {
        hides_no_call(event, review);
        review.call_due = review.kept_call = 0;
        review.call_missed = false;
    }
    triage::WelfareCallMissed missed;
    if (!is(event, missed)) return;
    if (review.call_due == 0 || ms(missed.due()) != review.call_due) wrong(5, event, "missed, and not owed");
    if (review.call_missed) wrong(5, event, "missed twice");
    if (review.ended_at != 0) wrong(5, event, "missed after the end");
    if (ms(event.recorded_at()) + time_back_ms < review.call_due) wrong(5, event, "missed before its time");
    review.call_missed = true;
    const auto begins = std::max({review.call_due, review.call_promised, review.here_since});
    call_late_ms_ = std::max(call_late_ms_, ms(event.recorded_at()) - begins);
}

// Nothing that comes after a promised call's time may make it forgotten before it is said to be missed.
void RecordModel::hides_no_call(const Event& event, const ReviewModel& review) {
    if (review.call_due != 0 && !review.call_missed && ms(event.occurred_at()) >= review.call_due)
        wrong(5, event, "came after a promised call's time, and that was not said to be missed");
}

void RecordModel::claim_ended(const Event& event, ReviewModel& review, const std::string& token) {
    review.consultation_must_end = false;
    if (token != review.token) wrong(4, event, "another claim than the live one ended");
    review.waits_since = ms(event.recorded_at());
    review.cancelled_and_waits = review.cancellation_asked && review.call_due == 0;
    review.owes_return = review.consulting && review.breaches > 0 && !review.returned && review.gives_back;
    review.token.clear();
    review.consulting = false;
}

void RecordModel::end_review(const Event& event, ReviewModel& review, const std::string& token) {
    if (review.ended_at != 0) wrong(4, event, "ended twice");
    if (review.consultation_must_end) wrong(5, event, "decided by whom the case was given back for");
    hides_no_call(event, review);
    review.kept_call = review.call_due;
    review.call_due = 0;  // no longer owed
    if (review.token.empty() || token != review.token) wrong(4, event, "ended under a stale token");
    review.ended_at = ms(event.recorded_at());
    review.token.clear();
    review.consulting = false;
    remember_outcome(event, review);
}

void RecordModel::add_delivery(const Event& event) {
    if (event.aggregate_type() != "delivery") return;
    auto& delivery = deliveries_[event.aggregate_id()];
    referral::DeliveryRequested requested;
    if (is(event, requested)) {
        delivery = {event.case_id(), requested.reply_to().service_id(), requested.kind(), referral::REQUESTED,
                    requested.about_event_id()};
    }
    referral::DeliveryStarted started;
    if (is(event, started)) {
        if (delivery.withdrawn) wrong(4, event, "sent, when what it tells of had been taken back");
        delivery.status = referral::STARTED;
    }
    if (event.payload().Is<referral::DeliveryWithdrawn>()) {
        delivery.withdrawn = true;
        const bool waits = delivery.status == referral::REQUESTED || delivery.status == referral::WAITING ||
                           delivery.status == referral::QUARANTINED;
        if (waits) delivery.status = referral::SUPERSEDED;
    }
    referral::DeliverySettled settled;
    if (is(event, settled)) delivery.status = settled.status();
    const bool released = event.payload().Is<referral::DeliveryReleased>();
    if (released || event.payload().Is<referral::DeliverySettledByHand>()) {
        if (delivery.status != referral::QUARANTINED) wrong(4, event, "by hand, and no person was waited for");
        if (event.actor().id().empty()) wrong(4, event, "by hand, and by nobody");
        delivery.status = released ? referral::WAITING : referral::SETTLED_BY_HAND;
    }
    referral::DeliverySuperseded superseded;
    if (is(event, superseded)) delivery.status = referral::SUPERSEDED;
}

void RecordModel::add_probe(const Event& event) {
    if (event.aggregate_type() != "tally") return;
    google::protobuf::StringValue text;
    if (!is(event, text)) return;
    if (text.value().starts_with("count:")) {
        counts_[event.event_id()] = 0;
        return;
    }
    constexpr std::string_view follows = "counted:";
    if (text.value().starts_with(follows)) {
        const auto of = counts_.find(text.value().substr(follows.size(), text.value().rfind(':') - follows.size()));
        if (of == counts_.end()) return wrong(1, event, "a reaction to an event that is not in the record");
        if (++of->second > 1) wrong(1, event, "a reaction happened twice");
        return;
    }
    const bool timer = text.value().starts_with("timer:");
    const auto cause = timer ? text.value().substr(6) : text.value();
    const auto of = case_of_event_.find(cause);
    if (of == case_of_event_.end()) return wrong(1, event, "a reaction to an event that is not in the record");
    auto& counted = cases_[of->second];
    if (timer && ++counted.timers > 1) wrong(5, event, "a timer fired twice");
    if (!timer && ++counted.tallies > 1) wrong(1, event, "a reaction happened twice");
}

void RecordModel::at_rest(std::int64_t hub_now, const Calm& calm) {
    if (calm.on_time && epoch_ > 1) findings_.add(10, hub_ + ": a new epoch was opened, and nothing had happened");
    for (const auto& [id, one] : cases_) {
        if (!reviews_.contains(id) && !parked_about_.contains(one.event_id))
            findings_.add(10, hub_ + " case " + id + ": neither queued nor parked");
        if (calm.counted && one.tallies == 0) findings_.add(10, hub_ + " case " + id + ": a reaction was lost");
        if (calm.counted && one.timers == 0 && one.opened_at + probe_after_ms + settle_ms < hub_now)
            findings_.add(5, hub_ + " case " + id + ": a timer was lost");
    }
    for (const auto& [id, reactions] : counts_) {
        if (reactions == 0 && !parked_about_.contains(id))
            findings_.add(10, hub_ + " count " + id + ": a reaction was lost");
    }
    for (const auto& [id, review] : reviews_) {
        review_at_rest(review, hub_now, calm.on_time);
        attended_at_rest(review, hub_now);
    }
    reopened_at_rest();
    unparked_at_rest();
    offers_at_rest(hub_now);
    if (calm.on_time && said_late_ms_ > nobody_within_ms)
        findings_.add(5, hub_ + ": that nobody is there was said " + std::to_string(said_late_ms_) + " ms late");
    if (calm.on_time && call_late_ms_ > breach_within_ms)
        findings_.add(5,
                      hub_ + ": a promised call was said to be missed " + std::to_string(call_late_ms_) + " ms late");
    for (const auto& [id, delivery] : deliveries_) {
        const bool open = delivery.status == referral::REQUESTED || delivery.status == referral::STARTED ||
                          delivery.status == referral::WAITING;
        if (open && calm.endpoints.contains(delivery.service_id))
            findings_.add(10, hub_ + " delivery " + id + " (" + referral::DeliveryKind_Name(delivery.kind) +
                                  "): still " + referral::DeliveryStatus_Name(delivery.status));
    }
}

void RecordModel::review_at_rest(const ReviewModel& review, std::int64_t hub_now, bool on_time) {
    if (!review.away_to.empty()) return;  // the hub that has it has its deadlines
    const auto name = hub_ + " review " + review.case_id;
    if (is_quarantined(review)) return quarantined_at_rest(review, hub_now);
    const bool in_time = review.ended_at != 0 && review.ended_at <= review.breach_at + judged_ms;
    const bool told = review.breaches > 0 || missed_.contains(review.case_id);  // by its event, or by what was parked
    if (!in_time && !told && review.breach_at + settle_ms < hub_now)
        findings_.add(5, name + ": its breach passed in silence");
    if (on_time && review.breaches > 0) {
        const auto begins = std::max(review.breach_at, review.here_since);
        if (review.breached_at > begins + breach_within_ms)
            findings_.add(5, name + ": breached " + std::to_string(review.breached_at - begins) + " ms late");
    }
    const bool owed = review.ended_at == 0 && review.call_due != 0 && !review.call_missed;
    if (owed && review.call_due + (on_time ? breach_within_ms : settle_ms) < hub_now)
        findings_.add(5, name + ": a welfare call was missed in silence");
    if (review.owes_return) findings_.add(5, name + ": its consultation ended undecided after the breach, in silence");
    if (!review.token.empty() && review.claimed_at + lease_ms + settle_ms < hub_now)
        findings_.add(5, name + ": a claim that never lapsed");
    if (review.cancelled_and_waits && review.token.empty() && review.ended_at == 0)
        findings_.add(4, name + ": cancelled by its sender, held by nobody, and still in the queue");
}

}  // namespace rightplace::sim
