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

class KeyRing {
   public:
    KeyRing(seams::Clock& clock, seams::CommandClient& client, std::string any_hub);

    std::optional<NamedKey> take();  // nothing: the block is used up and vault does not answer
    std::size_t left() const { return block_.size(); }
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
    void forget(const std::string& key_id) { known_.erase(key_id); }
    // Match tokens for a repeat, or none when vault does not answer in time: linking is not worth a delay.
    void tokens(const std::string& hub, const std::string& nhs_number, const std::vector<std::string>& telephones,
                std::function<void(std::vector<std::string>)> then);
    // The same within a time of the caller's.
    void tokens_in(const std::string& hub, const std::string& nhs_number, const std::vector<std::string>& telephones,
                   std::int64_t timeout_ms, std::function<void(std::vector<std::string>)> then);

   private:
    void refill();
    void ask(const std::string& hub, const google::protobuf::Message& query, std::int64_t timeout_ms,
             std::function<void(const QueryReply*)> then);
    void ask_as(const Actor& actor, const std::string& hub, const google::protobuf::Message& query,
                std::int64_t timeout_ms, std::function<void(const QueryReply*)> then);

    seams::Clock& clock_;
    seams::CommandClient& client_;
    std::string any_hub_;
    std::deque<NamedKey> block_;
    std::map<std::string, NamedKey> known_;
    bool refilling_ = false;
    Alive alive_;
};

}  // namespace rightplace::bars
