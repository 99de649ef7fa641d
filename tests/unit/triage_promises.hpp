// What is promised of a case that goes from hub to hub, told from the hubs' records alone: who has it, what its clock
// stands at, whose token counts, what its sender is told, and what the hub that opened it must know in the end.
#pragma once

#include <rapidcheck.h>

#include "common/clinical/alert_rules.hpp"
#include "common/clinical/categories.hpp"
#include "tests/unit/triage_region.hpp"

namespace rightplace::triage::bench {

class Promises {
   public:
    static constexpr int on_its_way = -1;

    int has = on_its_way;  // the hub that has the case
    bool over = false;     // an outcome stands
    std::string token;     // of the live claim
    std::string holder;
    std::string offer;  // that stands
    std::string offered_to;
    std::vector<std::string> tokens{"none"};  // every one that there ever was
    std::string ended_by;
    std::string outcome;  // the event that ended it
    TimeMs breach_at = 0;
    TimeMs call_due = 0;  // 0: none is owed
    intake::Category category = intake::CATEGORY_UNSPECIFIED;
    int worst = 99;  // urgency that it ever had
    int breaches = 0;
    int given_back = 0;
    bool cancelled = false;  // it is over as cancelled, for good
    std::vector<std::size_t> route;
    std::map<std::uint32_t, int> updates;  // noted, by number
    std::string history;
    std::map<std::string, int> made;  // how often, by name

    void must(bool holds, const std::string& what) const {
        if (!holds) RC_FAIL(what + "\n" + history);
    }
    void add(std::size_t hub, const test::Recorded& recorded) {
        const auto& payload = *recorded.payload;
        const std::string name = payload.GetDescriptor()->name();
        const auto& type = recorded.event.aggregate_type();
        const auto* at = where_first(payload);
        history += Region::names[hub] + " " + name + (at == nullptr ? "" : " told by " + at->hub()) + "\n";
        if (const auto* alert = runtime::as<AlertRaised>(payload)) {
            history += "  " + alert->kind() + "\n";
            if (alert->kind() == clinical::alert_kind::review_escalated) known_to_holder_only_ = false;
        }
        const auto* ended = runtime::as<TransferEnded>(payload);
        ++made[name + (ended == nullptr ? "" : " " + ended->why()) + (at == nullptr ? "" : " told")];
        if (type == "transfer") return answered(hub, recorded);
        if (type != "review" || name == "NoteAdded" || name == "PassedOn") return;
        if (at != nullptr) {
            told(hub, recorded, *at);
        } else {
            done(hub, recorded, name);
        }
        if (hub == Region::home) known_at_home(payload);
    }

    // All that was said has been heard.
    void settled(const Region& region) const {
        must(region.refused.empty(), "a message between hubs is refused: " + region.refused);
        must(has != on_its_way, "the case arrives nowhere");
        for (std::size_t at = 0; at < Region::size; ++at) settled_at(region.hubs[at], int(at) == has);
        for (const auto& [event, hub] : outcomes_) {
            const auto told = told_home_.find(event);
            const int times = told == told_home_.end() ? 0 : told->second;
            must(times == (hub == Region::home ? 0 : 1), "an outcome is not recorded once where the case was opened");
        }
        const auto status = region.hubs[Region::home].state<ReviewState>("review", "c1").status();
        if (over) must(status == ended_as_, "the hub that opened it has another outcome");
        must(consulting_known_ == consulting_, "the sender's fail-safe goes by a consultation that is not");
        must(given_back_known_ == given_back, "given back, and not where its sender is told, or twice");
        const bool nobody_knows = !over && token.empty() && known_to_holder_only_;
        must(!nobody_knows || clinical::urgency_rank(category) > emergency, "an emergency that nobody was told of");
    }

   private:
    static constexpr int emergency = 2;  // C2, and what ranks with it

    static const Elsewhere* where_first(const runtime::Message& payload) {
        const auto* field = payload.GetDescriptor()->FindFieldByName("at");
        if (field == nullptr || !payload.GetReflection()->HasField(payload, field)) return nullptr;
        return static_cast<const Elsewhere*>(&payload.GetReflection()->GetMessage(payload, field));
    }

    void answered(std::size_t hub, const test::Recorded& recorded) {
        const auto& id = recorded.event.aggregate_id();
        if (runtime::as<TransferAccepted>(*recorded.payload) != nullptr) accepted_[id] = hub;
    }

