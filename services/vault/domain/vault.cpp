#include "services/vault/domain/vault.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "messages/vault.pb.h"
#include "services/vault/domain/roles.hpp"

namespace rightplace::vault {
namespace {

using runtime::Message;
using runtime::refuse;

const RecordView& as_record_view(const Message& command) {
    INVARIANT(command.GetDescriptor() == RecordView::descriptor());
    return static_cast<const RecordView&>(command);
}

std::string view_hash(const Actor& by, const std::string& purpose, const std::string& session) {
    return derived_id({by.organisation_ods(), by.id(), purpose, session});
}

// The id of an exchange ("bars:req:..."); a case's is a UUID.
bool names_message(const std::string& id) {
    return id.find(':') != std::string::npos;
}

}  // namespace

std::shared_ptr<Message> VaultDomain::empty_state(std::string_view aggregate_type) const {
    INVARIANT(aggregate_type == "identity");
    return std::make_shared<IdentityState>();
}

bool VaultDomain::may(std::string_view key_role, std::string_view command) const {
    return key_role == service() && command == commands().front();
}

std::vector<runtime::AggregateId> VaultDomain::needs(const Message& command, const runtime::Context&) const {
    return {{"identity", as_record_view(command).case_id()}};
}

runtime::Decided VaultDomain::decide(const runtime::States& states, const Message& command, const Command& envelope,
                                     const runtime::Context& context) const {
    const RecordView& view = as_record_view(command);
    const Actor& by = envelope.actor();
    if (view.case_id().empty())
        return refuse(INVALID, "A view names its case, or the message that has none.", "case_id");
    if (view.session().empty()) return refuse(INVALID, "A view names its console session.", "session");
    if (by.id().empty()) return refuse(INVALID, "A view names the person who looks.", "actor.id");
    if (!is_purpose(view.purpose())) return refuse(INVALID, "There is no such purpose.", "purpose");
    if (!may_release(by.role(), view.purpose())) {
        return refuse(FORBIDDEN, why_not(by.role()), "actor.role");
    }
    const runtime::AggregateId id{"identity", view.case_id()};
    const auto* state = states.get<IdentityState>(id);
    const std::string hash = view_hash(by, view.purpose(), view.session());
    if (state != nullptr && std::find(state->seen().begin(), state->seen().end(), hash) != state->seen().end()) {
        return runtime::Decision{};
    }
    auto viewed = std::make_shared<IdentityViewed>();
    *viewed->mutable_by() = by;
    viewed->set_purpose(view.purpose());
    viewed->set_session(view.session());
    // A spooled view happened before it is recorded; none can happen after.
    const TimeMs at = view.has_viewed_at() ? std::min(to_ms(view.viewed_at()), context.now) : context.now;
    *viewed->mutable_viewed_at() = to_timestamp(at);
    runtime::Decision decision;
    const std::string case_id = names_message(view.case_id()) ? "" : view.case_id();
    decision.events.push_back({id, std::move(viewed), case_id, states.at(id).case_number});
    return decision;
}

std::shared_ptr<const Message> VaultDomain::evolve(std::string_view aggregate_type, const Message* before, const Event&,
                                                   const Message& payload) const {
    INVARIANT(aggregate_type == "identity");
    auto after = before == nullptr ? std::make_shared<IdentityState>()
                                   : std::make_shared<IdentityState>(static_cast<const IdentityState&>(*before));
    if (payload.GetDescriptor() != IdentityViewed::descriptor()) return after;
    const auto& viewed = static_cast<const IdentityViewed&>(payload);
    after->set_views(after->views() + 1);
    after->add_seen(view_hash(viewed.by(), viewed.purpose(), viewed.session()));
    // Forgetting the oldest costs one more event, should that very session look again.
    if (after->seen_size() > limits::identity_views_remembered_max) after->mutable_seen()->erase(after->seen().begin());
    return after;
}

std::shared_ptr<const Message> VaultDomain::on_timer(const runtime::AggregateId&, std::string_view, TimeMs) const {
    invariant_broken("vault arms no timers", __FILE__, __LINE__);
}

std::shared_ptr<const Message> VaultDomain::on_lease_lapsed(const runtime::AggregateId&, std::string_view) const {
    invariant_broken("vault has no claims", __FILE__, __LINE__);
}

runtime::Answered VaultDomain::query(const runtime::Query&, const runtime::Context&) const {
    Refusal refusal;
    refusal.set_code(UNKNOWN_COMMAND);
    refusal.set_sentence("vault answers this query from its keys, not from its fold.");
    return Failure{std::move(refusal)};
}

}  // namespace rightplace::vault
