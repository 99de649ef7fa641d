// tests/bench triage: a hub's working queue under pressure, each figure next to the bare Redis operations that it
// needs.
#include <hiredis/hiredis.h>

#include <functional>
#include <memory>
#include <random>

#include "messages/triage.pb.h"
#include "tests/fault/load.hpp"
#include "tests/measure/measure.hpp"

using namespace rightplace;
using namespace rightplace::testing;
using namespace rightplace::measure;

namespace {

constexpr std::size_t waiting_reviews = 1'000;
constexpr int clinicians = 50;
constexpr std::size_t claims_wanted = 5'000;
constexpr int singles = 1'000;
constexpr std::int64_t patience_ms = 120'000;

std::vector<std::string> open_reviews(Stack& stack) {
    const auto queue = stack.query<triage::QueueReply>("triage", triage::GetQueue());
    std::vector<std::string> ids;
    if (!queue) return ids;
    for (const auto& review : queue->reviews()) ids.push_back(review.case_id());
    return ids;
}

// Clinicians who take whatever they like, hold it for a moment and give it back; often two like the same.
class Crowd {
   public:
    Crowd(Stack& stack, std::vector<std::string> cases)
        : stack_(stack),
          client_(stack.client().context(), "bench",
                  [&stack](const std::string& service) {
                      return "ipc://" + stack.state_dir() + "/run/" + service + ".cmd";
                  }),
          asker_(stack.client().loop(), client_),
          cases_(std::move(cases)) {}

    void begin() {
        for (int i = 0; i < clinicians; ++i) claim("clinician-" + std::to_string(i));
    }
    void end() {
        stopping_ = true;
        if (!stack_.wait_until([this] { return under_way_ == 0; }, patience_ms)) std::abort();
    }
    bool run_until(std::size_t claims) {
        return stack_.wait_until([&] { return times_.size() >= claims; }, patience_ms);
    }
    const std::vector<double>& times() const { return times_; }  // of claims that were taken
    std::size_t refused() const { return refused_; }

   private:
    void ask(const std::string& who, const google::protobuf::Message& payload, std::function<void(const Reply&)> then) {
        Command command;
        command.set_command_id("crowd-" + std::to_string(next_++));
        command.set_hub(stack_.hub());
        command.mutable_actor()->set_id(who);
        command.mutable_actor()->set_role("paramedic-practitioner");
        command.mutable_payload()->PackFrom(payload);
        ++under_way_;
        asker_.ask("triage", command, patience_ms, alive_.guard([this, then = std::move(then)](const Reply& reply) {
            --under_way_;
            then(reply);
        }));
    }
    void claim(const std::string& who) {
        if (stopping_) return;
        triage::ClaimReview claiming;
        claiming.set_case_id(cases_[random_() % cases_.size()]);
        const auto begun = moment();
        ask(who, claiming, [this, who, begun, id = claiming.case_id()](const Reply& reply) {
            if (reply.status() != ACCEPTED) {
                ++refused_;
                return claim(who);
            }
            times_.push_back(ms_since(begun));
            triage::ReleaseClaim release;
            release.set_case_id(id);
            release.set_token(reply.receipt().events(reply.receipt().events_size() - 1).event_id());
            ask(who, release, [this, who](const Reply&) { claim(who); });
        });
    }

