#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "bus_bench.hpp"
#include "common/base/limits.hpp"
#include "common/bus/asker.hpp"
#include "common/bus/feed.hpp"
#include "common/bus/reads.hpp"
#include "common/bus/request_id.hpp"
#include "messages/audit.pb.h"

using namespace rightplace;
using namespace rightplace::bus;
using seams::TransportError;
using Asked = std::optional<Result<seams::Bytes, TransportError>>;

TEST_CASE("several processes that start at once end with the same keys") {
    const TempDir dir;
    const std::string keys_dir = dir.path + "/state/keys";
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            const auto keys = Keyring::open(keys_dir);
            std::ofstream out(dir.path + "/seen-" + std::to_string(i));
            if (keys) out << *keys.value().public_key("triage");
            out.flush();
            _exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) waitpid(child, nullptr, 0);
    const auto keys = Keyring::open(keys_dir);
    REQUIRE(keys);
    for (int i = 0; i < 4; ++i) {
        std::ifstream in(dir.path + "/seen-" + std::to_string(i));
        std::string seen;
        in >> seen;
        CHECK(seen == keys.value().public_key("triage"));
    }
    CHECK(keys.value().role_of(*keys.value().public_key("bars")) == "bars");
    CHECK_FALSE(keys.value().role_of(new_key_pair().public_key));
    struct stat about {};
    REQUIRE(stat((keys_dir + "/triage.secret").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    REQUIRE(stat(keys_dir.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0700);

    std::ofstream(keys_dir + "/ashford-console.public") << *keys.value().public_key("cli") << '\n';
    CHECK(Keyring::open(keys_dir).error().find("stands for another role too") != std::string::npos);
    std::filesystem::remove(keys_dir + "/ashford-console.public");
    chmod((keys_dir + "/triage.secret").c_str(), 0644);
    CHECK(Keyring::open(keys_dir).error().find("0600") != std::string::npos);
}

TEST_CASE("a request id is read and set without parsing") {
    CHECK(request_id_of(request("c1", "r1")) == "r1");
    CHECK(request_id_of("") == "");
    CHECK_FALSE(request_id_of(request("c1", "r1").substr(0, 7)));
    CHECK_FALSE(request_id_of(std::string("\0\0\0", 3)));
    const std::string longer(300, 'x');
    CHECK(parsed(with_request_id(request("c1", "r1"), longer)).request_id() == longer);
}

TEST_CASE("commands are answered under the asker's own id, late, out of order and by role") {
    Bench bench;
    auto server = ZmqCommandServer::start(bench.server_side, "triage", bench.endpoint("triage"));
    REQUIRE(server);
    std::vector<std::function<void()>> held;
    std::string role;
    server.value()->serve([&](const seams::Peer& peer, seams::Bytes bytes, auto answer) {
        role = peer.key_role;
        held.push_back([bytes, answer] { answer(accepted(bytes)); });
    });
    ZmqCommandClient client(bench.client_side, "bars", bench.endpoints());
    Asked first, second;
    client.ask("triage", request("c1", "same"), 60'000, [&](auto got) { first = std::move(got); });
    client.ask("triage", request("c2", "same"), 60'000, [&](auto got) { second = std::move(got); });
    REQUIRE(bench.until([&] { return held.size() == 2; }));
    CHECK(role == "bars");
    CHECK_FALSE(first);
    held[1]();
    held[1]();  // an answer works once
    REQUIRE(bench.until([&] { return bool(second); }));
    CHECK_FALSE(first);
    held[0]();
    REQUIRE(bench.until([&] { return bool(first); }));
    CHECK(parsed(first->value()).request_id() == "same");
    CHECK(parsed(first->value()).reply().command_id() == "c1");
    CHECK(parsed(second->value()).reply().command_id() == "c2");

    const auto other = ZmqCommandServer::start(bench.server_side, "triage", bench.endpoint("triage"));
    REQUIRE_FALSE(other);
    CHECK(other.error().find("another process") != std::string::npos);
}

TEST_CASE("an answer that came in while the next request was sent is not left lying") {
    Bench bench;
    auto server = ZmqCommandServer::start(bench.server_side, "triage", bench.endpoint("triage"));
    REQUIRE(server);
    std::vector<std::function<void()>> held;
    server.value()->serve([&](const seams::Peer&, seams::Bytes bytes, auto answer) {
        held.push_back([bytes, answer] { answer(accepted(bytes)); });
    });
    ZmqCommandClient client(bench.client_side, "cli", bench.endpoints());
    for (int i = 0; i < 20; ++i) {
        Asked first;
        client.ask("triage", request("c1"), 60'000, [&](auto got) { first = std::move(got); });
        REQUIRE(bench.until([&] { return held.size() == 1; }));
        held[0]();
        usleep(5'000);  // it arrives, and nobody looks
        client.ask("triage", request("c2"), 60'000, [](const auto&) {});
        REQUIRE(bench.until([&] { return bool(first); }, 2'000));
        REQUIRE(bench.until([&] { return held.size() == 2; }));
        held.clear();
    }
}

TEST_CASE("never sent and in doubt are told apart, and a client finds a server that comes back") {
    Bench bench;
    ZmqCommandClient client(bench.client_side, "cli", bench.endpoints());
    Asked never, in_doubt, unknown_service;
    client.ask("triage", request("c1"), 100, [&](auto got) { never = std::move(got); });
    client.ask("nobody", request("c1"), 100, [&](auto got) { unknown_service = std::move(got); });
    CHECK_FALSE(unknown_service);  // never inside the call
    REQUIRE(bench.until([&] { return never && unknown_service; }));
    CHECK(never->error() == TransportError::unreachable);
    CHECK(unknown_service->error() == TransportError::unreachable);

    int taken = 0;
    auto server = ZmqCommandServer::start(bench.server_side, "triage", bench.endpoint("triage"));
    REQUIRE(server);
    Router::Answer kept;
    server.value()->serve([&](const seams::Peer&, seams::Bytes, auto answer) {
        ++taken;
        kept = answer;
    });
    client.ask("triage", request("c2"), 60'000, [&](auto got) { in_doubt = std::move(got); });
    REQUIRE(bench.until([&] { return taken == 1; }));
    server.value().reset();
    kept("too late");                                      // harmless
    REQUIRE(bench.until([&] { return bool(in_doubt); }));  // long before its own timeout
    CHECK(in_doubt->error() == TransportError::timed_out);

    auto again = ZmqCommandServer::start(bench.server_side, "triage", bench.endpoint("triage"));
    REQUIRE(again);
    again.value()->serve([&](const seams::Peer&, seams::Bytes bytes, auto answer) { answer(accepted(bytes)); });
    // What is written while a connection dies may be lost with it: whoever needs an answer asks again, as an asker
    // does.
    Command command;
    command.set_command_id("c3");
    std::optional<Reply> reply;
    Asker(bench.loop, client).ask("triage", command, 60'000, [&](Reply got) { reply = std::move(got); });
    REQUIRE(bench.until([&] { return bool(reply); }));
    CHECK(reply->status() == ACCEPTED);
}

TEST_CASE("an asker sends the same command until the outcome is known") {
    Bench bench;
    auto server = ZmqCommandServer::start(bench.server_side, "triage", bench.endpoint("triage"));
    REQUIRE(server);
    std::vector<std::string> seen;
    std::vector<ReplyStatus> script{UNKNOWN, UNAVAILABLE, DUPLICATE};
    server.value()->serve([&](const seams::Peer&, seams::Bytes bytes, auto answer) {
        Request asked;
        REQUIRE(asked.ParseFromString(bytes));
        CHECK(asked.command().deadline_ms() > 0);
        seen.push_back(asked.command().command_id());
        if (seen.size() == 1) return;  // lost
        auto response = parsed(accepted(bytes));
        response.mutable_reply()->set_status(script[std::min(seen.size() - 2, script.size() - 1)]);
        answer(response.SerializeAsString());
    });
    ZmqCommandClient client(bench.client_side, "cli", bench.endpoints());
    Command command;
    command.set_command_id("c1");
    std::optional<Reply> reply;
    Asker(bench.loop, client).ask("triage", command, 60'000, [&](Reply got) { reply = std::move(got); });
    REQUIRE(bench.until([&] { return bool(reply); }));
    CHECK(reply->status() == DUPLICATE);
    CHECK(seen.size() >= 4);  // more only when this machine is too busy to answer in time
    CHECK(seen == std::vector<std::string>(seen.size(), "c1"));
}

TEST_CASE("an asker never calls a doubtful outcome undone") {
    struct Scripted final : seams::CommandClient {
        explicit Scripted(Loop& of) : loop(of) {}
        void ask(std::string, seams::Bytes bytes, std::int64_t, Dealer::Completion done) override {
            const bool in_doubt = first_in_doubt && asked++ == 0;
            loop.soon([=, then_unreachable = then_unreachable] {
                if (in_doubt) return done(Failure{TransportError::timed_out});
                if (then_unreachable) return done(Failure{TransportError::unreachable});
                auto response = parsed(accepted(bytes));
                response.mutable_reply()->set_status(UNAVAILABLE);
                done(response.SerializeAsString());
            });
        }
        Loop& loop;
        bool first_in_doubt = true;
        bool then_unreachable = false;
        int asked = 0;
    };
    Bench bench;
    Scripted client(bench.loop);
    Command command;
    command.set_command_id("c1");
    std::optional<Reply> reply;
    client.first_in_doubt = GENERATE(true, false);
    client.then_unreachable = GENERATE(true, false);
    Asker(bench.loop, client).ask("triage", command, 500, [&](Reply got) { reply = std::move(got); });
    REQUIRE(bench.until([&] { return bool(reply); }));
    CHECK(reply->status() == (client.first_in_doubt ? UNKNOWN : UNAVAILABLE));
    CHECK(reply->command_id() == "c1");
}

TEST_CASE("the feed brings a hub's events and heartbeats and nothing of a hub whose name it begins") {
    Bench bench;
    const auto endpoint = "ipc://" + bench.dir.path + "/audit.feed";
    auto publisher = ZmqFeedPublisher::start(bench.server_side, endpoint);
    REQUIRE(publisher);
    ZmqFeedSubscriber subscriber(bench.client_side, "triage", {endpoint});
    std::vector<seams::FeedMessage> got;
    subscriber.subscribe("ash", [&](const auto& message) { got.push_back(message); });
    const auto ignored = counted("rightplace_feed_ignored_total");
    REQUIRE(bench.until([&] {
        publisher.value()->publish({"ashford", false, "other"});
        publisher.value()->publish({"ash", true, "beat"});
        return !got.empty();
    }));
    got.clear();
    publisher.value()->publish({"ashford", false, "other"});
    publisher.value()->publish({"ash", false, "event"});
    REQUIRE(bench.until([&] { return !got.empty() && !got.back().heartbeat; }));
    CHECK(got.back().bytes == "event");
    for (const auto& each : got) CHECK(each.hub == "ash");
    CHECK(counted("rightplace_feed_ignored_total") > ignored);
}

TEST_CASE("who waits for an event is sent it at once with all before it; the others get both together") {
    Bench bench;
    Loop audits;  // turned only where the test says so
    Context audit_side(audits, bench.keys());
    const auto endpoint = "ipc://" + bench.dir.path + "/audit.feed";
    auto publisher = ZmqFeedPublisher::start(audit_side, endpoint);
    REQUIRE(publisher);
    ZmqFeedSubscriber waiting(bench.client_side, "triage", {endpoint});
    ZmqFeedSubscriber other(bench.client_side, "bars", {endpoint});
    std::vector<std::string> waiting_got;
    std::vector<std::string> other_got;
    waiting.subscribe("ashford", [&](const auto& message) { waiting_got.push_back(message.bytes); });
    other.subscribe("ashford", [&](const auto& message) { other_got.push_back(message.bytes); });
    REQUIRE(bench.until([&] {
        publisher.value()->publish({"ashford", true, "beat"});
        audits.turn(1);
        return !waiting_got.empty() && !other_got.empty();
    }));
    REQUIRE_FALSE(bench.until([&] { return false; }, 50));  // what is still on its way
    waiting_got.clear();
    other_got.clear();
    const std::vector<std::string> both{"intake's", "triage's"};
    publisher.value()->publish({"ashford", false, both[0], {"intake", "cli"}});
    publisher.value()->publish({"ashford", false, both[1], {"intake", "triage"}});

    SECTION("after a moment") {
        REQUIRE(bench.until([&] { return waiting_got.size() == 2; }));
        CHECK(waiting_got == both);
        CHECK(other_got.empty());
        REQUIRE(bench.until([&] {
            audits.turn(1);
            return other_got.size() == 2 && waiting_got.size() == 4;
        }));
        CHECK(other_got == both);
    }
    SECTION("when it is told to, and then again for the next ones") {
        publisher.value()->send_held();
        REQUIRE(bench.until([&] { return other_got.size() == 2; }));
        publisher.value()->publish({"ashford", false, "third", {"triage"}});
        REQUIRE(bench.until([&] { return waiting_got.size() == 5; }));  // twice two, and the third at once
        CHECK(waiting_got.back() == "third");
        CHECK(other_got == both);
    }
    SECTION("of its own hub only") {
        publisher.value()->publish({"paddock-wood", false, "of another hub", {"triage"}});
        publisher.value()->publish({"ashford", false, "third", {"triage"}});
        REQUIRE(bench.until([&] { return waiting_got.size() == 3; }));
        CHECK(waiting_got == std::vector<std::string>{both[0], both[1], "third"});
    }
    SECTION("before a heartbeat, which names a head that they then have") {
        publisher.value()->publish({"ashford", true, "beat"});
        REQUIRE(bench.until([&] { return other_got.size() == 3; }));
        CHECK(other_got == std::vector<std::string>{both[0], both[1], "beat"});
    }
    SECTION("at once when there are many") {
        for (auto i = both.size(); i < limits::feed_gather_max_events; ++i)
            publisher.value()->publish({"ashford", false, "more", {"intake"}});
        REQUIRE(bench.until([&] { return other_got.size() == limits::feed_gather_max_events; }));
        CHECK(waiting_got.front() == both[0]);
    }
}

TEST_CASE("a subscriber that reads nothing does not hold up the publisher") {
    Bench bench;
    Loop asleep;  // never turned once it is connected
    Context slow_side(asleep, bench.keys());
    const auto endpoint = "ipc://" + bench.dir.path + "/audit.feed";
    auto publisher = ZmqFeedPublisher::start(bench.server_side, endpoint);
    REQUIRE(publisher);
    ZmqFeedSubscriber slow(slow_side, "bars", {endpoint});
    ZmqFeedSubscriber quick(bench.client_side, "triage", {endpoint});
    int slow_got = 0;
    std::string last;
    slow.subscribe("ashford", [&](const auto&) { ++slow_got; });
    quick.subscribe("ashford", [&](const auto& message) { last = message.bytes; });
    REQUIRE(bench.until([&] {
        publisher.value()->publish({"ashford", false, "hello"});
        asleep.turn(10);
        return slow_got > 0 && !last.empty();
    }));
    const std::string bytes(200, 'x');
    constexpr int sent = 4 * limits::feed_queue_max_messages;  // both its queues, and more than a socket buffers
    for (int i = 0; i < sent; ++i) {
        publisher.value()->publish({"ashford", false, bytes});
        if (i % 500 == 0) bench.loop.turn(0);
    }
    REQUIRE(bench.until([&] {
        publisher.value()->publish({"ashford", true, "end"});
        return last == "end";
    }));
    slow_got = 0;
    for (int before = -1; before != slow_got;) {
        before = slow_got;
        asleep.turn(500);
    }
    CHECK(slow_got > 0);
    CHECK(slow_got < sent);  // so the queue was full, and the publisher went on
}

TEST_CASE("reads are answered late, and one too many is told so") {
    Bench bench;
    const auto endpoint = "ipc://" + bench.dir.path + "/audit.read";
    auto server = ReadServer::start(bench.server_side, endpoint);
    REQUIRE(server);
    std::vector<std::function<void()>> held;
    server.value()->serve([&](const seams::Peer&, seams::Bytes bytes, auto answer) {
        audit::Read read;
        REQUIRE(read.ParseFromString(bytes));
        audit::ReadReply reply;
        reply.set_request_id(read.request_id());
        reply.set_next_seq(read.from_seq());
        held.push_back([reply, answer] { answer(reply.SerializeAsString()); });
    });
    ZmqJournalReader reader(bench.client_side, "triage", endpoint);
    std::vector<audit::ReadReply> replies;
    const auto total = limits::read_max_followers + 1;
    for (std::size_t i = 0; i < total; ++i) {
        audit::Read read;
        read.set_from_seq(i + 1);
        reader.read(read.SerializeAsString(), 60'000, [&](auto got) {
            REQUIRE(got);
            replies.emplace_back();
            REQUIRE(replies.back().ParseFromString(got.value()));
        });
    }
    REQUIRE(bench.until([&] { return replies.size() == 1; }));
    CHECK(replies[0].error() == "too many reads held");
    CHECK(held.size() == total - 1);
    held[6]();
    REQUIRE(bench.until([&] { return replies.size() == 2; }));
    CHECK(replies[1].next_seq() == 7);
    CHECK(replies[1].request_id().empty());
}

TEST_CASE("metrics are rendered as Prometheus text") {
    metrics::Registry registry;
    registry.counter("rightplace_cases_total", "Cases", {{"hub", "ash\"ford"}}).add(2);
    registry.gauge("rightplace_lag", "Events behind").set(-1);
    CHECK(&registry.gauge("rightplace_lag", "") == &registry.gauge("rightplace_lag", ""));
    CHECK(registry.render() ==
          "# HELP rightplace_cases_total Cases\n# TYPE rightplace_cases_total counter\n"
          "rightplace_cases_total{hub=\"ash\\\"ford\"} 2\n"
          "# HELP rightplace_lag Events behind\n# TYPE rightplace_lag gauge\nrightplace_lag -1\n");
}