    // At the hub that has the case, or takes it on.
    void done(std::size_t hub, const test::Recorded& recorded, const std::string& name) {
        using runtime::as;
        const auto& payload = *recorded.payload;
        if (const auto* queued = as<ReviewQueued>(payload)) {
            has = int(hub);
            route = {hub};
            breach_at = to_ms(queued->breach_at());
            return stands_at(queued->facts().category());
        }
        if (const auto* came = as<ReviewReceived>(payload)) return received(hub, *came);
        if (name == "TransferConfirmed" || name == "ConfirmationMissed") return must(int(hub) != has, name);
        // Somebody may still ring, from wherever the case has been; it settles nothing.
        if (over && int(hub) != has && name == "ContactAttempted") return;
        const bool noted_after = over && (name == "SenderUpdateNoted" || name == "CancellationNoted" ||
                                          name == "ReviewEscalated" || name == "ContactAttempted");
        must(int(hub) == has, name + " at a hub that has not the case");
        must(!over || noted_after || name == "ReviewReopened", name + " after the case was over");
        if (const auto* offered = as<TransferOffered>(payload)) {
            must(offer.empty(), "offered twice at a time");
            offer = recorded.event.event_id();
            offered_to = offered->to_hub();
        } else if (const auto* ended = as<TransferEnded>(payload)) {
            must(!offer.empty() && ended->offer_id() == offer, "an offer ends that does not stand");
            offer.clear();
        } else if (const auto* gone = as<ReviewTransferred>(payload)) {
            let_go(*gone);
        } else if (!claims(recorded, name) && !ends(hub, recorded, name)) {
            clock(recorded, name);
        }
    }

    void let_go(const ReviewTransferred& gone) {
        const auto to = Region::index_of(gone.to_hub());
        const auto by = accepted_.find(gone.offer_id());
        must(token.empty(), "let go of while somebody holds it");
        must(gone.offer_id() == offer && gone.to_hub() == offered_to, "let go of without an offer that stands");
        must(by != accepted_.end() && by->second == to, "let go of to a hub that has not accepted");
        const bool back = route.size() > 1 && route[route.size() - 2] == to;
        must(back || std::find(route.begin(), route.end(), to) == route.end(), "it was there before");
        if (back) route.pop_back();
        if (!back) route.push_back(to);
        offer.clear();
        has = on_its_way;
    }

    void received(std::size_t hub, const ReviewReceived& came) {
        must(has == on_its_way && route.back() == hub, "received by a hub that it was not on its way to");
        has = int(hub);
        must(to_ms(came.review().breach_at()) == breach_at, "another breach time arrives");
        must(came.review().category() == category, "another category arrives");
        must(to_ms(came.review().welfare_call_due()) == call_due, "the promised call does not arrive");
        must(came.review().breached() == (breaches > 0), "a breach is hidden, or made up");
    }

    bool claims(const test::Recorded& recorded, const std::string& name) {
        using runtime::as;
        const auto& payload = *recorded.payload;
        const auto begin = [&](const Actor& who) {
            must(offer.empty(), "worked on while it is offered");
            token = recorded.event.event_id();
            tokens.push_back(token);
            holder = who.id();
            consulting_ = false;
        };
        if (const auto* claimed = as<ReviewClaimed>(payload)) {
            must(token.empty(), "claimed by two");
            begin(claimed->holder());
        } else if (const auto* taken = as<ReviewTakenOver>(payload)) {
            must(taken->from_token() == token, "taken over from nobody");
            begin(taken->holder());
        } else if (name == "ClaimReleased" || name == "ClaimLapsed") {
            must(!token.empty(), "a claim ends that does not stand");
            token.clear();
            consulting_ = false;
        } else if (name == "ConsultationStarted") {
            must(!token.empty() && offer.empty(), "a consultation by nobody, or of what is offered");
            consulting_ = true;
        } else {
            return false;
        }
        return true;
    }

    bool ends(std::size_t hub, const test::Recorded& recorded, const std::string& name) {
        if (const auto* reopened = runtime::as<ReviewReopened>(*recorded.payload)) {
            must(over && !cancelled, "taken back, and nothing that may be");
            must(!withdrawn_, "taken back, and its sender waits no longer");
            over = false;
            token = reopened->has_holder() ? recorded.event.event_id() : "";
            if (!token.empty()) tokens.push_back(token);
            holder = reopened->holder().id();
            consulting_ = reopened->has_holder();
            outcomes_[recorded.event.event_id()] = hub;
            return true;
        }
        const bool decided = name == "ReviewDecided", rejected = name == "ReviewRejected";
        if (!decided && !rejected && name != "ReviewCancelled") return false;
        must(offer.empty(), "ended while it is offered");
        over = true;
        cancelled = !decided && !rejected;
        ended_as_ = decided ? DECIDED : rejected ? REJECTED : CANCELLED;
        ended_by = recorded.event.actor().id();
        outcome = recorded.event.event_id();
        outcomes_[outcome] = hub;
        token.clear();
        consulting_ = known_to_holder_only_ = false;
        if (cancelled) call_due = 0;
        return true;
    }

