#include "services/vault/shell/vault_service.hpp"

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "services/vault/domain/roles.hpp"
#include "services/vault/shell/match_tokens.hpp"

namespace rightplace::vault {
namespace {

using runtime::Answered;

Refusal refusal(RefusalCode code, std::string sentence, std::string field = {}) {
    Refusal made;
    made.set_code(code);
    made.set_sentence(std::move(sentence));
    made.set_field(std::move(field));
    return made;
}

Failure<Refusal> refuse(RefusalCode code, std::string sentence, std::string field = {}) {
    return {refusal(code, std::move(sentence), std::move(field))};
}

void fill(const NamedKey& named, CaseKey& into) {
    into.set_key_id(named.key_id);
    into.set_key(std::string(named.key.bytes()));
}

Answered released(const FoundKey& found, bool view_recorded) {
    auto reply = std::make_shared<ReleaseKeyReply>();
    fill(found.named, *reply->mutable_key());
    reply->set_view_recorded(view_recorded);
    return std::shared_ptr<const runtime::Message>(std::move(reply));
}

// What a release must say before any key is looked for. Nothing: all is well.
std::optional<Refusal> fault_in(const Asker& asker, const ReleaseKey& ask) {
    if (ask.case_id().empty())
        return refusal(INVALID, "A release names its case, or the message that has none.", "case_id");
    if (!is_purpose(ask.purpose())) return refusal(INVALID, "There is no such purpose.", "purpose");
    if (!may_release_to(asker.key_role, ask.purpose())) {
        return refusal(FORBIDDEN, "This program's key may not have identity for this purpose.", "purpose");
    }
    if (ask.purpose() == "delivery") return std::nullopt;
    if (asker.actor.id().empty()) return refusal(INVALID, "A release names the person who looks.", "actor.id");
    if (ask.session().empty()) return refusal(INVALID, "A release names its console session.", "session");
    if (!may_release(asker.actor.role(), ask.purpose())) {
        return refusal(FORBIDDEN, why_not(asker.actor.role()), "actor.role");
    }
    return std::nullopt;
}

// One id for all looks of one person at one case for one purpose in one session: asked twice, sent
// twice or spooled and sent, it is the same command.
// Recorded at the hub whose key it is: the record of that hub says who looked at what was written there.
SpooledView view_of(const Asker& asker, const ReleaseKey& ask, const std::string& hub, TimeMs now) {
    SpooledView view;
    view.command_id = derived_id({"vault-view", hub, ask.case_id(), asker.actor.organisation_ods(), asker.actor.id(),
                                  ask.purpose(), ask.session()});
    view.hub = hub;
    view.by = asker.actor;
    view.view.set_case_id(ask.case_id());
    view.view.set_purpose(ask.purpose());
    view.view.set_session(ask.session());
    *view.view.mutable_viewed_at() = to_timestamp(now);
    return view;
}

}  // namespace

VaultService::VaultService(KeyStore& store, seams::Clock& clock, seams::Life& life, std::vector<std::string> hubs,
                           RecordViewFn record_view)
    : store_(store),
      clock_(clock),
      life_(life),
      behind_(hubs.begin(), hubs.end()),
      record_view_(std::move(record_view)) {
    for (const auto& hub : hubs) marks_[hub].high.set_hub(hub);
    const auto known = store_.high_waters();
    if (!known) {
        life_.die(known.error().sentence);
        return;
    }
    for (const auto& high : known.value()) marks_[high.hub()].high = high;
    const auto anew = store_.made_anew();
    if (!anew) life_.die(anew.error().sentence);
    made_anew_ = anew.ok() && anew.value();
}

Refusal VaultService::refusal_of(const KeyStoreFailure& failure) {
    if (failure.error == KeyStoreError::broken) life_.die(failure.sentence);
    return refusal(failure.error == KeyStoreError::broken ? INTERNAL : WRONG_STATE, failure.sentence);
}

void VaultService::later(Answer done, Answered answered) {
    clock_.after(0, alive_.guard([done = std::move(done), answered = std::move(answered)] { done(answered); }));
}

void VaultService::answer(const Asker& asker, const runtime::Message& query, Answer done) {
    const auto* type = query.GetDescriptor();
    if (!marks_.contains(asker.hub)) {
        later(std::move(done), refuse(UNKNOWN_HUB, "vault does not serve this hub.", "hub"));
    } else if (type == ReleaseKey::descriptor()) {
        release(asker, static_cast<const ReleaseKey&>(query), std::move(done));
    } else if (type == AllocateKeys::descriptor()) {
        later(std::move(done), allocate(asker, static_cast<const AllocateKeys&>(query)));
    } else if (type == MatchTokens::descriptor()) {
        later(std::move(done), tokens(asker, static_cast<const MatchTokens&>(query)));
    } else if (type == GetHighWater::descriptor()) {
        later(std::move(done), high_water(asker, static_cast<const GetHighWater&>(query)));
    } else if (type == AcceptJournal::descriptor()) {
        later(std::move(done), accept(asker, static_cast<const AcceptJournal&>(query)));
    } else {
        later(std::move(done), refuse(UNKNOWN_COMMAND, "vault answers no such query."));
    }
}

Answered VaultService::allocate(const Asker& asker, const AllocateKeys& ask) {
    if (!may_allocate(asker.key_role)) return refuse(FORBIDDEN, "This program's key may not have new case keys.");
    if (ask.count() == 0 || ask.count() > limits::key_block_size) {
        return refuse(INVALID, "From 1 to " + std::to_string(limits::key_block_size) + " keys at a time.", "count");
    }
    if (!behind_.empty()) {
        return refuse(WRONG_STATE, "vault has not read the journal of hub " + *behind_.begin() + " yet.");
    }
    // Keys lead to events, so the mark is on disk before a key leaves: a restored journal cannot pass
    // for one that is ahead of what these keys sealed.
    flush();
    const auto keys = store_.allocate(ask.count(), asker.key_role, clock_.wall_ms());
    if (!keys) return Failure{refusal_of(keys.error())};
    auto reply = std::make_shared<AllocateKeysReply>();
    for (const auto& named : keys.value()) fill(named, *reply->add_keys());
    return std::shared_ptr<const runtime::Message>(std::move(reply));
}

Answered VaultService::tokens(const Asker& asker, const MatchTokens& ask) {
    if (!may_allocate(asker.key_role)) return refuse(FORBIDDEN, "This program's key may not have match tokens.");
    if (ask.telephones_size() > limits::match_telephones_max) {
        return refuse(TOO_LARGE, "Too many telephone numbers in one question.", "telephones");
    }
    auto reply = match_tokens(store_, ask, clock_.wall_ms());
    if (!reply) return Failure{refusal_of(reply.error())};
    return std::shared_ptr<const runtime::Message>(std::make_shared<MatchTokensReply>(std::move(reply.value())));
}

Answered VaultService::high_water(const Asker& asker, const GetHighWater& ask) {
    if (!may_read_high_water(asker.key_role)) return refuse(FORBIDDEN, "This program's key may not read the mark.");
    const auto mark = marks_.find(ask.hub());
    if (mark == marks_.end()) return refuse(UNKNOWN_HUB, "vault does not serve this hub.", "hub");
    return std::shared_ptr<const runtime::Message>(std::make_shared<HighWater>(mark->second.high));
}

Result<FoundKey, Refusal> VaultService::find_key(const Asker& asker, const ReleaseKey& ask) {
    flush();  // the case may have been seen a moment ago
    const CaseName owner{asker.hub, ask.case_id()};
    auto found = ask.key_id().empty() ? store_.find_by_case(owner) : store_.find(ask.key_id());
    if (!found) return Failure{refusal_of(found.error())};
    // The key must be that very case's: else a look at one case could be recorded as one at another. A case that was
    // transferred has keys of each hub that had it.
    if (!found.value() || found.value()->owner.case_id != owner.case_id) {
        return refuse(NOT_FOUND, "vault knows no such key of this case or message.", "key_id");
    }
    return *found.value();
}

void VaultService::release(const Asker& asker, const ReleaseKey& ask, Answer done) {
    if (auto fault = fault_in(asker, ask)) return later(std::move(done), Failure{std::move(*fault)});
    auto found = find_key(asker, ask);
    if (!found) return later(std::move(done), Failure{found.error()});
    if (ask.purpose() == "delivery") return later(std::move(done), released(found.value(), false));
    const SpooledView view = view_of(asker, ask, found.value().owner.hub, clock_.wall_ms());
    const Request request{asker, ask, found.value(), std::move(done)};
    record_view_(view,
                 alive_.guard([this, request, view](ViewOutcome outcome) { view_recorded(request, view, outcome); }));
}

void VaultService::view_recorded(const Request& request, const SpooledView& view, ViewOutcome outcome) {
    switch (outcome) {
        case ViewOutcome::recorded:
            return later(request.done, released(request.found, true));
        case ViewOutcome::refused:
            return later(request.done, refuse(FORBIDDEN, "The view was refused, so the key stays here."));
        case ViewOutcome::unavailable:
        case ViewOutcome::unknown:
            break;
    }
    // Nobody is locked out because the ring is closed, and nobody looks without a durable record.
    drained_.erase(view.hub);
    const auto spooled = store_.spool(view);
    if (!spooled) return later(request.done, Failure{refusal_of(spooled.error())});
    later(request.done, released(request.found, false));
}

}  // namespace rightplace::vault
