// Transfers, as the records tell them: a case has one owner at every moment, who holds its clock.
#include "messages/transfer.pb.h"
#include "tests/sim/judge/record_model.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t time_back_ms = 1'000;  // by a heartbeat that was so long on its way to the store
constexpr std::int64_t settle_ms = 120'000;   // what may still be under way when all has come to rest

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

template <typename T>
bool is(const Event& event, T& payload) {
    return event.payload().UnpackTo(&payload);
}

// Said to have happened at another hub; empty: here.
template <typename... Events>
std::string told_by(const Event& event) {
    std::string hub;
    const auto look = [&](auto told) {
        if (is(event, told) && told.has_at()) hub = told.at().hub();
    };
    (look(Events()), ...);
    return hub;
}

std::string told_by_another(const Event& event) {
    return told_by<triage::ConsultationStarted, triage::ClaimReleased, triage::ClaimLapsed, triage::ReviewTakenOver,
                   triage::ReviewBreached, triage::ReviewReturned, triage::ReviewDecided, triage::ReviewRejected,
                   triage::ReviewCancelled, triage::ReviewReopened>(event);
}

}  // namespace

bool RecordModel::add_transfer(const Event& event) {
    if (event.payload().Is<triage::ReviewReceived>()) {
        received(event);
        return true;
    }
    const auto found = reviews_.find(event.aggregate_id());
    if (found == reviews_.end()) return false;
    auto& review = found->second;
    const auto& payload = event.payload();
    triage::TransferEnded over;
    if (payload.Is<triage::TransferOffered>()) {
        if (!review.away_to.empty() || review.ended_at != 0) wrong(9, event, "offered, and not this hub's to offer");
        if (!review.offer.empty()) wrong(9, event, "offered twice");
        triage::TransferOffered offered;
        static_cast<void>(is(event, offered));
        if (review.again_at != 0 && ms(event.recorded_at()) + time_back_ms < review.again_at &&
            event.actor().role() == "system")
            wrong(9, event, "offered again before its time");
        review.offer = event.event_id();
        review.answer_by = ms(offered.answer_by());
        review.again_at = 0;
        return true;
    }
    if (is(event, over)) {
        if (over.offer_id() != review.offer) wrong(9, event, "another offer than the one that stands ended");
        if (over.why() == "not-answered" && ms(event.recorded_at()) + time_back_ms < review.answer_by)
            wrong(5, event, "not answered, before its time");
        if (over.has_again_at() && review.unattended.empty()) wrong(9, event, "offered again, and somebody is there");
        review.again_at = over.has_again_at() ? ms(over.again_at()) : 0;
        review.offer.clear();
        return true;
    }
    if (payload.Is<triage::OfferingEnded>()) {
        if (review.again_at == 0) wrong(9, event, "never offered again, and nobody said that it would be");
        review.again_at = 0;
        return true;
    }
    if (payload.Is<triage::ReviewTransferred>()) {
        let_go(event, review);
        return true;
    }
    if (payload.Is<triage::TransferConfirmed>() || payload.Is<triage::ConfirmationMissed>() ||
        payload.Is<triage::PassedOn>()) {
        if (review.away_to.empty()) wrong(9, event, "of a transfer, and the review is here");
        return true;
    }
    if (review.away_to.empty()) {
        if (!told_by_another(event).empty()) wrong(9, event, "done at another hub, when this one had the case");
        // Work here ends an offer, in so many words and first.
        const bool work = payload.Is<triage::ReviewClaimed>() || payload.Is<triage::ReviewTakenOver>() ||
                          payload.Is<triage::ConsultationStarted>() || payload.Is<triage::ReviewDecided>() ||
                          payload.Is<triage::ReviewRejected>() || payload.Is<triage::ReviewCancelled>();
        if (work && !review.offer.empty()) wrong(9, event, "worked on while it was offered to another hub");
        return false;
    }
    add_elsewhere(event, review);
    return true;
}

void RecordModel::let_go(const Event& event, ReviewModel& review) {
    triage::ReviewTransferred gone;
    static_cast<void>(is(event, gone));
    if (!review.away_to.empty() || review.ended_at != 0) wrong(9, event, "let go, and not this hub's");
    if (gone.offer_id() != review.offer || review.offer.empty()) wrong(9, event, "let go without an offer that stands");
    if (!review.token.empty()) wrong(9, event, "let go while it was claimed");
    if (ms(gone.review().breach_at()) != review.breach_at) wrong(9, event, "let go with another breach time");
    if (gone.review().breached() != (review.breaches > 0)) wrong(9, event, "let go with a breach hidden or made up");
    if (review.call_due != 0 && ms(gone.review().welfare_call_due()) != review.call_due)
        wrong(9, event, "let go without the call that is owed");
    if (review.owes_return) wrong(5, event, "let go undecided past its breach, and not given back before");
    if (gone.review().category() != review.category) wrong(9, event, "let go as of another category");
    auto& passage = gone_[gone.offer_id()];
    if (++passage.times > 1) wrong(9, event, "let go twice");
    passage = {review.case_id, gone.to_hub(), review.breach_at, passage.times};
    review.away_to = gone.to_hub();
    review.offer.clear();
    review.handed_to.clear();
    review.call_due = 0;
    review.call_missed = false;
}

