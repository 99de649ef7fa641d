#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "common/base/limits.hpp"
#include "common/base/metrics.hpp"
#include "common/http/metrics_endpoint.hpp"
#include "common/http/partner.hpp"

using namespace rightplace;

namespace {

struct Tcp {
    explicit Tcp(std::uint16_t port) : fd(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
        REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    }
    Tcp(const Tcp&) = delete;
    Tcp& operator=(const Tcp&) = delete;
    ~Tcp() { close(fd); }
    void send(const std::string& bytes) const {
        for (std::size_t at = 0; at < bytes.size();) {
            const auto sent = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) return;  // the server has had enough
            at += static_cast<std::size_t>(sent);
        }
    }
    // Reads what has come; true once the server has closed.
    bool pump() {
        char bytes[4096];
        const auto got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0) said.append(bytes, static_cast<std::size_t>(got));
        return got == 0 || (got < 0 && errno != EAGAIN);
    }
    int fd;
    std::string said;
};

bool until(bus::Loop& loop, const std::function<bool()>& done) {
    const auto end = loop.boot_ms() + 60'000;
    while (!done() && loop.boot_ms() < end) loop.turn(5);
    return done();
}

struct Echo {
    explicit Echo(http::Bounds bounds = {}) {
        auto started = http::Server::start(
            loop, "127.0.0.1", 0,
            [this](http::Request request, http::Server::Respond respond) {
                ++handled;
                last = request;
                if (request.target == "/never") return;
                if (request.target == "/late") return held.push_back(std::move(respond));
                respond({200, "text/plain", {{"X-Bad", "a\r\nX-Smuggled: b"}}, request.method + ' ' + request.body});
            },
            bounds);
        REQUIRE(started);
        server = std::move(started.value());
    }
    std::string whole_answer(const std::string& bytes) {
        Tcp tcp(server->port());
        tcp.send(bytes);
        CHECK(until(loop, [&] { return tcp.pump(); }));
        return tcp.said;
    }
    bus::Loop loop;
    std::unique_ptr<http::Server> server;
    std::vector<http::Server::Respond> held;
    http::Request last;
    int handled = 0;
};

}  // namespace

