// The loop asks a ZeroMQ socket only when its descriptor or its user says so: nothing may be left lying.
#include "common/bus/loop.hpp"

#include <zmq.h>
#include <catch2/catch.hpp>

using namespace rightplace;

namespace {

struct Pair {
    Pair() {
        const int linger = 0;
        for (void* socket : {here, there}) zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
        REQUIRE(zmq_bind(here, "inproc://pair") == 0);
        REQUIRE(zmq_connect(there, "inproc://pair") == 0);
        loop.watch_socket(here, [this] {
            char one = 0;
            seen += zmq_recv(here, &one, 1, ZMQ_DONTWAIT) == 1 ? 1 : 0;  // bounded: one at each call
        });
        while (seen < 1) {  // what was pending since the connection is taken in
            REQUIRE(zmq_send(there, "x", 1, ZMQ_DONTWAIT) == 1);
            loop.turn(10);
        }
        for (int i = 0; i < 3; ++i) loop.turn(0);
        seen = 0;
    }
    ~Pair() {
        loop.unwatch_socket(here);
        zmq_close(here);
        zmq_close(there);
        zmq_ctx_term(context);
    }

    bus::Loop loop;
    void* context = zmq_ctx_new();
    void* here = zmq_socket(context, ZMQ_PAIR);
    void* there = zmq_socket(context, ZMQ_PAIR);
    int seen = 0;
};

}  // namespace

TEST_CASE("a socket that is read one message at a time is called until it is empty") {
    Pair pair;
    pair.loop.turn(0);
    CHECK(pair.seen == 0);
    for (int i = 0; i < 3; ++i) REQUIRE(zmq_send(pair.there, "x", 1, ZMQ_DONTWAIT) == 1);
    for (int turns = 0; turns < 3; ++turns) pair.loop.turn(1'000);
    CHECK(pair.seen == 3);
}

TEST_CASE("a message that libzmq took in during another call is read all the same") {
    Pair pair;
    REQUIRE(zmq_send(pair.there, "x", 1, ZMQ_DONTWAIT) == 1);
    int events = 0;
    std::size_t size = sizeof events;
    REQUIRE(zmq_getsockopt(pair.here, ZMQ_EVENTS, &events, &size) == 0);
    CHECK((events & ZMQ_POLLIN) != 0);
    pair.loop.used_socket(pair.here);
    pair.loop.turn(0);
    CHECK(pair.seen == 1);
}

TEST_CASE("one socket with much to read does not keep timers and posted work waiting") {
    Pair pair;
    for (int i = 0; i < 10; ++i) REQUIRE(zmq_send(pair.there, "x", 1, ZMQ_DONTWAIT) == 1);
    bool fired = false;
    bool posted = false;
    pair.loop.after(0, [&] { fired = true; });
    pair.loop.post([&] { posted = true; });
    pair.loop.turn(1'000);
    CHECK(fired);
    CHECK(posted);
    CHECK(pair.seen == 1);
}
