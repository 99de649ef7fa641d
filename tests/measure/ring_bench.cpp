// tests/bench ring: what an acknowledged command costs, next to the floor measured in the same run.
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <unistd.h>

#include <cstdio>
#include <numeric>

#include "common/base/hash.hpp"
#include "messages/triage.pb.h"
#include "tests/fault/load.hpp"
#include "tests/measure/measure.hpp"

using namespace rightplace;
using namespace rightplace::testing;
using namespace rightplace::measure;

namespace {

constexpr int singles = 2'000;
constexpr std::size_t flood = 10'000;
constexpr std::size_t flood_width = 256;
constexpr std::size_t events_per_case = 2;  // CaseNumberIssued and CaseOpened; reactions are not counted

Spread sync_floor(const std::string& folder, std::size_t bytes) {
    const auto path = folder + "/floor";
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const std::string block(bytes, 'x');
    const auto result = timed(singles, [&](int) {
        if (write(fd, block.data(), block.size()) < 0 || fdatasync(fd) != 0) std::abort();
    });
    close(fd);
    unlink(path.c_str());
    return result;
}

Spread function_floor(Stack& stack) {
    auto* redis = redisConnectUnix((stack.state_dir() + "/run/redis.sock").c_str());
    freeReplyObject(redisCommand(redis, "FUNCTION LOAD REPLACE %s",
                                 "#!lua name=floor\nredis.register_function('floor', function(keys) return 1 end)"));
    const auto result = timed(singles, [&](int) { freeReplyObject(redisCommand(redis, "FCALL floor 0")); });
    freeReplyObject(redisCommand(redis, "FUNCTION DELETE floor"));
    redisFree(redis);
    return result;
}

Spread bus_floor(Stack& stack) {
    return timed(singles, [&](int) {
        if (!stack.query<runtime::StatusReply>("intake", runtime::GetStatus())) std::abort();
    });
}

double xadd_floor(Stack& stack, std::size_t bytes) {
    auto* redis = redisConnectUnix((stack.state_dir() + "/run/redis.sock").c_str());
    freeReplyObject(redisCommand(redis, "CONFIG SET appendonly yes"));
    freeReplyObject(redisCommand(redis, "CONFIG SET appendfsync always"));
    const std::string block(bytes, 'x');
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t done = 0; done < flood; done += flood_width) {
        for (std::size_t i = 0; i < flood_width; ++i) {
            redisAppendCommand(redis, "XADD floor:log * e %b", block.data(), block.size());
        }
        for (std::size_t i = 0; i < flood_width; ++i) {
            void* reply = nullptr;
            if (redisGetReply(redis, &reply) != REDIS_OK) std::abort();
            freeReplyObject(reply);
        }
    }
    const double rate = double(flood) / ms_since(start) * 1'000;
    freeReplyObject(redisCommand(redis, "CONFIG SET appendonly no"));
    freeReplyObject(redisCommand(redis, "DEL floor:log"));
    redisFree(redis);
    return rate;
}

Spread alternate_claims(Stack& stack, const std::string& case_id) {
    std::string token;
    return timed(singles, [&](int i) {
        const auto id = "claim-" + std::to_string(i);
        Reply reply;
        if (token.empty()) {
            triage::ClaimReview claim;
            claim.set_case_id(case_id);
            reply = stack.ask_once("triage", claim, id, 5'000);
            if (reply.status() == ACCEPTED) token = reply.receipt().events(0).event_id();
        } else {
            triage::ReleaseClaim give_back;
            give_back.set_case_id(case_id);
            give_back.set_token(token);
            reply = stack.ask_once("triage", give_back, id, 5'000);
            token.clear();
        }
        if (reply.status() != ACCEPTED) std::abort();
    });
}

}  // namespace

int main() {
    Stack stack;
    stack.start_all();
    const auto now = stack.client().loop().wall_ms();
    const auto open = [&](int i) {
        return synthetic_case(derived_uuid({"bench", stack.state_dir(), std::to_string(i)}), now);
    };
    for (int i = 0; i < 100; ++i) stack.ask("intake", open(-1 - i), "warm-" + std::to_string(i));
    const auto one = timed(singles, [&](int i) {
        const auto reply = stack.ask_once("intake", open(i), "bench-" + std::to_string(i), 5'000);
        if (reply.status() != ACCEPTED) std::abort();
    });
    const auto journal = stack.journal();
    const auto claim = alternate_claims(stack, derived_uuid({"bench", stack.state_dir(), "0"}));
    const auto bytes = std::accumulate(journal.begin(), journal.end(), std::size_t{0},
                                       [](std::size_t sum, const std::string& event) { return sum + event.size(); }) /
                       journal.size();
    const auto sync = sync_floor(stack.state_dir(), bytes * events_per_case);
    const auto function = function_floor(stack);
    const auto bus = bus_floor(stack);
    const double floor = sync.p50 + function.p50 + bus.p50;

    Load load(stack, flood_width);
    if (!load.run_until(1'000)) return 1;
    const auto start = std::chrono::steady_clock::now();
    const auto before = load.acknowledged().size();
    if (!load.run_until(before + flood, 300'000)) return 1;
    const double rate = double(load.acknowledged().size() - before) * events_per_case / ms_since(start) * 1'000;
    load.finish();

    std::printf("%d commands one at a time, then %zu with %zu in flight; events of %zu bytes on average\n", singles,
                flood, flood_width, bytes);
    print("one OpenCase, acknowledged", one);
    print("one claim or release, acknowledged", claim);
    print("floor: fdatasync of the same bytes", sync);
    print("floor: one Redis function round trip", function);
    print("floor: one ZeroMQ round trip (CURVE, ipc)", bus);
    std::printf("p50 / floor: OpenCase %.2f, claim or release %.2f (wanted: at most 2)\n", one.p50 / floor,
                claim.p50 / floor);
    std::printf("acknowledged events per second, %zu in flight: %.0f\n", flood_width, rate);
    std::printf("reference: pipelined XADD, appendfsync always: %.0f per second\n", xadd_floor(stack, bytes));
    return 0;
}
