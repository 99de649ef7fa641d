// Match tokens: what shows that two cases may concern one person, without saying whom. HMAC-SHA-256
// under a key of the month (Europe/London), cut to 16 bytes, in hex; the kind of number is inside.
// Each number gives a token under this month's key and one under last month's, so that a repeat
// across the end of a month is found. Older keys are destroyed: their tokens then say nothing.
#pragma once

#include <string>

#include "services/vault/shell/key_store.hpp"

namespace rightplace::vault {

// Numbers that match nothing safely (domain/match.hpp) give no token; that is no error.
Kept<MatchTokensReply> match_tokens(KeyStore& store, const MatchTokens& asked, TimeMs now);

}  // namespace rightplace::vault
