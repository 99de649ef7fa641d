// Closed, or nobody on shift who may take it: a case never waits here for its breach in an empty room. What has a
// sender that dispatches by itself is given back, everything else is offered to the hub that policy names, and people
// are told. A live claim is somebody's attention, whatever the clock says; when it ends undecided, the case is looked
// after again.
#include <algorithm>

#include "common/clinical/attendance.hpp"
#include "common/clinical/roles.hpp"
#include "common/clinical/streams.hpp"
#include "services/triage/domain/transfer_rules.hpp"

namespace rightplace::triage {
namespace {

using runtime::as;
using runtime::Reaction;

const policy::Attendance* rule_in_force(const Context& context) {
    return context.policy != nullptr && context.policy->has_attendance() ? &context.policy->attendance() : nullptr;
}

HoursState hours_now(const Context& context) {
    HoursState hours;
    hours.set_policy_version(context.policy_version);
    const auto* attendance = rule_in_force(context);
    if (attendance == nullptr) return hours;
    const auto clock = london_clock(context.now);
    for (const auto& site : clinical::sites(*attendance)) {
        SiteHours* each = hours.add_sites();
        each->set_site(site);
        each->set_open(clinical::is_open(*attendance, site, clock));
    }
    if (const auto next = clinical::next_change(*attendance, context.now)) {
        *hours.mutable_next_change() = to_timestamp(*next);
    }
    return hours;
}

// It waits for somebody.
bool waits(const ReviewState& review) {
    return !ended(review) && !review.has_claim();
}

// Somebody was there for it and is not, or the other way round.
bool turns(const ReviewState& review, const char* why) {
    return waits(review) && review.unattended().empty() == (why != nullptr);
}

const RosterState* roster_in(const Context& context) {
    const auto* found = context.view->find({roster_type, context.hub});
    return found == nullptr ? nullptr : static_cast<const RosterState*>(found->state.get());
}

// The events after which a case may begin to wait with nobody there.
bool begins_to_wait(const Message& payload) {
    const auto here = [](const auto* end) { return end != nullptr && !end->has_at(); };
    return as<ReviewQueued>(payload) != nullptr || as<ReviewReceived>(payload) != nullptr ||
           as<SenderUpdateNoted>(payload) != nullptr ||  // it may need somebody else now
           here(as<ClaimReleased>(payload)) || here(as<ClaimLapsed>(payload)) || here(as<ReviewReopened>(payload));
}

// Those after which everything that waits may have somebody, or nobody.
bool changes_who_is_there(const Message& payload) {
    return as<SignedOn>(payload) != nullptr || as<SignedOff>(payload) != nullptr ||
           as<HoursChanged>(payload) != nullptr;
}

Decided leave(const Asked& asked, const ReviewState& review, const char* why) {
    const std::string to = hub_to_offer(asked, review);
    const bool offers = !to.empty() && !review.has_offer();
    ReviewUnattended nobody;
    nobody.set_why(why);
    nobody.set_returned(gives_back(review));
    if (offers) nobody.set_offered_to(to);
    Decision decision = runtime::events({review_event(review, nobody)});
    if (gives_back(review) && !review.returned()) {
        ReviewReturned returned;
        returned.set_why(why);
        *returned.mutable_reply_to() = review.reply_to();
        decision.events.push_back(review_event(review, returned));
    }
    if (offers) {
        TransferReview offer;
        offer.set_to_hub(to);
        offer.set_reason_code(why);
        decision.events.push_back(offer_to(review, asked.context, offer));
    }
    return decision;
}

// The occasion's own time as well: the clock that this is judged by may be a little behind it.
TimeMs moment_of(const Event& event, const Context& context) {
    return std::max(context.now, to_ms(event.recorded_at()));
}

}  // namespace

bool may_take(const SignedOn& on, const intake::CaseFacts& facts, const Context& context) {
    const auto roles = roles_needed(facts, context);
    const auto fits = [&](const std::string& role) {
        const bool named = std::find(roles.begin(), roles.end(), role) != roles.end();
        return roles.empty() ? clinical::is_clinician(role) : named;
    };
    return fits(on.staff().role()) || fits(on.skill());
}

std::vector<std::string> roles_needed(const intake::CaseFacts& facts, const Context& context) {
    const auto* attendance = rule_in_force(context);
    if (attendance == nullptr) return {};
    return clinical::roles_needed(*attendance, facts, clinical::stream_code(context.policy, facts));
}

const char* why_unattended(const intake::CaseFacts& facts, const RosterState* roster, const Context& context,
                           TimeMs at) {
    const auto* attendance = rule_in_force(context);
    if (attendance == nullptr) return nullptr;
    if (!clinical::is_open(*attendance, facts.site(), london_clock(at))) return unattended::closed;
    if (roster == nullptr || roster->on_shift().empty()) return unattended::nobody_on_shift;
    const auto& there = roster->on_shift();
    const bool skilled =
        std::any_of(there.begin(), there.end(), [&](const auto& on) { return may_take(on, facts, context); });
    return skilled ? nullptr : unattended::nobody_with_the_skill;
}

Decided keep_hours(const Asked& asked) {
    const AggregateId key{hours_type, asked.context.hub};
    const auto now = hours_now(asked.context);
    const auto* before = asked.states.get<HoursState>(key);
    const bool never_ruled = before == nullptr && rule_in_force(asked.context) == nullptr;
    if (never_ruled || (before != nullptr && before->SerializeAsString() == now.SerializeAsString())) {
        return runtime::nothing();
    }
    HoursChanged changed;
    *changed.mutable_sites() = now.sites();
    if (now.has_next_change()) *changed.mutable_next_change() = now.next_change();
    changed.set_policy_version(now.policy_version());
    return runtime::events({runtime::new_event(key, changed, {}, {})});
}

Decided look_after(const Asked& asked, const LookAfter& command) {
    const TimeMs at = std::max(asked.context.now, to_ms(command.at()));
    if (!command.offer_id().empty()) return decline_unattended(asked, command.offer_id(), at);
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const auto* roster = asked.states.get<RosterState>({roster_type, asked.context.hub});
    const char* why = why_unattended(review->facts(), roster, asked.context, at);
    if (!turns(*review, why)) return runtime::nothing();  // overtaken
    if (why != nullptr) return leave(asked, *review, why);
    return runtime::events({review_event(*review, ReviewAttended{})});
}

std::string hub_to_offer(const Asked& asked, const ReviewState& review) {
    const auto* rule = rule_in_force(asked.context);
    if (rule == nullptr || gives_back(review) || !may_go_to(asked, review, rule->offer_to_hub())) return {};
    return rule->offer_to_hub();
}

void somebody_is_there(ReviewState& review) {
    review.clear_unattended();
    review.clear_offer_again_at();
    review.clear_offers_come_back();
}

// From the timer: the last offer came back, and it must not wait here in silence for its breach. Every way out of this
// disarms it.
Decided offer_again(const Asked& asked, const OfferAgain& command) {
    const auto* review = asked.states.get<ReviewState>(review_key(command.case_id()));
    if (!review) return no_review();
    const TimeMs due = to_ms(review->offer_again_at());
    const bool stands = waits(*review) && review->has_offer_again_at();
    if (!stands || to_ms(command.due()) != due || asked.context.now < due) return runtime::nothing();
    const auto* roster = asked.states.get<RosterState>({roster_type, asked.context.hub});
    const char* why = why_unattended(review->facts(), roster, asked.context, asked.context.now);
    if (why == nullptr) return runtime::events({review_event(*review, ReviewAttended{})});
    TransferReview offer;
    offer.set_to_hub(hub_to_offer(asked, *review));
    offer.set_reason_code(why);
    if (offer.to_hub().empty()) return runtime::events({review_event(*review, OfferingEnded{})});
    return runtime::events({offer_to(*review, asked.context, offer)});
}

std::vector<Reaction> look_after(const Event& event, const Message& payload, const Context& context) {
    std::vector<Reaction> all;
    if (as<PolicyAdopted>(payload)) all.push_back(runtime::reaction("keep-hours", context.hub, KeepHours{}));
    const bool one = begins_to_wait(payload), any = changes_who_is_there(payload);
    if (context.view == nullptr || (!one && !any)) return all;
    const TimeMs at = moment_of(event, context);
    const auto* roster = roster_in(context);
    LookAfter command;
    *command.mutable_at() = to_timestamp(at);
    const auto review = [&](const AggregateId& id, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& held = static_cast<const ReviewState&>(*aggregate.state);
        if (!turns(held, why_unattended(held.facts(), roster, context, at))) return;
        command.set_case_id(id.id);
        all.push_back(runtime::reaction("look-after", id.id, command));
    };
    const auto offer = [&](const AggregateId& id, const runtime::Aggregate& aggregate) {
        if (!aggregate.state) return;
        const auto& held = static_cast<const TransferState&>(*aggregate.state);
        if (held.status() != OFFERED || !why_unattended(held.review().facts(), roster, context, at)) return;
        command.clear_case_id();
        command.set_offer_id(id.id);
        all.push_back(runtime::reaction("look-after", id.id, command));
    };
    if (any) {
        context.view->each(review_type, review);
        context.view->each(transfer_type, offer);
    } else if (const auto* found = context.view->find(review_key(event.aggregate_id()))) {
        review(review_key(event.aggregate_id()), *found);
    }
    return all;
}

std::shared_ptr<const Message> evolve_hours(const Message& payload) {
    const auto& changed = runtime::must_be<HoursChanged>(payload);
    auto state = std::make_shared<HoursState>();
    *state->mutable_sites() = changed.sites();
    if (changed.has_next_change()) *state->mutable_next_change() = changed.next_change();
    state->set_policy_version(changed.policy_version());
    return state;
}

}  // namespace rightplace::triage
