#include "services/vault/shell/match_tokens.hpp"

#include <sodium.h>

#include <algorithm>

#include "common/base/hash.hpp"
#include "services/vault/domain/match.hpp"

namespace rightplace::vault {
namespace {

constexpr std::size_t token_bytes = 16;
static_assert(sealing::key_bytes == crypto_auth_hmacsha256_KEYBYTES);

std::string token(const sealing::Key& key, std::string_view kind, std::string_view number) {
    std::string text(kind);
    text.append(1, ':').append(number);
    std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(mac.data()),
                           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                           reinterpret_cast<const unsigned char*>(key.bytes().data()));
    sealing::wipe(text);
    return to_hex(std::string_view(mac).substr(0, token_bytes));
}

void add_tokens(const sealing::Key& key, const MatchTokens& asked, MatchTokensReply& reply) {
    const auto add = [&](std::string one) {
        const auto& have = reply.tokens();
        if (std::find(have.begin(), have.end(), one) == have.end()) reply.add_tokens(std::move(one));
    };
    if (const auto number = normal_nhs_number(asked.nhs_number())) add(token(key, "nhs-number", *number));
    for (const auto& telephone : asked.telephones()) {
        if (const auto number = normal_telephone(telephone)) add(token(key, "telephone", *number));
    }
}

}  // namespace

Kept<MatchTokensReply> match_tokens(KeyStore& store, const MatchTokens& asked, TimeMs now) {
    const std::string month = month_of(now);
    const std::string before = month_before(month);
    if (auto destroyed = store.destroy_token_keys_before(before, now); !destroyed) return Failure{destroyed.error()};
    const auto this_key = store.token_key(month, now);
    if (!this_key) return Failure{this_key.error()};
    const auto last_key = store.find_token_key(before);
    if (!last_key) return Failure{last_key.error()};
    MatchTokensReply reply;
    for (const auto* key : {&this_key.value(), &last_key.value()}) {
        if (*key) add_tokens(**key, asked, reply);
    }
    return reply;
}

}  // namespace rightplace::vault
