#include "tests/sim/judge/returns.hpp"

#include <algorithm>

#include "messages/intake.pb.h"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "messages/triage_update.pb.h"

namespace rightplace::sim {
namespace {

// The adapter waits one second for triage to say so (services/adapters/bars/README.md, Rules); the rest is for
// its looking and the road.
constexpr std::int64_t told_within_ms = 2'500;
constexpr std::int64_t armed_within_ms = 15'000;  // the adapter has asked vault for the key, and again
constexpr std::int64_t under_way_ms = 60'000;     // one attempt, from its start to the sender's desk
constexpr std::int64_t caught_up_ms = 60'000;     // after whatever befell the adapter before

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

void Returns::heard(const Event& event) {
    const auto& payload = event.payload();
    intake::CaseOpened opened;
    if (payload.UnpackTo(&opened) && opened.reply_to().protocol() == "bars") {
        const auto breach_at = opened.facts().has_breach_at() ? ms(opened.facts().breach_at()) : 0;
        cases_[event.aggregate_id()] = {opened.reply_to().service_id(), breach_at, clock(), {}, {}};
    }
    const auto found = cases_.find(event.case_id());
    if (found == cases_.end()) return;
    auto& owed = found->second;
    referral::DeliveryRequested requested;
    if (payload.UnpackTo(&requested) && requested.kind() == referral::INTERIM_RESPONSE)
        interim_.insert(event.aggregate_id());
    if (requested.kind() == referral::BREACH_RETURN) returns_.insert(event.aggregate_id());
    referral::DeliveryStarted started;
    if (payload.UnpackTo(&started) && !interim_.contains(event.aggregate_id())) {
        auto& answers = returns_.contains(event.aggregate_id()) ? owed.returns : owed.last_answers;
        answers.insert(started.request_id());
    }
    if (payload.UnpackTo(&started)) delivery_of_[started.request_id()] = event.aggregate_id();
    if (payload.Is<referral::DeliveryWithdrawn>()) taken_back_at_.try_emplace(event.aggregate_id(), clock());
    if (event.aggregate_type() == "review") review_went_on(event, owed);
}

// What was under way when its outcome was taken back may still arrive; nothing leaves after that.
void Returns::sender_got(const std::string& request_id) {
    const bool first = told_.try_emplace(request_id, clock()).second;
    const auto delivery = delivery_of_.find(request_id);
    const auto since = delivery == delivery_of_.end() ? taken_back_at_.end() : taken_back_at_.find(delivery->second);
    if (first && since != taken_back_at_.end() && since->second + under_way_ms < clock())
        sent_too_late_.insert(request_id);
}

// What is on the feed only after the sender had to be told changes nothing.
void Returns::review_went_on(const Event& event, Owed& owed) const {
    const auto& payload = event.payload();
    triage::ReviewQueued queued;
    if (payload.UnpackTo(&queued) && owed.breach_at == 0) {  // by the hub's policy: known only now
        owed.breach_at = ms(queued.breach_at());
        owed.waits_since = clock();
    }
    if (clock() > owed.breach_at + told_within_ms) return;
    triage::ReviewEscalated escalated;
    triage::SenderUpdateNoted updated;
    std::int64_t sooner = 0;
    if (payload.UnpackTo(&escalated) && escalated.has_breach_at()) sooner = ms(escalated.breach_at());
    if (payload.UnpackTo(&updated) && updated.has_breach_at()) sooner = ms(updated.breach_at());
    if (sooner != 0) owed.breach_at = sooner;
    if (sooner != 0 && owed.waits_since != 0) owed.waits_since = clock();
    const bool claim_ends = payload.Is<triage::ReviewTakenOver>() || payload.Is<triage::ClaimReleased>() ||
                            payload.Is<triage::ClaimLapsed>();
    if (claim_ends && owed.waits_since == 0) owed.waits_since = clock();
    if (payload.Is<triage::ConsultationStarted>() || payload.Is<triage::ReviewDecided>() ||
        payload.Is<triage::ReviewRejected>() || payload.Is<triage::ReviewCancelled>())
        owed.waits_since = 0;
    triage::ReviewReopened reopened;
    if (!payload.UnpackTo(&reopened)) return;
    owed.last_answers.clear();  // they hold no more
    owed.waits_since = reopened.has_holder() ? 0 : clock();
}

void Returns::at_rest(const std::set<std::string>& endpoints, Findings& findings) const {
    for (const auto& id : sent_too_late_) findings.add(4, id + ": sent long after what it tells of was taken back");
    for (const auto& [id, owed] : cases_) {
        const auto until = owed.breach_at + told_within_ms;
        const bool armed = owed.waits_since != 0 && owed.waits_since + armed_within_ms < owed.breach_at;
        if (!armed || until > clock() || !endpoints.contains(owed.service_id)) continue;
        if (!left_alone(owed.waits_since - caught_up_ms, until)) continue;
        const auto in_time = [&](const auto& request_id) {
            const auto at = told_.find(request_id);
            return at != told_.end() && at->second <= until;
        };
        const bool told = std::any_of(owed.last_answers.begin(), owed.last_answers.end(), in_time) ||
                          std::any_of(owed.returns.begin(), owed.returns.end(), in_time);
        if (!told) findings.add(5, "case " + id + ": its breach passed, and its sender was not told in time");
    }
}

}  // namespace rightplace::sim
