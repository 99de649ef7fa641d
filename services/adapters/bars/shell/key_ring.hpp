// The adapter's case keys: a block allocated ahead by vault, so that accepting a case does not wait
// for vault, and the keys of cases that still have messages to send.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/alive.hpp"
#include "common/base/seal.hpp"
#include "common/base/seams.hpp"
#include "messages/vault.pb.h"

namespace rightplace::bars {

struct NamedKey {
    std::string id;
    sealing::Key key;
};

struct CaseKey {
    std::optional<NamedKey> key;
    bool refused = false;  // vault answered, and does not release it (it may not have seen the case yet)
};

// Keys held in memory of cases that are worked on; vault releases those that were dropped again.
inline constexpr std::size_t keys_known_max = 1'024;
// Keys held ahead for messages that are refused, apart from those of cases.
inline constexpr std::uint32_t refusal_key_block_size = 16;

class KeyRing {
   public:
    KeyRing(seams::Clock& clock, seams::CommandClient& client, std::string any_hub);

    std::optional<NamedKey> take();  // nothing: the block is used up and vault does not answer
    // For what is refused: of a block of its own, so that a flood of bad messages leaves the good ones theirs.
    std::optional<NamedKey> take_for_refusal();
    std::size_t left() const { return for_cases_.keys.size(); }
    std::size_t known() const { return known_.size(); }
    // The key of a case that was accepted before; released by vault for delivery.
    void of_case(const std::string& hub, const std::string& case_id, const std::string& key_id,
                 std::function<void(const CaseKey&)> then);
    // For showing a case to the system that sent it: asked of vault each time, and released only once it is recorded
    // who looked (IdentityViewed). The session is the request's correlation id.
    struct Reader {
        std::string organisation_ods;  // as it says; may be empty
        std::string session;
    };
    void for_reader(const std::string& hub, const std::string& case_id, const std::string& key_id, const Reader& reader,
                    std::int64_t timeout_ms, std::function<void(const CaseKey&)> then);
    // Match tokens for a repeat, or none when vault does not answer in time: linking is not worth a delay.
    void tokens(const std::string& hub, const std::string& nhs_number, const std::vector<std::string>& telephones,
                std::function<void(std::vector<std::string>)> then);
    // The same within a time of the caller's.
    void tokens_in(const std::string& hub, const std::string& nhs_number, const std::vector<std::string>& telephones,
                   std::int64_t timeout_ms, std::function<void(std::vector<std::string>)> then);

   private:
    struct Block {
        std::uint32_t size;  // asked for when half of it is used up
        std::deque<NamedKey> keys;
        bool refilling = false;
    };
    void refill(Block& block);
    static std::optional<NamedKey> first_of(Block& block);
    void remember(const NamedKey& key);
    void ask(const std::string& hub, const google::protobuf::Message& query, std::int64_t timeout_ms,
             std::function<void(const QueryReply*)> then);
    void ask_as(const Actor& actor, const std::string& hub, const google::protobuf::Message& query,
                std::int64_t timeout_ms, std::function<void(const QueryReply*)> then);

    seams::Clock& clock_;
    seams::CommandClient& client_;
    std::string any_hub_;
    Block for_cases_;
    Block for_refusals_;
    std::map<std::string, NamedKey> known_;
    std::deque<std::string> known_since_;  // key ids, the oldest first: that one is dropped first
    Alive alive_;
};

}  // namespace rightplace::bars
