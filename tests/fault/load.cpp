#include "tests/fault/load.hpp"

#include <algorithm>
#include <stdexcept>

#include "common/base/hash.hpp"
#include "common/runtime/fold.hpp"
#include "common/runtime/payload.hpp"
#include "common/runtime/with_reactions.hpp"
#include "common/store/redis_store.hpp"
#include "services/intake/domain/intake_domain.hpp"
#include "services/referral/domain/referral_domain.hpp"
#include "services/triage/domain/triage_domain.hpp"

namespace rightplace::testing {
namespace {

constexpr std::int64_t attempt_ms = 4'000;
constexpr std::int64_t again_ms = 50;

void demand(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

void check_fold(Stack& stack, const std::vector<std::string>& journal, const runtime::Domain& inner) {
    const runtime::WithReactions domain(inner);
    runtime::Fold fold(stack.hub(), domain);
    for (const auto& stored : journal) {
        Event event;
        demand(event.ParseFromString(stored), "an event does not parse");
        fold.apply(event);
    }
    demand(fold.quarantined().empty(), "the fold of the journal quarantines something");
    auto& loop = stack.client().loop();
    const auto store = store::make_redis_store(loop, {stack.state_dir() + "/run/redis.sock", "", ""});
    for (const auto& [id, aggregate] : fold.all()) {
        std::optional<seams::Stored<seams::Loaded>> loaded;
        const auto until = loop.boot_ms() + 10'000;
        while (!loaded || !loaded->ok()) {
            loaded.reset();
            store->load({stack.hub(), "", {id}}, [&loaded](const seams::Stored<seams::Loaded>& got) { loaded = got; });
            while (!loaded && loop.boot_ms() < until) loop.turn(5);
            demand(loop.boot_ms() < until, "Redis does not answer");
        }
        const auto& record = loaded->value().records.at(0);
        const auto name = std::string(inner.service()) + " " + id.type + ":" + id.id;
        demand(record.version == aggregate.version, name + ": version in Redis " + std::to_string(record.version) +
                                                        ", by the journal " + std::to_string(aggregate.version));
        const bool same = record.state.empty() || record.state == aggregate.state->SerializeAsString();
        demand(same, name + ": the state in Redis is not what the journal gives");
    }
}

}  // namespace

bool never_done(Stack& stack, const std::string& command_id) {
    const auto journal = stack.journal();
    return std::none_of(journal.begin(), journal.end(), [&command_id](const std::string& stored) {
        Event event;
        if (!event.ParseFromString(stored)) throw std::runtime_error("the journal holds what is no event");
        return event.command_id() == command_id;
    });
}

intake::OpenCase synthetic_case(const std::string& case_id, TimeMs now) {
    intake::OpenCase open;
    open.set_case_id(case_id);
    auto& facts = *open.mutable_facts();
    facts.set_origin(intake::VALIDATION_999);
    facts.set_category(intake::C3);
    facts.set_key_id("k-000000000001");
    facts.set_cad_number("SYN-" + case_id.substr(0, 8));
    facts.set_journey_id(derived_uuid({"journey", case_id}));
    *facts.mutable_clock_start() = to_timestamp(now);
    *facts.mutable_breach_at() = to_timestamp(now + 3'600'000);
    open.mutable_person()->set_key_id("k-000000000001");
    open.mutable_person()->set_nonce(std::string(24, 'n'));
    open.mutable_person()->set_ciphertext(std::string(64, 'c'));
    return open;
}

Load::Load(Stack& stack, std::size_t in_flight)
    : stack_(stack),
      client_(
          stack.client().context(), "bench",
          [&stack](const std::string& service) { return "ipc://" + stack.state_dir() + "/run/" + service + ".cmd"; }),
      asker_(stack.client().loop(), client_),
      width_(in_flight) {}

void Load::top_up() {
    while (!stopping_ && under_way_.size() < width_) {
        const auto id = derived_uuid({"load", stack_.state_dir(), std::to_string(next_++)});
        under_way_.insert(id);
        ask(id);
    }
}

void Load::ask(const std::string& case_id) {
    Command command;
    command.set_command_id("open-" + case_id);
    command.set_hub(stack_.hub());
    command.mutable_actor()->set_id("load");
    command.mutable_actor()->set_role("system");
    command.mutable_payload()->PackFrom(synthetic_case(case_id, stack_.client().loop().wall_ms()));
    asker_.ask("intake", command, attempt_ms,
               alive_.guard([this, case_id](const Reply& reply) { answered(case_id, reply); }));
}

void Load::answered(const std::string& case_id, const Reply& reply) {
    ++answers_[reply.status()];
    if (reply.status() == UNAVAILABLE || reply.status() == UNKNOWN) {
        stack_.client().loop().after(again_ms, alive_.guard([this, case_id] { ask(case_id); }));
        return;
    }
    under_way_.erase(case_id);
    if (reply.status() == REFUSED && reply.refusal().code() != ALREADY_EXISTS) {
        ++refused_;
    } else {
        acknowledged_.insert(case_id);
    }
    top_up();
}

std::size_t Load::answers(ReplyStatus status) const {
    const auto found = answers_.find(status);
    return found == answers_.end() ? 0 : found->second;
}

bool Load::run_until(std::size_t acknowledged, std::int64_t ms) {
    stopping_ = false;
    top_up();
    return stack_.wait_until([&] { return acknowledged_.size() >= acknowledged; }, ms);
}

bool Load::finish(std::int64_t ms) {
    stopping_ = true;
    return stack_.wait_until([this] { return under_way_.empty(); }, ms);
}

void check_record(Stack& stack, const std::set<std::string>& acknowledged) {
    // The reactions that the load caused end first: what the journal gives is compared with what stands still.
    std::vector<std::string> journal;
    stack.wait_until(
        [&] {
            const auto now = stack.journal();
            const bool still = now.size() == journal.size();
            journal = now;
            std::size_t queued = 0;
            for (const auto& stored : journal) {
                Event event;
                if (event.ParseFromString(stored) && runtime::event_name(event) == "ReviewQueued") ++queued;
            }
            return still && queued >= acknowledged.size();
        },
        60'000);
    std::uint64_t seq = 0, epoch = 0;
    std::string prev;
    std::map<std::string, int> opened;
    for (const auto& stored : journal) {
        Event event;
        demand(event.ParseFromString(stored), "an event does not parse");
        ++seq;
        demand(event.seq() == seq, "seq " + std::to_string(event.seq()) + " where " + std::to_string(seq) + " belongs");
        demand(event.prev() == prev, "prev does not fit at seq " + std::to_string(seq));
        demand(event.epoch() >= epoch, "the epoch falls at seq " + std::to_string(seq));
        prev = event.event_id();
        epoch = event.epoch();
        if (runtime::event_name(event) == "CaseOpened") ++opened[event.case_id()];
    }
    for (const auto& [id, times] : opened)
        demand(times == 1, "case " + id + " was opened " + std::to_string(times) + " times");
    for (const auto& id : acknowledged)
        demand(opened.count(id) == 1, "the acknowledged case " + id + " is not in the journal");
    check_fold(stack, journal, intake::IntakeDomain());
    check_fold(stack, journal, triage::TriageDomain({}));
    check_fold(stack, journal, referral::ReferralDomain());
}

}  // namespace rightplace::testing
