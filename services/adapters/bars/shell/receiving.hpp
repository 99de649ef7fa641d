// POST /FHIR/R4/$process-message: judge, seal, journal, arm the breach watch, and only then answer.
// Nothing from outside is answered as accepted before it is in the journal. Answers go out within
// limits::bars_answer_ms (BaRS: 5 s), 408 when the outcome is not known by then.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "common/base/alive.hpp"
#include "common/bus/asker.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "services/adapters/bars/shell/keeping.hpp"
#include "services/adapters/bars/shell/key_ring.hpp"
#include "services/adapters/bars/shell/visit.hpp"

namespace rightplace::bars {

class Receiving {
   public:
    struct Outside {
        seams::Random& random;
        bus::Asker& asker;
        KeyRing& keys;
        std::function<std::string(const std::string& service_id)> hub_of;   // empty: no hub of ours
        std::function<std::string(const std::string& service_id)> site_of;  // empty: the hub's own service
        std::function<TimeMs(const std::string& hub)> hub_now;
        // Durable when it returns; called before the case is answered as accepted. What the watch has no room for is
        // given back by a delivery, and people are told.
        std::function<void(const std::string& hub, const ValidationRequest&, const std::string& case_number,
                           const NamedKey&)>
            arm_watch;
        std::function<void(const std::string& what, const std::string& id)> log;
    };
    Receiving(Outside outside, Changing::Outside changing);

    void receive(const VisitPtr& visit);  // its headers have passed check_headers

   private:
    struct Accepting {
        VisitPtr visit;
        ValidationRequest request;
        NamedKey key;
    };

    void accept(const std::shared_ptr<Accepting>& accepting);
    void open_case(const std::shared_ptr<Accepting>& accepting);
    void on_opened(const std::shared_ptr<Accepting>& accepting, const Reply& reply);
    Outside outside_;
    Refusing& refusing_;
    Keeping keeping_;
    Changing changing_;
    std::set<std::string> in_progress_;  // request ids
    Alive alive_;
};

}  // namespace rightplace::bars