    Stack& stack_;
    bus::ZmqCommandClient client_;
    bus::Asker asker_;
    std::vector<std::string> cases_;
    std::mt19937 random_{1};
    std::size_t next_ = 0;
    std::size_t under_way_ = 0;
    std::size_t refused_ = 0;
    bool stopping_ = false;
    std::vector<double> times_;
    Alive alive_;
};

Spread escalations(Stack& stack, const std::vector<std::string>& cases, const std::string& name, int times) {
    return timed(times, [&](int i) {
        triage::EscalateReview escalate;
        escalate.set_case_id(cases[std::size_t(i) % cases.size()]);
        escalate.set_to_category(intake::C2);
        escalate.set_reason_code("worse");
        const auto reply = stack.ask_once("triage", escalate, name + "-" + std::to_string(i), 10'000);
        if (reply.status() != ACCEPTED) std::abort();
    });
}

Spread next_for_me(Stack& stack) {
    return timed(singles, [&](int) {
        triage::GetNext get;
        get.set_staff_id("clinician-1");
        const auto next = stack.query<triage::NextReply>("triage", get);
        if (!next || next->waiting() < waiting_reviews) std::abort();
    });
}

class Redis {
   public:
    explicit Redis(Stack& stack) : held_(redisConnectUnix((stack.state_dir() + "/run/redis.sock").c_str())) {}
    ~Redis() {
        freeReplyObject(
            redisCommand(held_, "DEL floor:log floor:head floor:record floor:queue floor:done floor:lease"));
        redisFree(held_);
    }
    // What a claim reads, then what it writes: two round trips.
    Spread claim(std::size_t event_bytes) {
        const std::string event(event_bytes, 'e'), state(2 * event_bytes, 's');
        return timed(singles, [&](int) {
            together({"HMGET floor:head epoch seq prev", "HMGET floor:done epoch seq receipt",
                      "HMGET floor:record v f s x", "HGET floor:lease id"});
            redisAppendCommand(held_, "MULTI");
            redisAppendCommand(held_, "XADD floor:log * e %b", event.data(), event.size());
            redisAppendCommand(held_, "HSET floor:head seq 1 prev p time 1");
            redisAppendCommand(held_, "HSET floor:record v 1 f 1 s %b x i", state.data(), state.size());
            redisAppendCommand(held_, "ZADD floor:queue 1 id");
            redisAppendCommand(held_, "HSET floor:done epoch 1 seq 1 receipt r");
            redisAppendCommand(held_, "HSET floor:lease id token");
            redisAppendCommand(held_, "EXEC");
            take(8);
        });
    }
    Spread first_in_queue() {
        for (std::size_t i = 0; i < waiting_reviews; ++i) {
            freeReplyObject(redisCommand(held_, "ZADD floor:queue %d id-%d", int(i), int(i)));
        }
        return timed(singles, [&](int) { together({"ZRANGE floor:queue 0 0", "HMGET floor:record v f s x"}); });
    }

   private:
    void together(const std::vector<const char*>& commands) {
        for (const auto* command : commands) redisAppendCommand(held_, command);
        take(commands.size());
    }
    void take(std::size_t replies) {
        for (std::size_t i = 0; i < replies; ++i) {
            void* reply = nullptr;
            if (redisGetReply(held_, &reply) != REDIS_OK) std::abort();
            freeReplyObject(reply);
        }
    }
    redisContext* held_;
};

}  // namespace

int main() {
    Stack stack;
    stack.start_all();
    Load load(stack, 64);
    if (!load.run_until(waiting_reviews, patience_ms) || !load.finish(patience_ms)) return 1;
    if (!stack.wait_until([&] { return open_reviews(stack).size() >= waiting_reviews; }, patience_ms)) return 1;
    const auto cases = open_reviews(stack);
    const auto next = next_for_me(stack);
    const auto quiet = escalations(stack, cases, "quiet", singles);

    Crowd crowd(stack, cases);
    crowd.begin();
    if (!crowd.run_until(200)) return 1;  // warm
    const auto before = crowd.times().size();
    const auto refused_before = crowd.refused();
    const auto start = moment();
    if (!crowd.run_until(before + claims_wanted)) return 1;
    const double seconds = ms_since(start) / 1'000;
    const std::vector<double> times(crowd.times().begin() + std::ptrdiff_t(before), crowd.times().end());
    const auto refused = crowd.refused() - refused_before;
    const auto busy = escalations(stack, cases, "busy", singles / 4);
    crowd.end();

    Redis redis(stack);
    const auto bare_claim = redis.claim(500);
    const auto bare_next = redis.first_in_queue();
    std::printf("%zu reviews wait; %d clinicians claim and give back\n", cases.size(), clinicians);
    std::printf("claims acknowledged: %.0f per second (as many releases), %zu refused as claimed by another\n",
                double(times.size()) / seconds, refused);
    print("one claim among them, acknowledged", spread(times));
    print("  bare Redis: what a claim reads and writes", bare_claim);
    print("next for me (wanted: p99 at most 5)", next);
    print("  bare Redis: first of the queue, its record", bare_next);
    print("escalation, nothing else going on", quiet);
    print("escalation among them (wanted: p99 at most 50)", busy);
    print("  bare Redis: as for a claim", bare_claim);
    return 0;
}
