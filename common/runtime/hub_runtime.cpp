#include "common/runtime/hub_runtime.hpp"

#include <algorithm>

#include "common/base/limits.hpp"
#include "common/runtime/payload.hpp"

namespace rightplace::runtime {

HubRuntime::HubRuntime(const HubSettings& settings, const Domain& domain, const World& world)
    : settings_(settings),
      domain_(domain),
      world_(world),
      fold_(settings.hub, domain),
      follower_(settings.hub, world.feed, world.reader, world.clock, world.life,
                {[this](const Event& event, const std::string& stored) { on_event(event, stored); },
                 [this](const audit::Heartbeat& beat) { on_heartbeat(beat); }}),
      commander_(settings, domain, world, follower_, fold_),
      reactor_(settings, domain, world, commander_, follower_, settings.hub),
      timers_(settings, domain, world, reactor_, follower_, fold_),
      retirer_(settings, domain, world, follower_, fold_),
      quarantine_(settings, domain, world, commander_, fold_),
      refolder_(
          settings, domain, world, follower_, fold_, [this](std::uint64_t cursor) { became_ready(cursor); },
          [this] {
              commander_.set_ready(false, refolder_.why());
              reactor_.stop();
              timers_.set_running(false);
              retirer_.set_running(false);
              quarantine_.set_running(false);
              for (auto& neighbour : neighbours_) neighbour->stop();
          }) {
    if (!domain.follows_other_hubs()) return;
    for (const auto& other : settings.other_hubs) {
        neighbours_.push_back(std::make_unique<Neighbour>(settings, other, domain, world, commander_));
    }
}

void HubRuntime::start() {
    follower_.start();
}

void HubRuntime::became_ready(std::uint64_t cursor) {
    commander_.set_ready(true, "");
    timers_.set_running(true);
    retirer_.set_running(true);
    quarantine_.set_running(true);
    reactor_.start(cursor);
    reactor_.run_on_ready();
    for (auto& neighbour : neighbours_) neighbour->start();
    if (ready_observer_) ready_observer_();
}

void HubRuntime::on_event(const Event& event, const std::string& stored) {
    fold_.apply(event);
    retirer_.on_event(event);
    refolder_.look();
    commander_.on_event(event);
    reactor_.on_event(event, stored);
    quarantine_.on_event(event);
    if (observer_) observer_(event, stored);
    answer_waiting();
}

void HubRuntime::on_heartbeat(const audit::Heartbeat& beat) {
    refolder_.look();
    if (!refolder_.ready()) commander_.set_ready(false, refolder_.why());
    commander_.on_heartbeat();
    if (heartbeat_observer_) heartbeat_observer_(beat);
    answer_waiting();
}

void HubRuntime::command(const Command& command, const std::string& key_role, std::function<void(Reply)> answer) {
    commander_.submit(command, key_role, std::move(answer));
}

void HubRuntime::query(const rightplace::Query& query, std::function<void(QueryReply)> answer) {
    if (query.at_least_seq() <= fold_.seq()) {
        answer(answer_now(query));
        return;
    }
    const auto wait = std::min(query.deadline_ms() == 0 ? limits::command_deadline_default_ms : query.deadline_ms(),
                               limits::command_deadline_max_ms);
    waiting_.push_back({query, world_.clock.boot_ms() + wait, std::move(answer)});
    world_.clock.after(wait, alive_.guard([this] { answer_waiting(); }));
}

// At its deadline a query is answered with what there is: the seq and age say how old that is.
void HubRuntime::answer_waiting() {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        const auto entry = at++;
        if (entry->query.at_least_seq() > fold_.seq() && world_.clock.boot_ms() < entry->deadline) continue;
        const auto waiting = std::move(*entry);
        waiting_.erase(entry);
        waiting.answer(answer_now(waiting.query));
    }
}

QueryReply HubRuntime::answer_now(const rightplace::Query& query) const {
    QueryReply reply;
    reply.set_as_of_seq(fold_.seq());
    reply.set_epoch(follower_.epoch());
    reply.set_age_ms(std::uint64_t(follower_.heartbeat_age_ms()));
    const auto payload = unpack(query.payload());
    if (payload == nullptr) {
        reply.mutable_refusal()->set_code(INVALID);
        reply.mutable_refusal()->set_sentence("The query does not parse, or this build does not know it.");
        return reply;
    }
    try {
        const DomainScope scope;
        const Query asked{payload.get(), &query.actor(), fold_.seq()};
        const auto answered = domain_.query(asked, commander_.context(follower_.hub_now()));
        if (answered.ok()) {
            pack(*answered.value(), *reply.mutable_payload());
        } else {
            *reply.mutable_refusal() = answered.error();
        }
    } catch (const std::exception&) {
        reply.mutable_refusal()->set_code(INTERNAL);
        reply.mutable_refusal()->set_sentence("A rule broke on this query.");
    }
    return reply;
}

HubStatus HubRuntime::status() const {
    HubStatus status;
    status.set_hub(settings_.hub);
    status.set_epoch(follower_.epoch());
    status.set_folded_seq(fold_.seq());
    status.set_head_seq(follower_.heartbeat().head_seq());
    status.set_heartbeat_age_ms(std::uint64_t(follower_.heartbeat_age_ms()));
    status.set_ready(refolder_.ready() && follower_.fresh());
    status.set_cursor(reactor_.cursor());
    status.set_held_answers(std::uint32_t(commander_.held().count()));
    status.set_oldest_held_ms(std::uint64_t(commander_.held().oldest_ms()));
    status.set_parked(std::uint32_t(reactor_.parked()));
    status.set_quarantined(std::uint32_t(fold_.quarantined().size()));
    if (!status.ready()) {
        status.set_why_not_ready(refolder_.why().empty() ? "the ring is closed: no fresh heartbeat" : refolder_.why());
    }
    return status;
}

}  // namespace rightplace::runtime