void RecordModel::received(const Event& event) {
    triage::ReviewReceived came;
    static_cast<void>(is(event, came));
    const auto [at, first] = reviews_.try_emplace(event.aggregate_id());
    if (!first && at->second.away_to.empty()) wrong(9, event, "received by a hub that had it");
    auto& passage = come_[came.offer_id()];
    if (++passage.times > 1) wrong(9, event, "received twice");
    auto& review = at->second;
    const bool came_back = !first && review.away_to == came.from_hub();
    const bool had_sender = review.has_sender;
    review = {};
    review.case_id = event.aggregate_id();
    review.category = came.review().category();
    review.needs = needs_of(came.review().facts());
    for (const auto& each : came.review().opinions()) {
        if (each.has_given_by()) review.views[each.given_by().id()] = each.view();
        if (!each.has_given_by()) review.questions.push_back({each.question(), each.of_role(), each.asked_by().id()});
    }
    review.breach_at = ms(came.review().breach_at());
    const bool stood_down = came.review().return_used();
    const bool can_be_told = !came.review().reply_to().cannot_be_told();
    review.gives_back = came.review().facts().origin() == intake::VALIDATION_999 && can_be_told && !stood_down;
    review.has_sender = (came_back ? had_sender : review.gives_back) && !stood_down;
    review.here_since = review.waits_since = ms(event.recorded_at());
    review.breaches = came.review().breached() ? 1 : 0;
    review.breached_at = came.review().breached() ? review.here_since : 0;
    review.returned = came.review().returned();
    review.update_number = came.review().update_number();
    review.cancellation_asked = !came.review().cancellation_asked().empty();
    if (came.review().has_welfare_call_due()) review.call_due = ms(came.review().welfare_call_due());
    review.call_missed = came.review().welfare_call_missed();
    passage = {review.case_id, came.from_hub(), review.breach_at, passage.times};
}

// Another hub has it: nobody here works on it, and what is recorded of it is that hub's doing.
void RecordModel::add_elsewhere(const Event& event, ReviewModel& review) {
    const auto& payload = event.payload();
    const bool closes = payload.Is<triage::ReviewClosed>() && review.ended_there;
    if (closes) add_clinical(event, review);
    const bool word = closes || payload.Is<triage::NoteAdded>() || payload.Is<triage::ContactAttempted>();
    if (word) return;
    const auto by = told_by_another(event);
    if (by != review.away_to) return wrong(9, event, "done here, when another hub had the case");
    triage::ReviewReopened reopened;
    if (is(event, reopened)) {
        if (!review.ended_there) wrong(9, event, "taken back there, and what it came to there was never recorded");
        if (reopened.outcome_event_id() != review.outcome) wrong(9, event, "another outcome taken back than recorded");
        taken_back_.insert(review.outcome);
        review.ended_there = review.closes = false;
        review.ended_at = 0;
        return;
    }
    if (review.ended_there) wrong(9, event, "told after its end");
    const bool ends = payload.Is<triage::ReviewDecided>() || payload.Is<triage::ReviewRejected>() ||
                      payload.Is<triage::ReviewCancelled>();
    if (ends) {
        review.ended_there = true;
        review.ended_at = ms(event.recorded_at());
        review.closes = true;
        review.outcome = event.event_id();
    }
    if (payload.Is<triage::ReviewBreached>() && ++review.breaches > 1) wrong(5, event, "breached twice");
}

// An offer is answered once, or ends at the hub that made it; who has accepted one waits in silence for no longer than
// said.
void RecordModel::add_offer(const Event& event) {
    if (event.aggregate_type() != "transfer") return;
    using Stands = OfferModel::Stands;
    triage::TransferReceived received;
    if (is(event, received)) {
        const auto [at, first] = offers_.try_emplace(event.aggregate_id());
        if (!first) wrong(9, event, "the same offer received twice");
        at->second.case_id = event.case_id();
        at->second.from_hub = received.from_hub();
        return;
    }
    auto& offer = offers_[event.aggregate_id()];
    const bool open = offer.stands == Stands::offered || offer.stands == Stands::accepted;
    triage::TransferAccepted accepted;
    if (is(event, accepted)) {
        if (offer.stands != Stands::offered) wrong(9, event, "accepted, and it was answered or over");
        offer.stands = Stands::accepted;
        offer.confirm_by = ms(accepted.confirm_by());
    }
    triage::TransferDeclined declined;
    if (is(event, declined)) {
        if (offer.stands != Stands::offered) wrong(9, event, "declined, and it was answered or over");
        if (declined.reason_code().empty()) wrong(9, event, "declined without a reason");
        offer.stands = Stands::declined;
    }
    if (event.payload().Is<triage::TransferClosed>()) {
        if (!open) wrong(9, event, "over, and it did not stand");
        offer.stands = Stands::closed;
    }
    if (event.payload().Is<triage::LettingGoMissed>()) {
        if (offer.stands != Stands::accepted || offer.missed) wrong(5, event, "missed, and not awaited");
        if (ms(event.recorded_at()) + time_back_ms < offer.confirm_by) wrong(5, event, "missed before its time");
        offer.missed = true;
    }
    if (event.payload().Is<triage::TransferTaken>()) {
        if (offer.stands != Stands::accepted) wrong(9, event, "taken, and not accepted");
        offer.stands = Stands::taken;
    }
}

