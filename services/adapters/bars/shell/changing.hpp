// What is received about a case that we have: an update, a cancellation. As with a new one, nothing is answered as
// accepted before it is in the journal.
#pragma once

#include <functional>
#include <string>

#include "services/adapters/bars/domain/changes.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "services/adapters/bars/shell/refusing.hpp"

namespace rightplace::bars {

// What the numbers that repeats are matched by are made of.
std::vector<std::string> telephones(const intake::Person& person);

class Changing {
   public:
    struct Outside {
        seams::Clock& clock;
        seams::Random& random;
        bus::Asker& asker;
        KeyRing& keys;
        Refusing& refusing;
        std::function<const CaseBook&(const std::string& hub)> book_of;
        std::function<bool(const std::string& hub)> book_is_whole;  // it knows what the journal knew a moment ago
        std::function<TimeMs(const std::string& hub)> hub_now;
        // The watch gives back the request as it stands now, at its new breach time.
        std::function<void(const std::string& hub, const std::string& case_id, const SharedTree& request,
                           TimeMs breach_at, const NamedKey& key)>
            rearm;
        std::function<void(const std::string& what, const std::string& id)> log;
    };
    explicit Changing(Outside outside) : outside_(std::move(outside)) {}

    void receive(const VisitPtr& visit, ValidationRequest request);  // an update or a cancellation

   private:
    struct Change {
        VisitPtr visit;
        ValidationRequest request;
        int looks = 0;
        std::string case_id;
        std::uint32_t updates = 0;  // that `current` is merged of
        std::optional<NamedKey> key;
        SharedTree current;
        Merged merged;
    };
    using ChangePtr = std::shared_ptr<Change>;

    void look(const ChangePtr& change);
    void look_again(const ChangePtr& change, const Problems& at_last);
    void opened(const ChangePtr& change, const CaseKey& released);
    ChangeProblems judge(Change& change, const BookedCase& booked) const;
    void update(const ChangePtr& change);
    void cancel(const ChangePtr& change);
    void ask(const ChangePtr& change, const std::string& journey_id, const google::protobuf::Message& command);
    void on_reply(const ChangePtr& change, const Reply& reply);
    void on_refused(const ChangePtr& change, const Refusal& refusal);
    void answer(const ChangePtr& change);
    intake::Exchange exchange_of(const ChangePtr& change) const;

    Outside outside_;
    Alive alive_;
};

}  // namespace rightplace::bars
