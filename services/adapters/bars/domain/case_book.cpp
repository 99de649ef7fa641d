#include "services/adapters/bars/domain/case_book.hpp"

#include <algorithm>
#include <set>

#include "common/base/limits.hpp"
#include "messages/transfer.pb.h"
#include "services/adapters/bars/domain/header_fields.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"

namespace rightplace::bars {
namespace {

// Another message about the case is dated after the one before it by so much: a receiver ignores an equal date.
constexpr TimeMs dates_apart_ms = 1'000;

// Undecided: the case needs watching again. Whoever took over has not begun a consultation yet.
bool ends_consultation(const google::protobuf::Any& payload) {
    return payload.Is<triage::ClaimReleased>() || payload.Is<triage::ClaimLapsed>() ||
           payload.Is<triage::ReviewTakenOver>();
}

// Told of another hub's review, and that hub has been heard to go on since.
template <typename T>
bool is_overtaken(const google::protobuf::Any& payload, const BookedCase& booked) {
    T told;
    return payload.UnpackTo(&told) && booked.overtaken(told.at());
}

}  // namespace

void BookedCase::end(const Event& event) {
    ended = owes_answer = true;
    ended_at = to_ms(event.occurred_at());
    outcome_event_id = event.event_id();
    consulting = false;
}

void BookedCase::reopen(bool in_consultation, TimeMs at) {
    const TimeMs after_return = returned ? std::max(breach_at, return_not_before) + 2 * dates_apart_ms : 0;
    if (in_consultation && consultation_at == 0) consultation_at = at;
    not_before = std::max({not_before, ended_at, after_return}) + dates_apart_ms;
    if (!returned) return_not_before = not_before;
    ended = owes_answer = false;
    outcome_event_id.clear();
    consulting = in_consultation;
}

// A more urgent category may leave less time; it never gives more.
void BookedCase::bring_forward(const triage::ReviewEscalated& escalated) {
    if (!escalated.has_breach_at()) return;
    const auto told = to_ms(escalated.breach_at());
    breach_at = breach_at == 0 ? told : std::min(breach_at, told);
}

void CaseBook::apply(const Event& event) {
    const auto& type = event.aggregate_type();
    if (type == "case" || type == "exchange") {
        apply_case(event);
    } else if (type == "review") {
        apply_review(event);
    } else if (type == "delivery") {
        apply_delivery(event);
    }
}

const BookedCase* CaseBook::find(const std::string& case_id) const {
    const auto found = cases_.find(case_id);
    return found == cases_.end() ? nullptr : &found->second;
}

const BookedCase* CaseBook::of_service_request(const std::string& service_request_id) const {
    const auto found = by_service_request_.find(service_request_id);
    return found == by_service_request_.end() ? nullptr : find(found->second);
}

void CaseBook::each(const std::function<void(const BookedCase&)>& see) const {
    for (const auto& [id, booked] : cases_) see(booked);
}

const BookedCase* CaseBook::of_message(const std::string& message_id) const {
    const auto found = by_message_.find(message_id);
    return found == by_message_.end() ? nullptr : find(found->second);
}

const BookedCase* CaseBook::only_open_of(const std::string& journey_id, const std::string& sender_service_id) const {
    const BookedCase* only = nullptr;
    for (const auto& [id, booked] : cases_) {
        if (booked.ended || !booked.cancelled.empty() || booked.facts.journey_id() != journey_id) continue;
        if (booked.reply_to.service_id() != sender_service_id) continue;
        if (only != nullptr) return nullptr;
        only = &booked;
    }
    return only;
}

const BookedCase* CaseBook::latest_of_journey(const std::string& journey_id) const {
    const BookedCase* latest = nullptr;
    for (const auto& [id, booked] : cases_) {
        const bool of_it = !journey_id.empty() && booked.facts.journey_id() == journey_id;
        if (of_it && (latest == nullptr || booked.opened_at > latest->opened_at)) latest = &booked;
    }
    return latest;
}

void CaseBook::open_case(const Event& event, const intake::CaseOpened& opened) {
    const auto& protocol = opened.reply_to().protocol();
    if (protocol.empty() && opened.facts().origin() == intake::VALIDATION_999) {
        sent_[event.aggregate_id()] = {event.aggregate_id(), opened.case_number(), opened.facts().key_id(), "",
                                       to_ms(event.occurred_at())};
    }
    forget_long_over(to_ms(event.occurred_at()));
    if (protocol != validation_protocol && protocol != referral_protocol) return;
    auto& booked = cases_[event.aggregate_id()];
    booked.case_id = event.aggregate_id();
    booked.case_number = opened.case_number();
    booked.correlation_id = event.correlation_id();
    booked.reply_to = opened.reply_to();
    booked.referral = protocol == referral_protocol;
    booked.facts = opened.facts();
    booked.opened_at = to_ms(event.occurred_at());
    if (opened.facts().has_breach_at()) booked.breach_at = to_ms(opened.facts().breach_at());
    by_message_[booked.reply_to.message_id()] = booked.case_id;
}

const SentRequest* CaseBook::sent(const std::string& message_id) const {
    const auto found = sent_by_message_.find(lower_case(message_id));
    return found == sent_by_message_.end() ? nullptr : &sent_.at(found->second);
}

void CaseBook::keep_sent(const Event& event, const intake::ExchangeAnswered& said) {
    const auto found = sent_.find(said.case_id());
    const auto& exchange = said.exchange();
    if (found == sent_.end() || !said.accepted() || exchange.message_id().empty()) return;
    if (exchange.protocol() == sent_protocol) found->second.correlation_id = exchange.correlation_id();
    found->second.last_at = std::max(found->second.last_at, to_ms(event.occurred_at()));
    sent_by_message_[lower_case(exchange.message_id())] = said.case_id();
}

void CaseBook::answered(const Event& event, const intake::ExchangeAnswered& said) {
    keep_sent(event, said);
    const auto found = cases_.find(said.case_id());
    const auto& exchange = said.exchange();
    if (found == cases_.end() || !said.accepted()) return;
    auto& booked = found->second;
    if (exchange.has_current()) {
        booked.original = exchange.current();
    } else if (exchange.kind().empty() && exchange.has_original()) {
        booked.original = exchange.original();
        booked.content_type = exchange.content_type();
        booked.requester_ods = exchange.requester_organisation_ods();
    }
    if (exchange.service_request_id().empty()) return;
    booked.service_request_id = exchange.service_request_id();
    by_service_request_[booked.service_request_id] = booked.case_id;
}

void CaseBook::apply_case(const Event& event) {
    intake::CaseOpened opened;
    if (event.payload().UnpackTo(&opened)) return open_case(event, opened);
    intake::ExchangeAnswered said;
    if (event.payload().UnpackTo(&said)) return answered(event, said);
    const auto found = cases_.find(event.aggregate_id());
    if (found == cases_.end()) return;
    intake::CaseUpdated updated;
    intake::CancellationAsked asked;
    if (event.payload().UnpackTo(&updated)) {
        found->second.facts = updated.facts();
        ++found->second.updates;
    } else if (event.payload().UnpackTo(&asked)) {
        found->second.cancelled = asked.reason().empty() ? "revoked" : asked.reason();
        found->second.cancelled_at = to_ms(event.occurred_at());
    }
}

void CaseBook::apply_review(const Event& event) {
    const auto found = cases_.find(event.case_id());
    if (found == cases_.end()) return;
    auto& booked = found->second;
    const auto at = to_ms(event.occurred_at());
    const auto& payload = event.payload();
    triage::ReviewQueued queued;
    triage::ReviewBreached breached;
    triage::SenderUpdateNoted noted;
    if (payload.UnpackTo(&queued)) {
        booked.breach_at = to_ms(queued.breach_at());
    } else if (payload.UnpackTo(&noted)) {
        if (noted.has_breach_at()) booked.breach_at = to_ms(noted.breach_at());
    } else if (triage::ReviewEscalated escalated; payload.UnpackTo(&escalated)) {
        booked.bring_forward(escalated);
    } else if (payload.Is<triage::ConsultationStarted>()) {
        booked.consultation_at = at;
        booked.consulting = !is_overtaken<triage::ConsultationStarted>(payload, booked);
    } else if (ends_consultation(payload)) {
        booked.consulting = false;
    } else if (payload.UnpackTo(&breached)) {
        booked.returned = booked.returned || breached.returned();  // it may have been before
    } else if (payload.Is<triage::ReviewReturned>()) {
        booked.returned = true;
    } else if (payload.UnpackTo(&booked.decided)) {
        booked.decided_at = at;
        if (!booked.overtaken(booked.decided.at())) booked.end(event);
    } else if (payload.UnpackTo(&booked.rejected)) {
        booked.rejected_at = at;
        if (!booked.overtaken(booked.rejected.at())) booked.end(event);
    } else if (triage::ReviewReopened reopened; payload.UnpackTo(&reopened)) {
        if (booked.ended) booked.reopen(reopened.has_holder() && !booked.overtaken(reopened.at()), at);
    } else if (payload.Is<triage::ReviewTransferred>() || payload.Is<triage::ReviewReceived>()) {
        booked.away = payload.Is<triage::ReviewTransferred>();
        booked.consulting = false;
        booked.heard_seq = 0;
    } else if (payload.Is<triage::ReviewCancelled>()) {
        booked.ended = true;
        booked.ended_at = at;
    }
}

void CaseBook::heard_elsewhere(const Event& event) {
    const auto found = cases_.find(event.case_id());
    if (found == cases_.end() || !found->second.away) return;
    auto& booked = found->second;
    if (triage::ReviewEscalated escalated; event.payload().UnpackTo(&escalated)) booked.bring_forward(escalated);
    triage::ReviewReopened reopened;
    const bool is_reopened = event.payload().UnpackTo(&reopened);
    if (is_reopened && booked.ended) booked.reopen(reopened.has_holder(), to_ms(event.occurred_at()));
    if (ends_consultation(event.payload())) booked.consulting = false;
    if (is_reopened || ends_consultation(event.payload())) booked.heard_seq = event.seq();
}

void CaseBook::apply_delivery(const Event& event) {
    const auto& payload = event.payload();
    const auto& id = event.aggregate_id();
    referral::DeliveryRequested requested;
    referral::DeliveryStarted started;
    referral::DeliverySettled settled;
    const bool begins = payload.Is<referral::DeliveryRequested>();
    if (!begins && !deliveries_.contains(id)) return;  // about one that had come to its end
    auto& delivery = deliveries_[id];
    if (payload.UnpackTo(&requested)) {
        delivery.set_delivery_id(id);
        delivery.set_case_id(event.case_id());
        delivery.set_case_number(event.case_number());
        delivery.set_kind(requested.kind());
        *delivery.mutable_reply_to() = requested.reply_to();
        delivery.set_about_event_id(requested.about_event_id());
        delivery.set_correlation_id(event.correlation_id());
        delivery.set_emergency(requested.emergency());
        delivery.set_status(referral::REQUESTED);
    } else if (payload.UnpackTo(&started)) {
        delivery.set_status(referral::STARTED);
        delivery.set_attempts(started.attempt());
        if (delivery.request_id().empty()) {  // fixed at the first attempt
            delivery.set_request_id(started.request_id());
            *delivery.mutable_body() = started.body();
            delivery.set_content_type(started.content_type());
        }
    } else if (payload.UnpackTo(&settled)) {
        delivery.set_status(settled.status());
        delivery.set_last_http_status(settled.http_status());
        *delivery.mutable_next_attempt_at() = settled.next_attempt_at();
        const auto found = cases_.find(event.case_id());
        if (found != cases_.end()) {
            const bool over = settled.status() != referral::WAITING;
            if (over && delivery.kind() == referral::BREACH_RETURN) found->second.return_recorded = true;
            if (settled.status() == referral::DELIVERED) found->second.answered_before = true;
        }
    } else if (referral::DeliveryReleased released; payload.UnpackTo(&released)) {
        delivery.set_status(referral::WAITING);
        delivery.set_released(true);
        *delivery.mutable_next_attempt_at() = released.next_attempt_at();
    } else if (payload.Is<referral::DeliveryWithdrawn>()) {
        // One under way is over when its attempt is settled.
        delivery.set_withdrawn(true);
        if (delivery.status() != referral::STARTED) delivery.set_status(referral::SUPERSEDED);
    } else if (payload.Is<referral::DeliveryUnconfirmed>()) {
        return;  // people are told; it is tried on as before
    } else if (payload.Is<referral::DeliverySettledByHand>()) {
        delivery.set_status(referral::SETTLED_BY_HAND);
    } else {
        delivery.set_status(referral::SUPERSEDED);
    }
    end_if_over(id);
}

// A quarantined delivery is kept: a person may release it, and then its bytes go again.
void CaseBook::end_if_over(const std::string& delivery_id) {
    const auto& delivery = deliveries_.at(delivery_id);
    const auto status = delivery.status();
    const bool over =
        status == referral::DELIVERED || status == referral::SUPERSEDED || status == referral::SETTLED_BY_HAND;
    if (!over && status != referral::QUARANTINED) return;
    const auto found = cases_.find(delivery.case_id());
    if (found != cases_.end() && found->second.outcome_event_id == delivery.about_event_id())
        found->second.owes_answer = false;
    if (over) deliveries_.erase(delivery_id);
}

// An ended case whose last message has gone needs no answer any more, once nobody may reopen it; its bytes stay in the
// journal.
void CaseBook::forget_long_over(TimeMs now) {
    std::set<std::string> waiting;
    for (const auto& [id, delivery] : deliveries_) waiting.insert(delivery.case_id());
    std::erase_if(cases_, [&](const auto& each) {
        const auto& [id, booked] = each;
        return booked.ended && !booked.owes_answer && booked.ended_at + limits::booked_after_end_ms < now &&
               !waiting.contains(id);
    });
    const auto is_forgotten = [&](const auto& named) { return !cases_.contains(named.second); };
    std::erase_if(by_service_request_, is_forgotten);
    std::erase_if(by_message_, is_forgotten);
    std::erase_if(sent_, [&](const auto& each) { return each.second.last_at + sent_kept_ms < now; });
    std::erase_if(sent_by_message_, [&](const auto& named) { return !sent_.contains(named.second); });
}

}  // namespace rightplace::bars