void RecordModel::offers_at_rest(std::int64_t hub_now) {
    for (const auto& [id, offer] : offers_) {
        const bool waits = offer.stands == OfferModel::Stands::accepted && !offer.missed;
        if (waits && offer.confirm_by + settle_ms < hub_now)
            findings_.add(5, hub_ + " offer " + id + ": accepted, and in silence never let go");
    }
    for (const auto& [id, review] : reviews_) {
        const bool here = review.away_to.empty() && review.ended_at == 0 && !is_quarantined(review);
        const bool stands = here && !review.offer.empty() && review.answer_by != 0;
        if (stands && review.answer_by + settle_ms < hub_now)
            findings_.add(5, hub_ + " review " + id + ": offered, and in silence never answered");
        const bool again = here && review.again_at != 0 && review.token.empty() && !review.unattended.empty();
        if (again && review.again_at + settle_ms < hub_now)
            findings_.add(5, hub_ + " review " + id + ": nobody is there for it, and it was never offered again");
    }
}

void RecordModel::transfers_at_rest(const std::map<std::string, RecordModel>& hubs, Findings& findings) {
    const auto find = [&](const std::string& hub) -> const RecordModel* {
        const auto at = hubs.find(hub);
        return at == hubs.end() ? nullptr : &at->second;
    };
    for (const auto& [hub, model] : hubs) {
        for (const auto& [id, offer] : model.offers_) {
            using Stands = OfferModel::Stands;
            const auto* from = find(offer.from_hub);
            const bool open = offer.stands == Stands::offered || offer.stands == Stands::accepted;
            if (!open || from == nullptr || !from->parked_about_.empty() || !model.parked_about_.empty()) continue;
            const auto at = from->reviews_.find(offer.case_id);
            if (at == from->reviews_.end() || at->second.offer != id)
                findings.add(9,
                             hub + " still shows an offer of " + offer.case_id + " that is over at " + offer.from_hub);
        }
        for (const auto& [offer, passage] : model.gone_) {
            const auto* other = find(passage.other);
            if (other == nullptr || !other->come_.contains(offer))
                findings.add(9, hub + " let " + passage.case_id + " go, and " + passage.other + " never received it");
        }
        for (const auto& [offer, passage] : model.come_) {
            const auto* other = find(passage.other);
            const auto* gone = other != nullptr && other->gone_.contains(offer) ? &other->gone_.at(offer) : nullptr;
            if (gone == nullptr || gone->case_id != passage.case_id || gone->other != hub)
                findings.add(9, hub + " received " + passage.case_id + ", and " + passage.other + " never let it go");
            if (gone != nullptr && gone->breach_at != passage.breach_at)
                findings.add(9, hub + " received " + passage.case_id + " with another breach time");
        }
        for (const auto& [id, review] : model.reviews_) {
            if (review.away_to.empty() || model.is_quarantined(review)) continue;
            if (review.ended_there) {
                const auto* there = find(review.away_to);
                const auto open = there == nullptr ? model.reviews_.end() : there->reviews_.find(id);
                if (there != nullptr && open != there->reviews_.end() && open->second.ended_at == 0)
                    findings.add(9, hub + " " + id + ": reopened at " + review.away_to + ", which was never recorded");
                continue;
            }
            const auto* other = find(review.away_to);
            const auto at = other == nullptr ? model.reviews_.end() : other->reviews_.find(id);
            if (other == nullptr || at == other->reviews_.end()) continue;  // said above
            const bool back = at->second.away_to == hub;
            if (back) findings.add(9, id + ": " + hub + " and " + review.away_to + " each say the other has it");
            const bool opened_here = model.cases_.contains(id);
            if (opened_here && at->second.away_to.empty() && at->second.ended_at != 0)
                findings.add(9, hub + " " + id + ": what it came to at " + review.away_to + " was never recorded");
        }
    }
}

}  // namespace rightplace::sim
