// What strangers and broken peers can do to a command socket: nothing but be counted.
#include <catch2/catch.hpp>

#include <zmq.h>

#include <fstream>

#include "bus_bench.hpp"
#include "common/base/limits.hpp"

using namespace rightplace;
using namespace rightplace::bus;

namespace {

constexpr auto dropped = "rightplace_bus_dropped_total";
constexpr auto ended = "rightplace_bus_connections_ended_total";
metrics::Labels why(const std::string& reason) {
    return {{"server", "triage"}, {"why", reason}};
}
metrics::Labels how(const std::string& reason) {
    return {{"server", "triage"}, {"how", reason}};
}

// A DEALER of its own, without our bounds and checks.
struct Stranger {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_DEALER);

    Stranger() {
        const int linger = 0;
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    }
    ~Stranger() {
        zmq_close(socket);
        zmq_ctx_term(context);
    }
    void use_keys(const KeyPair& own, const std::string& server_key) {
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key.c_str(), server_key.size());
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, own.public_key.c_str(), own.public_key.size());
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own.secret_key.c_str(), own.secret_key.size());
    }
    void connect(const std::string& endpoint) { REQUIRE(zmq_connect(socket, endpoint.c_str()) == 0); }
    void send(const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const int flags = ZMQ_DONTWAIT | (i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
            REQUIRE(zmq_send(socket, frames[i].data(), frames[i].size(), flags) >= 0);
        }
    }
};

struct Served : Bench {
    Served() : server(ZmqCommandServer::start(server_side, "triage", endpoint("triage"))) {
        REQUIRE(server);
        server.value()->serve([this](const seams::Peer&, seams::Bytes bytes, auto answer) {
            ++handled;
            answer(accepted(bytes));
        });
    }
    bool good_client_is_served() {
        ZmqCommandClient client(client_side, "cli", endpoints());
        std::optional<Result<seams::Bytes, seams::TransportError>> got;
        client.ask("triage", request("good"), 60'000, [&](auto answer) { got = std::move(answer); });
        return until([&] { return bool(got); }) && got->ok() && parsed(got->value()).reply().command_id() == "good";
    }
    Result<std::unique_ptr<ZmqCommandServer>, std::string> server;
    int handled = 0;
};

}  // namespace

