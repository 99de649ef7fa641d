// What intake does about events: links a repeat to its earlier cases, and closes a case when
// nothing remains to be done for it.
#include <map>
#include <optional>

#include "common/clinical/case_number.hpp"
#include "common/clinical/categories.hpp"
#include "common/clinical/hub_policy.hpp"
#include "messages/referral.pb.h"
#include "messages/triage.pb.h"
#include "services/intake/domain/rules.hpp"

namespace rightplace::intake {
namespace {

using runtime::as;
using runtime::Reaction;
using runtime::reaction;

bool share_token(const CaseFacts& a, const CaseFacts& b) {
    for (const std::string& token : a.match_tokens()) {
        for (const std::string& other : b.match_tokens()) {
            if (!token.empty() && token == other) return true;
        }
    }
    return false;
}

// The first reason that fits, the surest first; empty when none does. A CAD number means
// something only within the organisation that gave it.
std::string matched_on(const CaseFacts& later, const CaseFacts& earlier) {
    if (!later.journey_id().empty() && later.journey_id() == earlier.journey_id()) return "journey-id";
    if (!later.cad_number().empty() && later.cad_number() == earlier.cad_number() &&
        later.sender_organisation_ods() == earlier.sender_organisation_ods()) {
        return "cad-number";
    }
    return share_token(later, earlier) ? "token" : std::string();
}

std::optional<LinkCase> link_of(const Event& event, const CaseOpened& opened, const AggregateId& id,
                                const CaseState& other, TimeMs window) {
    const auto number = clinical::parse_case_number(opened.case_number());
    const auto other_number = clinical::parse_case_number(other.case_number());
    if (!number || !other_number || *other_number >= *number) return std::nullopt;
    const TimeMs apart = to_ms(event.occurred_at()) - to_ms(other.opened_at());
    if (apart > window || apart < -window) return std::nullopt;
    LinkCase link;
    link.set_case_id(event.aggregate_id());
    link.set_earlier_case_id(id.id);
    link.set_matched_on(matched_on(opened.facts(), other.facts()));
    if (link.matched_on().empty()) return std::nullopt;
    return link;
}

// By case number, which follows the record's order: two cases of one moment link once, one way,
// and a back-filled case links like any other.
std::vector<Reaction> links(const Event& event, const CaseOpened& opened, const Context& context) {
    if (context.view == nullptr) return {};
    const TimeMs window = clinical::repeat_window_ms(context.policy);
    std::map<std::string, LinkCase> found;  // by the earlier case: it may match by several keys
    for (const auto& key : match_keys(opened.facts())) {
        context.view->each_with_key(case_type, key, [&](const AggregateId& id, const runtime::Aggregate& aggregate) {
            if (!aggregate.state || id.id == event.aggregate_id() || found.contains(id.id)) return;
            const auto link = link_of(event, opened, id, static_cast<const CaseState&>(*aggregate.state), window);
            if (link) found.emplace(id.id, *link);
        });
    }
    std::vector<Reaction> reactions;
    for (const auto& [earlier, link] : found) reactions.push_back(reaction("link-repeat", earlier, link));
    return reactions;
}

// A review that came from another hub has its case there.
bool has_case(const Event& event, const Context& context) {
    return context.view == nullptr || context.view->find(case_key(event.case_id())) != nullptr;
}

std::vector<Reaction> close(const Event& event, const Context& context, const std::string& reason,
                            std::uint64_t outcome_seq) {
    if (!has_case(event, context)) return {};
    CloseCase command;
    command.set_case_id(event.case_id());
    command.set_reason(reason);
    command.set_outcome_seq(outcome_seq);
    return {reaction("close-ended", event.case_id(), command)};
}

std::vector<Reaction> reopen(const Event& event, const Context& context) {
    if (!has_case(event, context)) return {};
    ReopenCase command;
    command.set_case_id(event.case_id());
    command.set_outcome_seq(event.seq());
    return {reaction("reopen", event.case_id(), command)};
}

}  // namespace

std::vector<std::string> match_keys(const CaseFacts& facts) {
    std::vector<std::string> keys;
    if (!facts.journey_id().empty()) keys.push_back("journey:" + facts.journey_id());
    if (!facts.cad_number().empty()) {
        keys.push_back("cad:" + facts.sender_organisation_ods() + ":" + facts.cad_number());
    }
    for (const std::string& token : facts.match_tokens()) {
        if (!token.empty()) keys.push_back("token:" + token);
    }
    return keys;
}

std::vector<Reaction> reactions(const Event& event, const runtime::Message& payload, const Context& context) {
    if (const auto* opened = as<CaseOpened>(payload)) return links(event, *opened, context);
    if (const auto* decided = as<triage::ReviewDecided>(payload)) {
        // Until the referral is completed, which the hub that decided sees to.
        if (clinical::refers(decided->pathway()) && !decided->has_at()) return {};
        return close(event, context, "decided", event.seq());
    }
    if (const auto* completed = as<referral::ReferralCompleted>(payload)) {
        return close(event, context, "decided", completed->outcome_seq());
    }
    if (as<triage::ReviewRejected>(payload)) return close(event, context, "rejected", event.seq());
    if (as<triage::ReviewCancelled>(payload)) return close(event, context, "cancelled", event.seq());
    if (const auto* closed = as<triage::ReviewClosed>(payload)) {
        return close(event, context, closed->reason_code(), event.seq());
    }
    if (as<triage::ReviewReopened>(payload)) return reopen(event, context);
    return {};
}

}  // namespace rightplace::intake