    void clock(const test::Recorded& recorded, const std::string& name) {
        using runtime::as;
        const auto& payload = *recorded.payload;
        if (const auto* raised = as<ReviewEscalated>(payload)) {
            const int rank = clinical::urgency_rank(raised->to_category());
            must(rank <= clinical::urgency_rank(category), "raised to something lower");
            if (raised->to_category() != category && rank <= emergency) {
                known_to_holder_only_ = !token.empty() && recorded.event.actor().id() == holder;
            }
            stands_at(raised->to_category());
            if (raised->has_breach_at()) earlier(to_ms(raised->breach_at()));
        } else if (const auto* lowered = as<ReviewDowngraded>(payload)) {
            stands_at(lowered->to_category());
        } else if (const auto* updated = as<SenderUpdateNoted>(payload)) {
            ++updates[updated->update_number()];
            if (!updated->overtaken()) withdrawn_ = false;
            if (updated->has_breach_at()) earlier(to_ms(updated->breach_at()));
        } else if (name == "CancellationNoted") {
            withdrawn_ = true;
        } else if (const auto* breached = as<ReviewBreached>(payload)) {
            must(++breaches == 1, "breached twice");
            must(to_ms(recorded.event.recorded_at()) >= breach_at, "breached before its time");
            given_back += breached->returned() ? 1 : 0;
        } else if (const auto* planned = as<WelfareCallPlanned>(payload)) {
            call_due = to_ms(planned->due());
        } else if (const auto* contact = as<ContactAttempted>(payload)) {
            if (contact->outcome() == "answered") call_due = 0;
        }
        given_back += name == "ReviewReturned" ? 1 : 0;
    }

    // Of another hub's event, which may be told of one that was told in its turn.
    void told(std::size_t hub, const test::Recorded& recorded, const Elsewhere& at) {
        must(int(hub) != has, "told of by another hub, and the case is here");
        const auto known = first_.find(at.event_id());
        const std::string first = known == first_.end() ? at.event_id() : known->second;
        first_[recorded.event.event_id()] = first;
        if (hub == Region::home) must(++told_home_[first] == 1, "recorded twice");
    }

    void known_at_home(const runtime::Message& payload) {
        using runtime::as;
        const bool began = as<ConsultationStarted>(payload) != nullptr;
        const auto* reopened = as<ReviewReopened>(payload);
        const auto any = [&](auto... each) { return (... || (each != nullptr)); };
        if (began || (reopened != nullptr && reopened->has_holder())) {
            consulting_known_ = true;
        } else if (reopened != nullptr ||
                   any(as<ClaimReleased>(payload), as<ClaimLapsed>(payload), as<ReviewTakenOver>(payload),
                       as<ReviewDecided>(payload), as<ReviewRejected>(payload), as<ReviewCancelled>(payload),
                       as<ReviewTransferred>(payload))) {
            consulting_known_ = false;
        }
        const auto* breached = as<ReviewBreached>(payload);
        const bool returned = breached != nullptr ? breached->returned() : as<ReviewReturned>(payload) != nullptr;
        given_back_known_ += returned ? 1 : 0;
    }

    // At one hub, when all has been heard.
    void settled_at(const Side& side, bool here) const {
        must(on_queue(side) == (here && !over), "the case is not on the queue of the hub that has it, and of no other");
        std::size_t waiting = 0, roused = 0;
        side.each("transfer", [&](const runtime::AggregateId& id, const runtime::Aggregate& aggregate) {
            const auto& transfer = static_cast<const TransferState&>(*aggregate.state);
            const bool stands = id.id == offer && side.hub == offered_to;
            must(transfer.status() != ACCEPTED_HERE, "accepted, and neither taken on nor kept");
            must(stands || transfer.status() != OFFERED, "shown as offered, and no longer");
            waiting += transfer.status() == OFFERED && transfer.people_told() ? 1U : 0U;
        });
        side.each("alert", [&](const runtime::AggregateId&, const runtime::Aggregate& aggregate) {
            const auto& alert = static_cast<const AlertState&>(*aggregate.state);
            roused += alert.kind() == clinical::alert_kind::transfer_offered && alert.settled_why().empty() ? 1U : 0U;
        });
        must(waiting == roused, "people are roused for an offer that is answered, or not for one that is not");
    }

    void earlier(TimeMs time) {
        must(time < breach_at, "a breach time is put off");
        breach_at = time;
    }
    void stands_at(intake::Category now) {
        category = now;
        worst = std::min(worst, clinical::urgency_rank(now));
    }

    std::map<std::string, std::size_t> accepted_;  // offer to the hub
    std::map<std::string, std::size_t> outcomes_;  // and what took them back: event to the hub
    std::map<std::string, std::string> first_;     // a told event to the one that it tells of in the end
    std::map<std::string, int> told_home_;
    ReviewStatus ended_as_ = REVIEW_STATUS_UNSPECIFIED;
    bool withdrawn_ = false;  // the last that its sender said
    bool consulting_ = false;
    bool consulting_known_ = false;  // where its sender is told
    int given_back_known_ = 0;
    bool known_to_holder_only_ = false;  // that it is an emergency
};

}  // namespace rightplace::triage::bench
