#include "services/adapters/bars/shell/key_ring.hpp"

#include "common/base/limits.hpp"

namespace rightplace::bars {

KeyRing::KeyRing(seams::Clock& clock, seams::CommandClient& client, std::string any_hub)
    : clock_(clock),
      client_(client),
      any_hub_(std::move(any_hub)),
      for_cases_{limits::key_block_size, {}, false},
      for_refusals_{refusal_key_block_size, {}, false} {
    refill(for_cases_);
    refill(for_refusals_);
}

void KeyRing::ask(const std::string& hub, const google::protobuf::Message& query, std::int64_t timeout_ms,
                  std::function<void(const QueryReply*)> then) {
    Actor actor;
    actor.set_id("bars");
    actor.set_role("system");
    ask_as(actor, hub, query, timeout_ms, std::move(then));
}

void KeyRing::ask_as(const Actor& actor, const std::string& hub, const google::protobuf::Message& query,
                     std::int64_t timeout_ms, std::function<void(const QueryReply*)> then) {
    Request request;
    request.mutable_query()->set_hub(hub);
    request.mutable_query()->set_deadline_ms(std::uint32_t(timeout_ms));
    *request.mutable_query()->mutable_actor() = actor;
    request.mutable_query()->mutable_payload()->PackFrom(query);
    client_.ask("vault", request.SerializeAsString(), timeout_ms,
                alive_.guard([then](const Result<seams::Bytes, seams::TransportError>& answer) {
                    Response response;
                    const bool good =
                        answer.ok() && response.ParseFromString(answer.value()) && response.has_query_reply();
                    then(good ? &response.query_reply() : nullptr);  // a refusal has no payload
                }));
}

void KeyRing::refill(Block& block) {
    if (block.refilling || block.keys.size() * 2 > block.size) return;
    block.refilling = true;
    vault::AllocateKeys allocate;
    allocate.set_count(block.size);
    ask(any_hub_, allocate, limits::command_deadline_default_ms, [this, &block](const QueryReply* reply) {
        block.refilling = false;
        vault::AllocateKeysReply keys;
        if (reply == nullptr || !reply->payload().UnpackTo(&keys)) {
            clock_.after(limits::key_refill_retry_ms, alive_.guard([this, &block] { refill(block); }));
            return;
        }
        for (const auto& key : keys.keys()) block.keys.push_back({key.key_id(), sealing::Key(key.key())});
    });
}

std::optional<NamedKey> KeyRing::first_of(Block& block) {
    if (block.keys.empty()) return std::nullopt;
    NamedKey key = block.keys.front();
    block.keys.pop_front();
    return key;
}

std::optional<NamedKey> KeyRing::take() {
    refill(for_cases_);
    auto key = first_of(for_cases_);
    if (key) remember(*key);
    return key;
}

std::optional<NamedKey> KeyRing::take_for_refusal() {
    refill(for_refusals_);
    return first_of(for_refusals_);  // not remembered: nothing is ever sent about it
}

void KeyRing::remember(const NamedKey& key) {
    if (!known_.emplace(key.id, key).second) return;
    known_since_.push_back(key.id);
    if (known_since_.size() <= keys_known_max) return;
    known_.erase(known_since_.front());
    known_since_.pop_front();
}

void KeyRing::of_case(const std::string& hub, const std::string& case_id, const std::string& key_id,
                      std::function<void(const CaseKey&)> then) {
    const auto found = known_.find(key_id);
    if (found != known_.end()) {
        then({found->second, false});
        return;
    }
    vault::ReleaseKey release;
    release.set_case_id(case_id);
    release.set_key_id(key_id);
    release.set_purpose("delivery");
    ask(hub, release, limits::command_deadline_default_ms, [this, then](const QueryReply* reply) {
        vault::ReleaseKeyReply released;
        if (reply == nullptr || !reply->payload().UnpackTo(&released)) {
            then({std::nullopt, reply != nullptr && reply->has_refusal()});
            return;
        }
        NamedKey key{released.key().key_id(), sealing::Key(released.key().key())};
        remember(key);
        then({key, false});
    });
}

void KeyRing::for_reader(const std::string& hub, const std::string& case_id, const std::string& key_id,
                         const Reader& reader, std::int64_t timeout_ms, std::function<void(const CaseKey&)> then) {
    Actor actor;
    actor.set_id("bars");
    actor.set_role("sender");
    actor.set_organisation_ods(reader.organisation_ods);
    vault::ReleaseKey release;
    release.set_case_id(case_id);
    release.set_key_id(key_id);
    release.set_purpose("sender-read");
    release.set_session(reader.session);
    ask_as(actor, hub, release, timeout_ms, [then](const QueryReply* reply) {
        vault::ReleaseKeyReply released;
        if (reply == nullptr || !reply->payload().UnpackTo(&released)) {
            return then({std::nullopt, reply != nullptr && reply->has_refusal()});
        }
        then({NamedKey{released.key().key_id(), sealing::Key(released.key().key())}, false});
    });
}

void KeyRing::tokens(const std::string& hub, const std::string& nhs_number, const std::vector<std::string>& telephones,
                     std::function<void(std::vector<std::string>)> then) {
    tokens_in(hub, nhs_number, telephones, limits::match_tokens_wait_ms, std::move(then));
}

void KeyRing::tokens_in(const std::string& hub, const std::string& nhs_number,
                        const std::vector<std::string>& telephones, std::int64_t timeout_ms,
                        std::function<void(std::vector<std::string>)> then) {
    vault::MatchTokens match;
    match.set_nhs_number(nhs_number);
    for (const auto& telephone : telephones) match.add_telephones(telephone);
    ask(hub, match, timeout_ms, [then](const QueryReply* reply) {
        vault::MatchTokensReply tokens;
        if (reply == nullptr || !reply->payload().UnpackTo(&tokens)) {
            then({});
            return;
        }
        then({tokens.tokens().begin(), tokens.tokens().end()});
    });
}

}  // namespace rightplace::bars
