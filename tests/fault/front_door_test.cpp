// kill -9 of the BaRS adapter while posts and answers are under way: what was answered 200 is in the record once,
// what was not answered is safe to post again, and every answer reaches its sender.
#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <set>

#include "common/http/partner.hpp"
#include "common/runtime/payload.hpp"
#include "services/adapters/bars/domain/headers.hpp"
#include "tests/integration/hub.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

constexpr std::size_t in_flight = 8;
constexpr std::int64_t answer_ms = 10'000;
constexpr std::int64_t again_ms = 100;

// Posts always in flight. One without a final answer is posted again, the same bytes under the same request id.
class Posts {
   public:
    explicit Posts(RunningHub& hub) : hub_(hub), partner_(hub.stack.client().loop()) {}

    bool run_until(std::size_t accepted) {
        stopping_ = false;
        while (under_way_ < in_flight) next();
        return hub_.stack.wait_until([&] { return accepted_.size() >= accepted; }, 120'000);
    }
    bool finish() {
        stopping_ = true;
        return hub_.stack.wait_until([this] { return under_way_ == 0; }, 120'000);
    }
    const std::set<std::string>& accepted() const { return accepted_; }  // case ids
    std::size_t unanswered() const { return unanswered_; }
    std::size_t had_it() const { return had_it_; }
    const std::map<int, int>& odd() const { return odd_; }  // statuses that no such post may get

   private:
    void next() {
        ++under_way_;
        const auto sample = hub_.visitor.sample();
        post(hub_.case_id(sample), bars_sample::request(sample).dump(), new_uuid(), false);
    }
    void post(const std::string& case_id, const std::string& body, const std::string& request_id, bool before) {
        seams::HttpRequest request;
        request.url = "http://127.0.0.1:" + std::to_string(hub_.stack.bars_port()) + "/FHIR/R4/$process-message";
        request.headers = {{"Content-Type", "application/fhir+json"},
                           {"X-Request-Id", request_id},
                           {"X-Correlation-Id", new_uuid()},
                           {"NHSD-Target-Identifier", bars::target_identifier(Stack::service_of(hub_.stack.hub()))}};
        request.body = body;
        request.timeout_ms = answer_ms;
        partner_.post(request, [=, this](const seams::HttpAnswer& answer) {
            const bool open =
                answer.status == 0 || answer.status == 408 || answer.status == 425 || answer.status == 503;
            if (open) {
                if (answer.status == 0 && !answer.certainly_not_sent) ++unanswered_;
                hub_.stack.client().loop().after(again_ms, [=, this] { post(case_id, body, request_id, true); });
                return;
            }
            if (answer.status == 409 && before) ++had_it_;
            const bool taken = answer.status == 200 || (answer.status == 409 && before);
            if (taken) accepted_.insert(case_id);
            if (!taken) ++odd_[answer.status];
            --under_way_;
            if (!stopping_) next();
        });
    }

    RunningHub& hub_;
    http::CurlPartner partner_;
    std::size_t under_way_ = 0;
    std::size_t unanswered_ = 0;
    std::size_t had_it_ = 0;
    std::set<std::string> accepted_;
    std::map<int, int> odd_;
    bool stopping_ = false;
};

std::map<std::string, int> opened_in(Stack& stack) {
    std::map<std::string, int> opened;
    for (const auto& stored : stack.journal()) {
        Event event;
        REQUIRE(event.ParseFromString(stored));
        if (runtime::event_name(event) == "CaseOpened") ++opened[event.case_id()];
    }
    return opened;
}

// The door of a fresh adapter is open once vault has given it keys.
void kill_adapter(RunningHub& hub) {
    ::kill(hub.stack.pid("bars"), SIGKILL);
    hub.stack.wait_until([] { return false; }, 200);  // restarted as the supervisor would
}

}  // namespace

TEST_CASE("kill -9 of the BaRS adapter with posts in flight: accepted once, and safe to post again") {
    RunningHub hub;
    Posts posts(hub);
    REQUIRE(posts.run_until(20));
    for (std::size_t deaths = 1; deaths <= 5; ++deaths) {
        kill_adapter(hub);
        REQUIRE(posts.run_until(posts.accepted().size() + 15));
    }
    REQUIRE(posts.finish());
    INFO("unanswered " << posts.unanswered() << ", then 409 " << posts.had_it());
    CHECK(posts.odd().empty());
    CHECK(posts.unanswered() > 0);  // else nothing was put to the test
    const auto opened = opened_in(hub.stack);
    for (const auto& [case_id, times] : opened) CHECK(times == 1);
    for (const auto& case_id : posts.accepted()) CHECK(opened.count(case_id) == 1);
    CHECK(opened.size() == posts.accepted().size());  // nothing that its sender was not told of in the end
}

TEST_CASE("kill -9 of the BaRS adapter between a decision and its answer: every answer reaches the sender") {
    constexpr std::size_t cases = 4;
    RunningHub hub;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < cases; ++i) {
        const auto sample = hub.visitor.sample();
        const auto request_id = new_uuid();  // a busy machine may answer 503 first: then the same again
        REQUIRE(hub.stack.wait_until([&] {
            const auto status = hub.visitor.post(sample, request_id).status;
            return status == 200 || status == 409;
        }));
        ids.push_back(hub.case_id(sample));
        REQUIRE(hub.wait_for_status(ids.back(), triage::QUEUED));
    }
    std::vector<std::string> tokens;
    for (const auto& id : ids) tokens.push_back(hub.claim_and_start(id));
    ::kill(hub.stack.pid("bars"), SIGKILL);
    REQUIRE(hub.stack.wait_until([&] { return hub.sender.count("validation-interim") >= cases; }, 60'000));
    for (std::size_t i = 0; i < cases; ++i) REQUIRE(hub.decide(ids[i], tokens[i]).status() == ACCEPTED);
    ::kill(hub.stack.pid("bars"), SIGKILL);
    const auto closed = [&](const std::string& id) { return count(hub.events_of(id), "DeliverySettled") == 2; };
    for (const auto& id : ids) {
        const bool settled = hub.stack.wait_until([&] { return closed(id); }, 60'000);
        INFO(hub.story_of(id));
        REQUIRE(settled);
    }
    // One message may arrive twice, but then as the very same one.
    std::map<std::string, std::set<std::string>> bodies;
    for (const auto& each : hub.sender.received()) bodies[each.request_id].insert(each.body);
    CHECK(bodies.size() == 2 * cases);
    for (const auto& [request_id, same] : bodies) CHECK(same.size() == 1);
}
