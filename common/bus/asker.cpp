#include "common/bus/asker.hpp"

#include <algorithm>

#include "common/base/limits.hpp"

namespace rightplace::bus {
namespace {

using seams::TransportError;

struct Attempt : std::enable_shared_from_this<Attempt> {
    Attempt(seams::Clock& of, seams::CommandClient& by, seams::Done<Reply> then)
        : clock(of), client(by), done(std::move(then)) {}

    void go();
    void answered(const Result<seams::Bytes, TransportError>& answer);
    void again(bool doubt, std::string why);
    void finish(ReplyStatus status, const std::string& why);

    seams::Clock& clock;
    seams::CommandClient& client;
    seams::Done<Reply> done;
    std::string service;
    Request request;
    std::int64_t until = 0;  // boot ms
    bool in_doubt = false;   // some attempt may have been done
};

void Attempt::go() {
    const std::int64_t left = std::min(until - clock.boot_ms(), limits::ask_attempt_ms);
    request.mutable_command()->set_deadline_ms(static_cast<std::uint32_t>(std::max<std::int64_t>(left, 1)));
    client.ask(service, request.SerializeAsString(), std::max<std::int64_t>(left, 1),
               [self = shared_from_this()](const auto& answer) { self->answered(answer); });
}

void Attempt::answered(const Result<seams::Bytes, TransportError>& answer) {
    if (!answer) {
        switch (answer.error()) {
            case TransportError::timed_out:
                return again(true, "no answer in time");
            case TransportError::unreachable:
                return again(false, service + " cannot be reached");
            case TransportError::refused_key:
                return finish(UNAVAILABLE, service + " refuses this key");
        }
    }
    Response response;
    if (!response.ParseFromString(answer.value()) || !response.has_reply()) return again(true, "answer not understood");
    auto& reply = *response.mutable_reply();
    if (reply.status() == UNKNOWN) return again(true, reply.reason());
    if (reply.status() == UNAVAILABLE && in_doubt) return again(true, reply.reason());
    done(std::move(reply));
}

void Attempt::again(bool doubt, std::string why) {
    in_doubt = in_doubt || doubt;
    if (clock.boot_ms() + limits::ask_pause_ms >= until) return finish(UNAVAILABLE, why);
    clock.after(limits::ask_pause_ms, [self = shared_from_this()] { self->go(); });
}

void Attempt::finish(ReplyStatus status, const std::string& why) {
    Reply reply;
    reply.set_command_id(request.command().command_id());
    reply.set_status(in_doubt ? UNKNOWN : status);
    reply.set_reason(why);
    done(std::move(reply));
}

}  // namespace

void Asker::ask(std::string service, Command command, std::int64_t overall_ms, seams::Done<Reply> done) {
    INVARIANT(!command.command_id().empty());
    const auto attempt = std::make_shared<Attempt>(clock_, client_, std::move(done));
    attempt->service = std::move(service);
    *attempt->request.mutable_command() = std::move(command);
    attempt->until = clock_.boot_ms() + overall_ms;
    attempt->go();
}

}  // namespace rightplace::bus
