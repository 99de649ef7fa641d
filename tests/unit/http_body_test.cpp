// gzip, and what the server answers by itself.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/limits.hpp"
#include "common/http/gzip.hpp"
#include "common/http/server.hpp"

using namespace rightplace;

namespace {

// Sends, half-closes nothing, and reads until the server has closed.
std::string whole_answer(bus::Loop& loop, std::uint16_t port, const std::string& bytes) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    for (std::size_t at = 0; at < bytes.size();) {
        const auto sent = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += static_cast<std::size_t>(sent);
    }
    std::string said;
    const auto end = loop.boot_ms() + 60'000;
    while (loop.boot_ms() < end) {
        char chunk[4096];
        const auto got = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
        if (got > 0) said.append(chunk, static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno != EAGAIN)) break;
        loop.turn(5);
    }
    close(fd);
    return said;
}

struct Refusing {
    explicit Refusing(http::Bounds bounds = {}) {
        auto started = http::Server::start(
            loop, "127.0.0.1", 0, [](http::Request, const http::Server::Respond&) {}, bounds,
            [](const http::Refusal& refusal) {
                http::Response response{refusal.status + 100, "application/x", {}, refusal.so_far.target};
                if (const auto* id = http::find_header(refusal.so_far.headers, "x-id")) {
                    response.headers.emplace_back("X-Id", *id);
                }
                return response;
            });
        REQUIRE(started);
        server = std::move(started.value());
    }
    bus::Loop loop;
    std::unique_ptr<http::Server> server;
};

}  // namespace

TEST_CASE("gzip there and back") {
    for (const auto& text : {std::string(), std::string("x"), std::string(300'000, 'a') + "b"}) {
        const auto unpacked = http::gunzip(http::gzip(text), text.size());
        REQUIRE(unpacked);
        CHECK(unpacked.value() == text);
    }
    CHECK(http::gunzip(http::gzip("one ") + http::gzip("two"), 100).value() == "one two");  // several members
}

TEST_CASE("no gzip, half of it, or more than it says, is broken") {
    const auto good = http::gzip("some text that is long enough to be cut");
    auto damaged = good;
    damaged[damaged.size() - 5] ^= 1;  // its checksum
    for (const auto& bad : {std::string(), std::string("{}"), good.substr(0, good.size() / 2),
                            good.substr(0, good.size() - 1), damaged, good + "tail"}) {
        const auto unpacked = http::gunzip(bad, 1'000);
        REQUIRE_FALSE(unpacked);
        CHECK(unpacked.error() == http::GunzipError::broken);
    }
}

TEST_CASE("a bomb is left at its bound") {
    std::string bomb;
    const auto megabytes = http::gzip(std::string(4'000'000, '\0'));
    while (bomb.size() < 1'000'000) bomb += megabytes;  // gigabytes of nothing
    const auto unpacked = http::gunzip(bomb, limits::http_body_max_bytes);
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error() == http::GunzipError::too_large);
    CHECK(http::gunzip(http::gzip("12345"), 5));
    CHECK_FALSE(http::gunzip(http::gzip("123456"), 5));
}

TEST_CASE("what the server answers by itself is its owner's to word, with what was read of the request") {
    http::Bounds bounds;
    bounds.handler_timeout_ms = 100;
    Refusing refusing(bounds);
    const auto answer = [&](const std::string& bytes) {
        return whole_answer(refusing.loop, refusing.server->port(), bytes);
    };
    const auto expect = [](const std::string& said, const std::string& status, bool with_id) {
        INFO(said);
        CHECK(said.starts_with("HTTP/1.1 " + status));
        CHECK((said.find("X-Id: 7") != std::string::npos) == with_id);
    };
    const std::string start = "POST /a HTTP/1.1\r\nHost: x\r\nX-Id: 7\r\n";
    const auto large = std::to_string(limits::http_body_max_bytes + 1);
    const auto too_large = answer(start + "Content-Length: " + large + "\r\n\r\n");
    expect(too_large, "513", true);
    CHECK(too_large.ends_with("/a"));
    expect(answer(start + "Long: " + std::string(limits::http_header_max_bytes, 'x') + "\r\n\r\n"), "531", true);
    expect(answer(start + "Content-Length: nine\r\n\r\n"), "500", true);
    expect(answer(start + "Bad\x01Name: 1\r\n\r\n"), "500", true);
    expect(answer("\x16\x03\x01 garbage\r\n\r\n"), "500", false);
    expect(answer(start + "Connection: close\r\n\r\n"), "603", true);  // the handler never answers
}