TEST_CASE("requests reach the handler on the loop and are answered, kept alive, late and from any thread") {
    Echo echo;
    Tcp tcp(echo.server->port());
    tcp.send(
        "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\nhi"
        "HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(until(echo.loop, [&] { return tcp.pump() || echo.handled == 2; }));
    REQUIRE(until(echo.loop, [&] { return tcp.pump() || tcp.said.find("Content-Length: 5") != std::string::npos; }));
    CHECK(tcp.said.find("HTTP/1.1 200 OK") == 0);
    CHECK(tcp.said.find("POST hi") != std::string::npos);
    CHECK(tcp.said.find("HEAD ") == std::string::npos);  // no body
    CHECK(tcp.said.find("Smuggled") == std::string::npos);

    tcp.said.clear();
    tcp.send("GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-ID: 8\r\n\r\n");
    REQUIRE(until(echo.loop, [&] { return echo.held.size() == 1; }));
    CHECK(*http::find_header(echo.last.headers, "x-id") == "8");
    CHECK(http::find_header(echo.last.headers, "x-none") == nullptr);
    CHECK(echo.last.remote.starts_with("127.0.0.1:"));
    CHECK_FALSE(tcp.pump());
    std::thread([&] {
        echo.held[0]({202, "", {}, "later"});
        echo.held[0]({500, "", {}, "twice"});
    }).join();
    REQUIRE(until(echo.loop, [&] { return tcp.pump(); }));
    CHECK(tcp.said.find("HTTP/1.1 202") == 0);
    CHECK(tcp.said.find("twice") == std::string::npos);
    echo.server.reset();
    echo.held[0]({200, "", {}, "after the end"});  // harmless
}

TEST_CASE("what is too large or no HTTP is refused without the handler") {
    Echo echo;
    const auto start = std::string("POST / HTTP/1.1\r\nHost: x\r\n");
    const auto large = std::to_string(limits::http_body_max_bytes + 1);
    CHECK(echo.whole_answer(start + "Content-Length: " + large + "\r\n\r\n" +
                            std::string(limits::http_body_max_bytes + 1, 'x'))
              .starts_with("HTTP/1.1 413"));
    std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 40; ++i) chunked += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    CHECK(echo.whole_answer(chunked).starts_with("HTTP/1.1 413"));
    CHECK(echo.whole_answer(start + "X: " + std::string(limits::http_header_max_bytes, 'x') + "\r\n\r\n")
              .starts_with("HTTP/1.1 431"));
    CHECK(echo.whole_answer("\x16\x03\x01 garbage\r\n\r\n").starts_with("HTTP/1.1 400"));
    CHECK(echo.whole_answer(start + "Content-Length: nine\r\n\r\n").starts_with("HTTP/1.1 400"));
    CHECK(echo.handled == 0);
    CHECK(echo.whole_answer("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("a slow sender is cut off, and a handler that never answers is answered for") {
    http::Bounds bounds;
    bounds.read_timeout_ms = 300;
    bounds.handler_timeout_ms = 300;
    Echo echo(bounds);
    CHECK(echo.whole_answer("GET / HTT").empty());
    CHECK(echo.whole_answer("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf").empty());
    CHECK(echo.handled == 0);
    CHECK(echo.whole_answer("GET /never HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 503"));
}

TEST_CASE("a hundred connections are served, and one beyond the bound is closed") {
    http::Bounds bounds;
    bounds.connections_max = 100;
    Echo echo(bounds);
    std::vector<std::unique_ptr<Tcp>> all;
    for (int i = 0; i < 100; ++i) all.push_back(std::make_unique<Tcp>(echo.server->port()));
    for (const auto& each : all) each->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    for (const auto& each : all) {
        CHECK(until(echo.loop, [&] { return each->pump() || each->said.find("POST hi") != std::string::npos; }));
    }
    CHECK(echo.handled == 100);
    Tcp one_more(echo.server->port());
    CHECK(until(echo.loop, [&] { return one_more.pump(); }));
    CHECK(one_more.said.empty());
    all.clear();
    CHECK(until(echo.loop, [&] {
        Tcp again(echo.server->port());
        again.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        return until(echo.loop, [&] { return again.pump(); }) && again.said.starts_with("HTTP/1.1 200");
    }));
}

TEST_CASE("a port in use and an address that is none are told in a sentence") {
    Echo echo;
    const auto handler = [](const http::Request&, const http::Server::Respond&) {};
    const auto second = http::Server::start(echo.loop, "127.0.0.1", echo.server->port(), handler);
    REQUIRE_FALSE(second);
    CHECK(second.error() == "127.0.0.1 port " + std::to_string(echo.server->port()) + " is in use by another program");
    CHECK(http::Server::start(echo.loop, "ashford", 0, handler).error() == "ashford is not an address");
}

TEST_CASE("metrics, health and readiness") {
    bool is_ready = false;
    const http::Ready ready = [&](std::string& why_not) {
        why_not = "ashford is refolding";
        return is_ready;
    };
    metrics::process().counter("rightplace_http_test_total", "Test").add(3);
    const auto get = [&](const std::string& target, const std::string& method = "GET") {
        return http::answer_metrics({method, target, {}, {}, {}}, ready);
    };
    CHECK(get("/metrics?x=1").body.find("rightplace_http_test_total 3\n") != std::string::npos);
    CHECK(get("/healthz").status == 200);
    CHECK(get("/readyz").status == 503);
    CHECK(get("/readyz").body == "ashford is refolding\n");
    is_ready = true;
    CHECK(get("/readyz").status == 200);
    const auto remarked =
        http::answer_metrics({"GET", "/healthz", {}, {}, {}}, ready, [] { return "a receiver is down\n"; });
    CHECK(remarked.status == 200);
    CHECK(remarked.body == "ok\na receiver is down\n");
    CHECK(get("/else").status == 404);
    CHECK(get("/metrics", "POST").status == 405);
}

namespace {

struct Posted {
    std::optional<seams::HttpAnswer> answer;
    seams::Done<seams::HttpAnswer> done() {
        return [this](seams::HttpAnswer got) { answer = std::move(got); };
    }
};

// Listens and answers with fixed bytes, or with nothing at all.
struct FixedServer {
    FixedServer() : fd(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
        socklen_t size = sizeof at;
        getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
        port = ntohs(at.sin_port);
    }
    ~FixedServer() { close(fd); }
    std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port) + path; }
    int fd;
    std::uint16_t port = 0;
};

}  // namespace

