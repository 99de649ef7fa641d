#include "tests/sim/history/people.hpp"

#include <google/protobuf/wrappers.pb.h>

#include <algorithm>

#include "common/base/hash.hpp"
#include "messages/referral.pb.h"

namespace rightplace::sim {
namespace {

constexpr std::int64_t patience_ms = 4 * 3'600'000;
constexpr std::int64_t pause_most_ms = 1'500;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t away_ms = 30 * 60'000;

}  // namespace

People::People(Town& town, Judge& judge) : town_(town), judge_(judge) {
    town_.people_wait = [this] { return waiting_ > 0; };
    sender_ = std::make_unique<Network::Door>(
        town.network, "sender", [this](const http::Request& request, const http::Server::Respond& respond) {
            const auto* id = http::find_header(request.headers, "X-Request-Id");
            judge_.sender_got(id == nullptr ? "" : *id, request.body);
            if (sender_endpoint == Endpoint::silent) return;
            http::Response response;
            response.status = sender_endpoint == Endpoint::fails ? 503 : 200;
            for (const auto* name : {"X-Request-Id", "X-Correlation-Id"}) {
                const auto* sent = http::find_header(request.headers, name);
                if (sent != nullptr) response.headers.emplace_back(name, *sent);
            }
            respond(response);
        });
    const auto judged = town.network.on_published;
    town_.network.on_published = [this, judged](const seams::FeedMessage& message) {
        judged(message);
        look_at_feed(message);
    };
}

// --- asking ----------------------------------------------------------------------------------------

void People::ask(const std::string& party, const std::string& key_role, const std::string& service, Command command,
                 std::function<void(const Reply&)> then, std::int64_t attempt_ms, Patience patience) {
    auto asking = std::make_shared<Asking>();
    asking->patience = patience;
    asking->attempt_ms = attempt_ms;
    asking->party = party;
    asking->service = service;
    asking->command = std::move(command);
    asking->until = town_.now() + patience_ms;
    asking->client = std::make_unique<Network::Client>(town_.network, party, key_role);
    asking->then = std::move(then);
    ++waiting_;
    attempt(asking);
}

void People::attempt(const std::shared_ptr<Asking>& asking) {
    if (town_.asleep(asking->service)) {  // people know, and come back later
        --waiting_;
        if (asking->patience == Patience::while_remembered) return;  // nobody repeats a count a week later
        asking->until += away_ms;
        town_.at(away_ms, [this, asking] {
            ++waiting_;
            attempt(asking);
        });
        return;
    }
    Request request;
    *request.mutable_command() = asking->command;
    request.mutable_command()->set_deadline_ms(asking->attempt_ms);
    judge_.asked(request.command());
    const auto answered = [this, asking](const Result<seams::Bytes, seams::TransportError>& answer) {
        Response response;
        Reply reply;
        reply.set_status(UNKNOWN);
        if (answer.ok() && response.ParseFromString(answer.value())) {
            reply = response.reply();
            judge_.answered(asking->command, reply);
        }
        const bool again = reply.status() == UNKNOWN || reply.status() == UNAVAILABLE ||
                           (reply.status() == REFUSED && reply.refusal().code() == CONTENTION);
        const bool patient = asking->patience != Patience::once;
        if (again && patient && town_.now() < asking->until) {
            const auto slower = std::min(++asking->tries, slowest_after_tries);
            town_.at(town_.random.between(10, pause_most_ms) * slower, [this, asking] { attempt(asking); });
            return;
        }
        if (again && patient) judge_.gave_up(asking->command.command_id());
        --waiting_;
        ++answers_;
        town_.trace(asking->party + " asked " + asking->command.command_id() + ": " + ReplyStatus_Name(reply.status()) +
                    (reply.status() == REFUSED ? " " + RefusalCode_Name(reply.refusal().code()) : ""));
        const auto then = std::move(asking->then);
        asking->then = nullptr;
        if (then) then(reply);
    };
    asking->client->ask(asking->service, request.SerializeAsString(), asking->attempt_ms, answered);
}

void People::query(const std::string& hub, const std::string& service, const google::protobuf::Message& payload,
                   const std::string& actor) {
    Request request;
    request.mutable_query()->set_hub(hub);
    request.mutable_query()->set_deadline_ms(usual_attempt_ms);
    request.mutable_query()->mutable_actor()->set_id(actor);
    request.mutable_query()->mutable_actor()->set_role("paramedic-practitioner");
    request.mutable_query()->mutable_payload()->PackFrom(payload);
    auto client = std::make_shared<Network::Client>(town_.network, "console-" + actor, "cli");
    client->ask(service, request.SerializeAsString(), usual_attempt_ms,
                [this, client, what = payload.GetDescriptor()->name()](const auto& answer) {
                    Response response;
                    if (answer.ok() && response.ParseFromString(answer.value()) && response.query_reply().has_refusal())
                        judge_.query_refused(what, response.query_reply().refusal());
                });
}

Command People::command_for(const Arrival& arrival, const google::protobuf::Message& payload, const std::string& id,
                            const std::string& actor) const {
    Command command;
    command.set_command_id(id);
    command.set_hub(hub_of(arrival));
    command.mutable_actor()->set_id(actor);
    command.mutable_actor()->set_role("paramedic-practitioner");
    command.mutable_actor()->set_organisation_ods("RYD");
    command.mutable_payload()->PackFrom(payload);
    return command;
}

// --- those who count -------------------------------------------------------------------------------

void People::expect(const Rush& rush) {
    constexpr std::size_t counters = 3;
    for (std::int64_t i = 0; i < rush.count; ++i) {
        google::protobuf::StringValue count;
        count.set_value(std::string(count_prefix) + std::to_string(town_.random.below(counters)));
        if (town_.random.one_in(5)) count.set_value(count.value() + std::string(slowly_suffix));
        Command command;
        command.set_command_id("count-" + std::to_string(rush.number) + "-" + std::to_string(i));
        command.set_hub(plan_hubs[rush.hub]);
        command.mutable_actor()->set_id("counter");
        command.mutable_actor()->set_role("system");
        command.mutable_payload()->PackFrom(count);
        const auto party = "console-count-" + std::to_string(i % 4);
        const auto patience = town_.random.one_in(2) ? Patience::once : Patience::while_remembered;
        const auto asks = [this, party, command, patience, most = rush.attempt_most_ms] {
            if (town_.asleep("probe")) return;
            const auto attempt_ms = town_.random.between(150, most);
            ask(
                party, "cli", "probe", command, [](const Reply&) {}, attempt_ms, patience);
        };
        const auto at = rush.at_ms + town_.random.between(0, rush.within_ms);
        town_.at(at, asks);
        if (town_.random.one_in(3)) town_.at(at + town_.random.between(1, minute_ms), asks);
    }
}

// --- those who act on what they see ----------------------------------------------------------------

void People::look_at_feed(const seams::FeedMessage& message) {
    if (message.heartbeat) return;
    Event event;
    referral::ReferralRequested requested;
    if (!event.ParseFromString(message.bytes)) return;
    look_at_transfer(event);
    look_at_alert(event);
    look_at_delivery(event);
    look_at_parked(event);
    if (!event.payload().UnpackTo(&requested)) return;
    if (!referrals_.insert(event.aggregate_id()).second) return;
    look_at_referral(event, requested);
}

}  // namespace rightplace::sim
