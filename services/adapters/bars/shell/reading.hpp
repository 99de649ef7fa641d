// What is read with GET: the capability statement, the message definitions, and a sender's own requests.
// A request is shown from the adapter's case book, so only while that follows the journal: else 503, for a request that
// is called active must be so. What leaves the hub is a view of identity: vault records it before it releases the key.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/alive.hpp"
#include "services/adapters/bars/domain/service_request_read.hpp"
#include "services/adapters/bars/shell/key_ring.hpp"
#include "services/adapters/bars/shell/visit.hpp"

namespace rightplace::bars {

// Reads that are being answered at once; more are 429 until some are, as each may open many cases.
inline constexpr std::size_t reads_at_once_max = 32;

class Reading {
   public:
    struct Outside {
        seams::Clock& clock;
        seams::Random& random;
        KeyRing& keys;
        std::function<std::string(const std::string& service_id)> hub_of;  // empty: no hub of ours
        std::function<const CaseBook*(const std::string& hub)> book_of;    // null: it does not follow the journal now
        std::string version;                                               // of this software
    };
    explicit Reading(Outside outside) : outside_(std::move(outside)) {}

    // The visit's headers have passed check_headers. `rest` is what the path holds after "ServiceRequest".
    void metadata(const VisitPtr& visit) const;
    void definitions(const VisitPtr& visit, const Target& target) const;
    void service_request(const VisitPtr& visit, std::string_view rest, const Target& target);

   private:
    // One question, and what was found for it so far.
    struct Looking {
        VisitPtr visit;
        ReadAsked asked;
        std::size_t waiting_for = 0;
        bool over = false;
        std::vector<Tree> entries;  // null: not found after all
        std::shared_ptr<const int> underway;
    };
    using LookingPtr = std::shared_ptr<Looking>;

    void by_id(const LookingPtr& looking);
    void by_patient(const LookingPtr& looking, const std::vector<std::string>& tokens);
    void look_at(const LookingPtr& looking, const std::vector<std::string>& case_ids);
    void look_inside(const LookingPtr& looking, const std::string& case_id, std::size_t place);
    void open(const LookingPtr& looking, const std::string& case_id, std::size_t place);
    void opened(const LookingPtr& looking, const std::string& case_id, std::size_t place, const NamedKey& key);
    void finish(const LookingPtr& looking) const;
    static void fail(const LookingPtr& looking);

    Outside outside_;
    std::shared_ptr<const int> underway_ = std::make_shared<int>();  // shared by each read that is under way
    Alive alive_;
};

}  // namespace rightplace::bars