TEST_CASE("a partner gets one request and its answer comes back on the loop") {
    Echo echo;
    http::CurlPartner partner(echo.loop);
    const auto url = "http://127.0.0.1:" + std::to_string(echo.server->port());
    std::vector<Posted> posted(20);
    for (auto& each : posted) {
        partner.post({url + "/x", {{"X-Request-Id", "r1"}}, std::string(5'000, 'b'), 60'000}, each.done());
    }
    CHECK_FALSE(posted[0].answer);  // never inside the call
    for (auto& each : posted) {
        REQUIRE(until(echo.loop, [&] { return bool(each.answer); }));
        CHECK(each.answer->status == 200);
        CHECK(each.answer->content_type == "text/plain");
        CHECK(each.answer->body == "POST " + std::string(5'000, 'b'));
        CHECK(*http::find_header(each.answer->headers, "content-length") == "5005");
    }
    CHECK(echo.handled == 20);
    CHECK(*http::find_header(echo.last.headers, "x-request-id") == "r1");
}

TEST_CASE("certainly not sent and outcome unknown are told apart") {
    bus::Loop loop;
    http::CurlPartner partner(loop);
    FixedServer deaf;  // bound, not listening: connections are refused
    const auto post = [&](const std::string& url, http::Headers headers = {}) {
        Posted posted;
        partner.post({url, std::move(headers), "body", 2'000}, posted.done());
        REQUIRE(until(loop, [&] { return bool(posted.answer); }));
        CHECK(posted.answer->status == 0);
        return posted.answer->certainly_not_sent;
    };
    CHECK(post(deaf.url()));
    CHECK(post("ftp://127.0.0.1/"));
    CHECK(post("file:///etc/hostname"));
    CHECK(post("http://no-such-host.invalid/"));
    CHECK(post(deaf.url(), {{"X", "a\r\nY: b"}}));
    REQUIRE(listen(deaf.fd, 8) == 0);  // takes the request and never answers
    CHECK_FALSE(post(deaf.url()));
}

TEST_CASE("redirects are not followed and endless answers are cut") {
    bus::Loop loop;
    int handled = 0;
    auto server = http::Server::start(loop, "127.0.0.1", 0, [&](const http::Request& request, const auto& respond) {
        ++handled;
        if (request.target == "/large") {
            return respond({200, "", {}, std::string(limits::http_body_max_bytes + 1, 'x')});
        }
        respond({307, "", {{"Location", "/large"}}, ""});
    });
    REQUIRE(server);
    http::CurlPartner partner(loop);
    const auto url = "http://127.0.0.1:" + std::to_string(server.value()->port());
    Posted moved, large;
    partner.post({url + "/", {}, "b", 60'000}, moved.done());
    REQUIRE(until(loop, [&] { return bool(moved.answer); }));
    CHECK(moved.answer->status == 307);
    CHECK(handled == 1);
    partner.post({url + "/large", {}, "b", 60'000}, large.done());
    REQUIRE(until(loop, [&] { return bool(large.answer); }));
    CHECK(large.answer->status == 0);
    CHECK_FALSE(large.answer->certainly_not_sent);
}
