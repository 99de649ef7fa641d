#include "common/http/server.hpp"

#include <utility>  // before Boost: its coroutine header lacks it under g++ 12

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>

#include "common/base/limits.hpp"
#include "common/base/metrics.hpp"

namespace rightplace::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr unsigned http_1_1 = 11;
constexpr std::size_t drain_bytes = 64 * 1024;
constexpr auto accept_pause = std::chrono::milliseconds(100);

void count(const std::string& what) {
    metrics::process()
        .counter("rightplace_http_total", "Requests answered, by status, and connections given up, by reason",
                 {{"outcome", what}})
        .add();
}

bool is_clean(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; });
}

Response plain(const Refusal& refusal) {
    return {refusal.status, "text/plain; charset=utf-8", {}, refusal.sentence + "\n"};
}

// The fields of a header that never came to its end, or is too long to be taken.
void add_raw_fields(std::string_view raw, Headers& to) {
    while (!raw.empty()) {
        const auto line = raw.substr(0, raw.find("\r\n"));
        const auto colon = line.find(':');
        if (line.size() == raw.size()) return;  // cut off
        raw.remove_prefix(line.size() + 2);
        if (colon == std::string_view::npos || colon == 0) continue;
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        to.emplace_back(line.substr(0, colon), value);
    }
}

}  // namespace

Bounds::Bounds()
    : header_max_bytes(limits::http_header_max_bytes),
      body_max_bytes(limits::http_body_max_bytes),
      read_timeout_ms(limits::http_read_timeout_ms),
      handler_timeout_ms(limits::http_handler_timeout_ms),
      connections_max(limits::http_connections_max) {}

const std::string* find_header(const Headers& headers, std::string_view name) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    const auto found = std::ranges::find_if(
        headers, [&](const auto& header) { return std::ranges::equal(header.first, name, {}, lower, lower); });
    return found == headers.end() ? nullptr : &found->second;
}

// Everything in Core and Session runs on the server's own thread, unless it says otherwise.
struct Server::Core : std::enable_shared_from_this<Core> {
    class Session;

    Core(bus::Loop& of, Handler by, Bounds within, Refuse refuse_by)
        : loop(of), handler(std::move(by)), bounds(within), refuse(refuse_by ? std::move(refuse_by) : plain) {}
    ~Core() {
        io.stop();
        if (thread.joinable()) thread.join();
    }
    Result<bool, std::string> listen(const std::string& address, std::uint16_t port);  // before the thread
    void start();                                                                      // before the thread
    void accept();

    bus::Loop& loop;
    Handler handler;  // called on the loop only
    Bounds bounds;
    Refuse refuse;
    std::size_t connections = 0;
    std::uint16_t port = 0;
    asio::io_context io{1};
    tcp::acceptor acceptor{io};
    asio::steady_timer pause{io};
    std::thread thread;
};

// One connection: header, body, handler, answer, again. It ends when nothing refers to it any more.
class Server::Core::Session : public std::enable_shared_from_this<Session> {
   public:
    Session(Core& core, tcp::socket socket, std::string remote)
        : core_(core), stream_(std::move(socket)), remote_(std::move(remote)), deadline_(core.io) {
        ++core_.connections;
    }
    ~Session() { --core_.connections; }
    void read_header();

   private:
    void expire_after(std::int64_t ms) { stream_.expires_after(std::chrono::milliseconds(ms)); }
    void on_header(Error error);
    void read_body();
    void hand_over();
    void give_up(Error error);
    Response refusal(int status, std::string sentence) const;
    Request so_far() const;
    void answer(Response response, std::uint64_t number);
    void write(Response response, bool keep);
    void drain(std::size_t left);

    Core& core_;
    beast::tcp_stream stream_;
    std::string remote_;
    asio::steady_timer deadline_;
    beast::flat_buffer buffer_;
    std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
    beast::http::response<beast::http::string_body> response_;
    Request handed_over_;       // what is being worked on, without its body
    std::uint64_t number_ = 0;  // of the request being handled: a late answer must not meet the next one
    bool keep_ = false;
    bool head_ = false;
    bool waiting_ = false;
};

void Server::Core::Session::read_header() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(core_.bounds.header_max_bytes));
    parser_->body_limit(core_.bounds.body_max_bytes);
    expire_after(core_.bounds.read_timeout_ms);
    beast::http::async_read_header(stream_, buffer_, *parser_,
                                   [self = shared_from_this()](Error error, std::size_t) { self->on_header(error); });
}

void Server::Core::Session::on_header(Error error) {
    if (error) return give_up(error);
    expire_after(core_.bounds.read_timeout_ms);
    if (!beast::iequals(parser_->get()[beast::http::field::expect], "100-continue")) return read_body();
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(go_on), [self = shared_from_this()](Error failed, std::size_t) {
        if (!failed) self->read_body();
    });
}

void Server::Core::Session::read_body() {
    beast::http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) {
        if (error) return self->give_up(error);
        self->hand_over();
    });
}