TEST_CASE("a key that is not on the allow-list is refused, counted and told so") {
    Served bench;
    const std::string other_dir = bench.dir.path + "/other-keys";
    std::filesystem::copy(bench.keys_dir, other_dir);
    std::filesystem::permissions(other_dir, std::filesystem::perms::owner_all);
    const auto forged = new_key_pair();
    std::ofstream(other_dir + "/cli.secret") << forged.secret_key << '\n';
    std::ofstream(other_dir + "/cli.public") << forged.public_key << '\n';
    auto other_keys = Keyring::open(other_dir);
    REQUIRE(other_keys);
    Context other_side(bench.loop, std::move(other_keys.value()));
    ZmqCommandClient client(other_side, "cli", bench.endpoints());

    const auto refused = counted("rightplace_bus_keys_refused_total");
    std::optional<Result<seams::Bytes, seams::TransportError>> got;
    client.ask("triage", request("forged"), 60'000, [&](auto answer) { got = std::move(answer); });
    REQUIRE(bench.until([&] { return bool(got); }));
    REQUIRE_FALSE(got->ok());
    CHECK(got->error() == seams::TransportError::refused_key);
    CHECK(counted("rightplace_bus_keys_refused_total") > refused);
    CHECK(bench.handled == 0);
    CHECK(bench.good_client_is_served());
}

TEST_CASE("a client without CURVE, or with a wrong server key, gets no connection") {
    Served bench;
    Stranger stranger;
    if (GENERATE(true, false)) {
        stranger.use_keys(bench.keys().pair("cli"), new_key_pair().public_key);
    }
    const auto failed = counted(ended, how("no-handshake"));
    stranger.connect(bench.endpoint("triage"));
    stranger.send({request("plain", "r1")});
    REQUIRE(bench.until([&] { return counted(ended, how("no-handshake")) > failed; }));
    CHECK(bench.good_client_is_served());
    CHECK(bench.handled == 1);  // the good one
}

TEST_CASE("malformed messages of a client with a good key are dropped and counted") {
    Served bench;
    Stranger stranger;
    stranger.use_keys(bench.keys().pair("bench"), bench.keys().pair("triage").public_key);
    stranger.connect(bench.endpoint("triage"));
    const auto expect = [&](const std::string& reason, const std::vector<std::string>& frames) {
        const auto before = counted(dropped, why(reason));
        stranger.send(frames);
        CHECK(bench.until([&] { return counted(dropped, why(reason)) == before + 1; }));
    };
    const auto good = request("c1", "r1");
    expect("frames", {good, good});
    expect("frames", std::vector<std::string>(1'000, good));
    expect("malformed", {std::string("\xff\xff\xff garbage")});
    expect("malformed", {good.substr(0, good.size() - 1)});
    expect("malformed", {""});
    expect("malformed", {request("c1")});  // nothing to answer it by
    expect("too-large", {std::string(limits::message_max_bytes + 1, 'x')});
    CHECK(bench.handled == 0);
    CHECK(bench.good_client_is_served());
}

TEST_CASE("a frame beyond the bound of the socket ends that connection only") {
    Served bench;
    Stranger stranger;
    stranger.use_keys(bench.keys().pair("bench"), bench.keys().pair("triage").public_key);
    stranger.connect(bench.endpoint("triage"));
    stranger.send({request("c1", "r1")});
    REQUIRE(bench.until([&] { return bench.handled == 1; }));
    const auto closed = counted(ended, how("closed"));
    stranger.send({std::string(2 * limits::message_max_bytes, 'x')});
    REQUIRE(bench.until([&] { return counted(ended, how("closed")) == closed + 1; }));
    CHECK(bench.handled == 1);
    CHECK(bench.good_client_is_served());
}

TEST_CASE("a server takes only so many requests at once and says so") {
    Bench bench;
    constexpr std::size_t most = 2;
    auto router = Router::start(bench.server_side, "triage", bench.endpoint("triage"), most,
                                [](const seams::Bytes& bytes) { return accepted(bytes); });
    REQUIRE(router);
    std::vector<Router::Answer> held;
    router.value()->serve([&](const seams::Peer&, seams::Bytes, auto answer) { held.push_back(answer); });
    ZmqCommandClient client(bench.client_side, "cli", bench.endpoints());
    int answered = 0;
    const auto ask = [&] {
        client.ask("triage", request("c"), 60'000, [&](auto got) { answered += got.ok() ? 1 : 0; });
    };
    for (int i = 0; i < 3; ++i) ask();
    REQUIRE(bench.until([&] { return answered == 1 && held.size() == most; }));
    held.pop_back();  // never answered: its place is free again
    ask();
    REQUIRE(bench.until([&] { return held.size() == most; }));
    CHECK(answered == 1);
}

TEST_CASE("an overloaded service tells a command that it is certainly not done") {
    Bench bench;
    auto server = ZmqCommandServer::start(bench.server_side, "triage", bench.endpoint("triage"));
    REQUIRE(server);
    std::vector<seams::CommandServer::Answer> held;
    server.value()->serve([&](const seams::Peer&, seams::Bytes, auto answer) { held.push_back(answer); });
    // Two clients, for one has no more in flight than the server takes.
    ZmqCommandClient first(bench.client_side, "cli", bench.endpoints());
    ZmqCommandClient second(bench.client_side, "bars", bench.endpoints());
    for (std::size_t i = 0; i < limits::commands_in_flight_max; ++i) {
        first.ask("triage", request("c"), 60'000, [](auto) {});
    }
    REQUIRE(bench.until([&] { return held.size() == limits::commands_in_flight_max; }));
    std::optional<Response> command, query;
    second.ask("triage", request("c9"), 60'000, [&](auto got) { command = parsed(got.ok() ? got.value() : ""); });
    Request asks;
    asks.mutable_query()->set_hub("ashford");
    second.ask("triage", asks.SerializeAsString(), 60'000,
               [&](auto got) { query = parsed(got.ok() ? got.value() : ""); });
    REQUIRE(bench.until([&] { return command && query; }));
    CHECK(command->reply().status() == UNAVAILABLE);
    CHECK(command->reply().command_id() == "c9");
    CHECK(query->query_reply().refusal().code() == CONTENTION);
}
