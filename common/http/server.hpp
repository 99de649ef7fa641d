// A small HTTP/1.1 server: its own thread for the sockets, the handler on the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.hpp"
#include "common/bus/loop.hpp"

namespace rightplace::http {

using Headers = std::vector<std::pair<std::string, std::string>>;
const std::string* find_header(const Headers& headers, std::string_view name);  // any case; null: not there

struct Request {
    std::string method;  // "GET"
    std::string target;  // path and query, as sent
    Headers headers;
    std::string body;
    std::string remote;  // "127.0.0.1:50123"
};

struct Response {
    int status = 200;
    std::string content_type;  // empty: no such header
    Headers headers;
    std::string body;
};

// What the server answers by itself, before its handler was asked or instead of it.
struct Refusal {
    int status = 0;        // 400 not HTTP, 413 body too large, 431 header too large, 503 no answer in time
    std::string sentence;  // for people
    Request so_far;        // as much of it as could be read; never the body
};

// Bounds of a server; the defaults are those of limits.hpp.
struct Bounds {
    std::size_t header_max_bytes;
    std::size_t body_max_bytes;
    std::int64_t read_timeout_ms;     // for a header, for a body, for writing, between two requests
    std::int64_t handler_timeout_ms;  // then 503: the handler has not answered
    std::size_t connections_max;      // beyond: closed at once
    Bounds();
};

class Server {
   public:
    using Respond = std::function<void(Response)>;  // once, any time later, from any thread
    using Handler = std::function<void(Request, Respond)>;
    using Refuse = std::function<Response(const Refusal&)>;  // called on the server's own thread: it holds no state

    // Port 0: any that is free. The error is a sentence, e.g. that the port is in use. The handler runs
    // on the loop and never after this server has gone; a Respond may be called even then. Without `refuse` what the
    // server answers by itself is plain text.
    static Result<std::unique_ptr<Server>, std::string> start(bus::Loop& loop, const std::string& address,
                                                              std::uint16_t port, Handler handler, Bounds bounds = {},
                                                              Refuse refuse = {});
    ~Server();
    std::uint16_t port() const;

   private:
    struct Core;
    explicit Server(std::shared_ptr<Core> core);
    std::shared_ptr<Core> core_;
};

}  // namespace rightplace::http