void Server::Core::Session::hand_over() {
    auto message = parser_->release();
    keep_ = message.keep_alive();
    head_ = message.method() == beast::http::verb::head;
    waiting_ = true;
    ++number_;
    Request request{std::string(message.method_string()), std::string(message.target()), {}, {}, remote_};
    for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
    handed_over_ = request;
    request.body = std::move(message.body());

    // The connection is kept alive by this timer while the handler works.
    deadline_.expires_after(std::chrono::milliseconds(core_.bounds.handler_timeout_ms));
    deadline_.async_wait([self = shared_from_this(), number = number_](Error cancelled) {
        if (!cancelled && self->waiting_ && number == self->number_) {
            self->answer(self->core_.refuse({503, "no answer in time", self->handed_over_}), number);
        }
    });
    Respond respond = [core = core_.weak_from_this(), session = weak_from_this(), number = number_](Response response) {
        const auto alive = core.lock();  // from any thread
        if (!alive) return;
        asio::post(alive->io, [session, number, response = std::move(response)]() mutable {
            if (const auto here = session.lock()) here->answer(std::move(response), number);
        });
    };
    core_.loop.post([core = core_.weak_from_this(), request = std::move(request), respond = std::move(respond)] {
        if (const auto alive = core.lock()) alive->handler(request, respond);
    });
}

void Server::Core::Session::give_up(Error error) {
    using Http = beast::http::error;
    if (error == Http::end_of_stream || error == asio::error::operation_aborted) return;
    if (error == beast::error::timeout) return count("slow-sender");
    if (error.category() != make_error_code(Http::bad_method).category()) return count("broken-connection");
    if (error == Http::partial_message) return count("broken-connection");
    head_ = false;
    if (error == Http::body_limit) return write(refusal(413, "the body is too large"), false);
    if (error == Http::header_limit) return write(refusal(431, "the header is too large"), false);
    if (error == Http::buffer_overflow) return write(refusal(431, "the header is too large"), false);
    write(refusal(400, "this is not HTTP"), false);
}

Response Server::Core::Session::refusal(int status, std::string sentence) const {
    return core_.refuse({status, std::move(sentence), so_far()});
}

Request Server::Core::Session::so_far() const {
    const auto& message = parser_->get();
    Request request{std::string(message.method_string()), std::string(message.target()), {}, {}, remote_};
    for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
    if (parser_->is_header_done()) return request;
    const auto raw = buffer_.data();
    add_raw_fields({static_cast<const char*>(raw.data()), raw.size()}, request.headers);
    return request;
}

void Server::Core::Session::answer(Response response, std::uint64_t number) {
    if (!waiting_ || number != number_) return;
    waiting_ = false;
    deadline_.cancel();
    write(std::move(response), keep_);
}

void Server::Core::Session::write(Response response, bool keep) {
    count(std::to_string(response.status));
    response_ = {};
    response_.version(http_1_1);
    response_.result(static_cast<unsigned>(response.status));
    response_.keep_alive(keep);
    const auto set = [this](const std::string& name, const std::string& value) {
        if (is_clean(name) && is_clean(value)) response_.set(name, value);
    };
    for (const auto& [name, value] : response.headers) set(name, value);
    if (!response.content_type.empty()) set("Content-Type", response.content_type);
    response_.content_length(response.body.size());
    if (!head_) response_.body() = std::move(response.body);
    expire_after(core_.bounds.read_timeout_ms);
    beast::http::async_write(stream_, response_, [self = shared_from_this(), keep](Error error, std::size_t) {
        if (error) return;
        if (keep) return self->read_header();
        Error ignored;
        self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        self->expire_after(limits::http_drain_ms);
        self->drain(self->core_.bounds.body_max_bytes);
    });
}

// Closing with bytes unread would reset the connection and take our answer away from its reader.
void Server::Core::Session::drain(std::size_t left) {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(drain_bytes),
                            [self = shared_from_this(), left](Error error, std::size_t got) {
                                if (!error && got < left) self->drain(left - got);
                            });
}

Result<bool, std::string> Server::Core::listen(const std::string& address, std::uint16_t wanted) {
    const std::string where = address + " port " + std::to_string(wanted);
    Error error;
    const auto parsed = asio::ip::make_address(address, error);
    if (error) return Failure{address + " is not an address"};
    const tcp::endpoint endpoint(parsed, wanted);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use) return Failure{where + " is in use by another program"};
    if (error) return Failure{"cannot listen at " + where + ": " + error.message()};
    port = acceptor.local_endpoint(error).port();
    return true;
}

void Server::Core::start() {
    accept();
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the main thread
    thread = std::thread([this] { io.run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Server::Core::accept() {
    acceptor.async_accept([this](Error error, tcp::socket socket) {
        if (error) {  // out of descriptors, most likely: wait, or this would spin
            count("not-accepted");
            pause.expires_after(accept_pause);
            return pause.async_wait([this](Error) { accept(); });
        }
        const auto remote = socket.remote_endpoint(error);
        if (connections >= bounds.connections_max) {
            count("too-many-connections");
        } else if (!error) {
            const auto name = remote.address().to_string() + ':' + std::to_string(remote.port());
            std::make_shared<Session>(*this, std::move(socket), name)->read_header();
        }
        accept();
    });
}

Server::Server(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
    return core_->port;
}

Result<std::unique_ptr<Server>, std::string> Server::start(bus::Loop& loop, const std::string& address,
                                                           std::uint16_t port, Handler handler, Bounds bounds,
                                                           Refuse refuse) {
    auto core = std::make_shared<Core>(loop, std::move(handler), bounds, std::move(refuse));
    const auto listening = core->listen(address, port);
    if (!listening) return Failure{listening.error()};
    core->start();
    return std::unique_ptr<Server>(new Server(std::move(core)));
}

}  // namespace rightplace::http
