// POST /FHIR/R4/$process-message: judge, seal, journal, arm the breach watch, and only then answer.
// Nothing from outside is answered as accepted before it is in the journal. Answers go out within
// limits::bars_answer_ms (BaRS: 5 s), 408 when the outcome is not known by then.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "common/base/alive.hpp"
#include "common/bus/asker.hpp"
#include "common/http/server.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "services/adapters/bars/shell/key_ring.hpp"

namespace rightplace::bars {

class FrontDoor {
   public:
    struct Outside {
        seams::Clock& clock;
        seams::Random& random;
        bus::Asker& asker;
        KeyRing& keys;
        std::function<std::string(const std::string& service_id)> hub_of;  // empty: no hub of ours
        std::function<TimeMs(const std::string& hub)> hub_now;
        // Durable when true; called before the case is answered as accepted.
        std::function<bool(const std::string& hub, const ValidationRequest&, const std::string& case_number,
                           const NamedKey&)>
            arm_watch;
        std::function<void(const std::string& what, const std::string& id)> log;
    };
    explicit FrontDoor(Outside outside) : outside_(std::move(outside)) {}

    void handle(http::Request request, http::Server::Respond respond);

   private:
    // One message on its way in.
    struct Visit {
        RequestHeaders headers;
        std::string content_type;
        std::string body;
        std::string hub;
        http::Server::Respond respond;
    };
    using VisitPtr = std::shared_ptr<Visit>;
    struct Accepting {
        VisitPtr visit;
        ValidationRequest request;
        NamedKey key;
    };

    void receive(const VisitPtr& visit, const http::Request& request);
    void accept(const std::shared_ptr<Accepting>& accepting);
    void open_case(const std::shared_ptr<Accepting>& accepting);
    void on_opened(const std::shared_ptr<Accepting>& accepting, const Reply& reply);
    void refuse(const VisitPtr& visit, const Problems& problems);
    void answer(const VisitPtr& visit, const Problems& problems);
    void send(const VisitPtr& visit, int status, std::string content_type, std::string body);
    Command command_for(const std::string& hub, const std::string& journey_id,
                        const google::protobuf::Message& payload);

    Outside outside_;
    std::set<std::string> in_progress_;  // request ids
    Alive alive_;
};

}  // namespace rightplace::bars
