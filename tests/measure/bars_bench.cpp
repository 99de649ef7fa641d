// tests/bench bars: acknowledged requests for validation, next to the same HTTP server and the same rules without the
// ring: a request read, judged, mapped and answered, and nothing kept.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <stdexcept>

#include "common/http/server.hpp"
#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/integration/hub.hpp"
#include "tests/measure/measure.hpp"

using namespace rightplace;
using namespace rightplace::testing;
using namespace rightplace::measure;

namespace {

constexpr std::size_t warm = 200;
constexpr std::size_t flood = 5'000;
constexpr std::size_t in_flight = 32;
constexpr std::size_t steady = 2'000;
constexpr double steady_gap_ms = 10;  // 100 a second

http::Response echo(const http::Request& request) {
    const auto checked = bars::check_headers(request.headers, "", {true, true});
    const auto judged = bars::judge_request(request.body, checked.headers, {"paddock-wood", 1});
    if (!checked.problems.empty() || !judged.ok()) return {500, "", {}, ""};
    const auto& message = judged.value();
    return {200,
            "application/fhir+json",
            {},
            bars::acknowledgement(*message.bundle, {message.case_id, "P-261118-0001-A"}, 1, bars::Format::json)};
}

// A process of its own, as the real door is. It ends with the write end of the pipe.
class EchoServer {
   public:
    EchoServer() {
        int ends[2];
        if (pipe(ends) != 0 || (child_ = fork()) < 0) throw std::runtime_error("no process for the echo server");
        if (child_ == 0) serve(ends[1]);
        close(ends[1]);
        if (read(ends[0], &port_, sizeof port_) != sizeof port_) throw std::runtime_error("the echo server is not up");
        close(ends[0]);
    }
    ~EchoServer() {
        ::kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
    int port() const { return port_; }

   private:
    [[noreturn]] static void serve(int tell) {
        bus::Loop loop;
        const auto server = http::Server::start(
            loop, "127.0.0.1", 0,
            [](const http::Request& request, const http::Server::Respond& respond) { respond(echo(request)); });
        if (!server.ok()) _exit(1);
        const int port = server.value()->port();
        if (write(tell, &port, sizeof port) != sizeof port) _exit(1);
        while (getppid() != 1) loop.turn(100);
        _exit(0);
    }
    pid_t child_ = -1;
    int port_ = 0;
};

// Posts messages to one port and remembers how long each took.
class Posting {
   public:
    Posting(RunningHub& hub, int port)
        : hub_(hub), loop_(hub.stack.client().loop()), partner_(loop_), url_(door(port)) {}

    // Always `in_flight` on their way; acknowledged per second.
    double flood_rate(std::size_t count) {
        prepare(count);
        const auto start = moment();
        while (answered_ < count) {
            while (!waiting_.empty() && sent_ - answered_ < in_flight) post(moment());
            loop_.turn(5);
        }
        return double(count) / ms_since(start) * 1'000;
    }

    // One each `gap_ms`, whether or not the one before is answered; timed from when it was due.
    Spread steady_pace(std::size_t count, double gap_ms) {
        prepare(count);
        const auto start = moment();
        while (answered_ < count) {
            while (!waiting_.empty() && ms_since(start) >= double(sent_) * gap_ms) {
                post(start + std::chrono::microseconds(std::int64_t(double(sent_) * gap_ms * 1'000)));
            }
            loop_.turn(1);
        }
        return spread(took_);
    }

   private:
    static std::string door(int port) {
        return "http://127.0.0.1:" + std::to_string(port) + "/FHIR/R4/$process-message";
    }

    void prepare(std::size_t count) {
        waiting_.clear();
        took_.clear();
        sent_ = answered_ = 0;
        for (std::size_t i = 0; i < count; ++i) waiting_.push_back(bars_sample::request(hub_.visitor.sample()).dump());
    }

    void post(Moment due) {
        seams::HttpRequest request;
        request.url = url_;
        request.headers = {{"Content-Type", "application/fhir+json"},
                           {"X-Request-Id", new_uuid()},
                           {"X-Correlation-Id", new_uuid()},
                           {"NHSD-Target-Identifier", bars::target_identifier(Stack::service_of(hub_.stack.hub()))}};
        request.body = std::move(waiting_.front());
        request.timeout_ms = 15'000;
        waiting_.pop_front();
        ++sent_;
        partner_.post(request, [this, due](const seams::HttpAnswer& answer) {
            if (answer.status != 200) {
                std::fprintf(stderr, "answered %d: %s\n", answer.status, answer.body.c_str());
                std::abort();
            }
            took_.push_back(ms_since(due));
            ++answered_;
        });
    }

    RunningHub& hub_;
    bus::Loop& loop_;
    http::CurlPartner partner_;
    std::string url_;
    std::deque<std::string> waiting_;
    std::vector<double> took_;
    std::size_t sent_ = 0, answered_ = 0;
};

}  // namespace

int main() {
    EchoServer without;  // first: it forks
    RunningHub hub;
    Posting real(hub, hub.stack.bars_port());
    Posting floor(hub, without.port());
    real.flood_rate(warm);
    floor.flood_rate(warm);
    const double floor_rate = floor.flood_rate(flood);
    const auto floor_pace = floor.steady_pace(steady, steady_gap_ms);
    const auto real_pace = real.steady_pace(steady, steady_gap_ms);
    const double real_rate = real.flood_rate(flood);

    std::printf("%zu requests at 100 a second, then %zu with %zu in flight; a connection for each, %zu bytes\n", steady,
                flood, in_flight, bars_sample::request().dump().size());
    print("acknowledged, 100 a second", real_pace);
    print("floor: parsed and answered without the ring", floor_pace);
    std::printf("acknowledged requests per second, %zu in flight: %.0f\n", in_flight, real_rate);
    std::printf("floor: parsed and answered per second: %.0f\n", floor_rate);
    return 0;
}
