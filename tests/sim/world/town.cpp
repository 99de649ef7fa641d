#include "tests/sim/world/town.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "services/vault/domain/vault.hpp"
#include "tests/sim/world/doctored.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t look_every_ms = 250;  // whether time can be skipped
constexpr std::int64_t polling_ms = 6'000;   // what comes round within this is only looking
constexpr std::int64_t sleepy_ms = 61'000;   // the longest period of anything that may as well look late
constexpr std::int64_t margin_ms = 1'500;    // lived through before whatever comes next
constexpr std::int64_t stuck_ms = 60'000;    // a timer that still stands is parked by then
constexpr std::int64_t skip_most_ms = 30 * 60'000;
constexpr std::int64_t skip_least_ms = 2'000;
constexpr std::int64_t delivery_ms = 5 * 60'000;  // a delivery that takes longer does not hold time up
constexpr std::int64_t supervisor_ms = 1'000;     // until a dead process is started again
constexpr std::int64_t sim_sync_ms = 1;

std::string service_of(const std::string& party) {
    return party.substr(0, party.find('#'));
}

std::map<std::string, std::string> policies(const std::vector<TownHub>& hubs) {
    std::map<std::string, std::string> texts;
    for (const auto& hub : hubs) texts[hub.name] = hub.policy_text;
    return texts;
}

const vault::VaultDomain vault_domain;

}  // namespace

Town::Town(TownOptions wanted)
    : options(std::move(wanted)),
      random(options.seed),
      wire(clock, random),
      network(clock, random, wire),
      triage_(policies(options.hubs)),
      redis_clock_(clock, clock_faults_["redis"]),
      redises_{std::make_shared<SimRedis>(redis_clock_)} {
    for (const auto& hub : options.hubs) {
        if (options.journal) real_journals_[hub.name] = options.journal(hub.name, clock);
        if (real_journals_[hub.name] != nullptr) continue;
        const auto id = derived_id({"sim-journal", hub.name, std::to_string(options.seed)});
        journals_[hub.name] = std::make_unique<SimJournal>(clock, hub.name, id, sim_sync_ms);
    }
}

Town::~Town() {
    while (!processes_.empty()) processes_.erase(processes_.begin());
}

const runtime::Domain& Town::domain(const std::string& service) const {
    if (service == "intake") return intake_;
    if (service == "triage") return triage_;
    if (service == "referral") return referral_;
    if (service == "probe") return probe_;
    INVARIANT(service == "vault");
    return vault_domain;
}

const runtime::Domain& Town::domain_of(const std::string& party) const {
    const auto found = upgraded_.find(party);
    return found == upgraded_.end() ? domain(service_of(party)) : *found->second;
}

std::vector<runtime::HubSettings> Town::hub_settings() const {
    std::vector<runtime::HubSettings> settings;
    for (const auto& hub : options.hubs) {
        settings.push_back({hub.name, options.label, hub.letter});
        for (const auto& other : options.hubs) {
            if (other.name != hub.name) settings.back().other_hubs.push_back(other.name);
        }
    }
    return settings;
}

seams::Journal& Town::record(const std::string& hub) {
    const auto& real = real_journals_.at(hub);
    return real != nullptr ? *real : *journals_.at(hub);
}

// --- processes ----------------------------------------------------------------------------------

std::unique_ptr<Process> Town::make(const std::string& party) {
    const auto service = service_of(party);
    if (service == "audit") return std::make_unique<AuditProcess>(*this, party);
    if (service == "vault") return std::make_unique<VaultProcess>(*this, party);
    if (service == "bars") return std::make_unique<BarsProcess>(*this, party);
    auto& doctored = upgraded_[party];
    doctored = std::make_unique<Doctored>(domain(service), newer_folds_[party], mended_.contains(party));
    return std::make_unique<ServiceProcess>(*this, party, *doctored);
}

void Town::start(const std::string& party, std::uint32_t newer_fold) {
    if (newer_fold > 0) newer_folds_[party] = newer_fold;
    wanted_.insert(party);
    if (processes_.contains(party)) return;
    trace("start " + party);
    processes_[party] = make(party);
}

void Town::start_all() {
    for (const auto* party : {"vault#1", "audit#1", "intake#1", "triage#1", "referral#1", "bars#1"}) start(party);
}

void Town::stop(const std::string& party) {
    wanted_.erase(party);
    trace("stop " + party);
    processes_.erase(party);
}

void Town::crash(const std::string& party, std::int64_t down_ms) {
    if (!processes_.contains(party)) return;
    trace("crash " + party + ", down for " + std::to_string(down_ms) + " ms");
    processes_.erase(party);
    at(down_ms, [this, party] {
        if (wanted_.contains(party)) start(party);
    });
}

void Town::lose_power(std::int64_t down_ms) {
    std::vector<std::string> all;
    for (const auto& [party, process] : processes_) all.push_back(party);
    for (const auto& party : all) crash(party, random.between(1, std::max<std::int64_t>(down_ms, 1)));
    redis().lose_everything();
}

void Town::dies(const std::string& party, const std::string& why) {
    clock.after(0, [this, party, why] {
        trace(party + " dies: " + why);
        crash(party, supervisor_ms);
    });
}

Process* Town::find(const std::string& party) {
    const auto found = processes_.find(party);
    return found == processes_.end() ? nullptr : found->second.get();
}

std::vector<std::string> Town::wanted() const {
    return {wanted_.begin(), wanted_.end()};
}

bool Town::ready(std::string* why) {
    for (const auto& party : wanted_) {
        std::string reason = "not alive";
        auto* process = find(party);
        if (process != nullptr && process->ready(reason)) continue;
        if (why != nullptr) *why = party + ": " + reason;
        return false;
    }
    return true;
}

// With the last audit what was not synced goes, or a part of it.
void Town::audit_gone() {
    for (const auto& [party, process] : processes_) {
        if (process != nullptr && service_of(party) == "audit" && !process->gate.dying()) return;
    }
    for (auto& [hub, journal] : journals_) {
        const auto unsynced = journal->events().size() - journal->synced();
        journal->crash(random.below(unsynced + 1));
    }
}

// --- the store ----------------------------------------------------------------------------------

void Town::lie_in_wait(Call call, const std::string& party, std::function<void()> then) {
    ambushes_.push_back({call, party, std::move(then)});
}

void Town::called(Call call, const std::string& party) {
    if (ambushes_.empty()) return;
    std::vector<Ambush> met, waiting;
    for (auto& one : std::exchange(ambushes_, {})) {
        const bool meets = one.call == call && (one.party.empty() || one.party == party);
        (meets ? met : waiting).push_back(std::move(one));
    }
    ambushes_ = std::move(waiting);
    for (const auto& one : met) one.then();
}

Crossing Town::crossing(Process& process, Call call) {
    called(call, process.party);
    Crossing way;
    way.arrives = process.gate.effect() && wire.open(process.party, "redis");
    way.there_ms = wire.delay_ms() + wire.slowness_ms(process.party, "redis");
    way.back_ms = wire.delay_ms();
    return way;
}

void Town::break_connection(const std::string& party) {
    if (auto* process = find(party)) process->store_.break_off();
}

void Town::move_redis(std::shared_ptr<SimRedis> to, std::int64_t others_follow_within_ms,
                      const std::string& left_behind, std::int64_t left_behind_ms) {
    const auto from = redises_.back();
    redises_.push_back(to);
    for (auto& [party, process] : processes_) {
        auto follows_in = others_follow_within_ms == 0 ? 0 : random.between(0, others_follow_within_ms);
        if (party == left_behind) follows_in = left_behind_ms;
        if (follows_in == 0) {
            process->store_.turn_to(to);
            continue;
        }
        store_of_.try_emplace(party, from);
        at(follows_in, [this, party = party] {
            store_of_.erase(party);
            if (auto* now = find(party)) now->store_.turn_to(redises_.back());
        });
    }
}

void Town::resume_redis() {
    redis().resume([this](std::size_t connections) { return std::size_t(random.below(connections)); });
}

// --- time ---------------------------------------------------------------------------------------

void Town::at(std::int64_t in_ms, std::function<void()> then) {
    agenda_.emplace(now() + std::max<std::int64_t>(in_ms, 0), std::move(then));
}

void Town::pass(std::int64_t ms, const std::function<bool()>& done) {
    const auto until = now() + ms;
    while (now() < until && !done()) {
        const auto next = agenda_.empty() ? until : std::min(until, agenda_.begin()->first);
        if (!agenda_.empty() && agenda_.begin()->first <= now()) {
            const auto then = std::move(agenda_.begin()->second);
            agenda_.erase(agenda_.begin());
            then();
            continue;
        }
        const auto left = next - now();
        if (left > skip_least_ms + margin_ms && quiet()) {
            auto most = std::min(left, next_moment());
            const auto beyond = clock.until_next_beyond(sleepy_ms);
            if (beyond >= 0) most = std::min(most, beyond);
            most = std::min(most - margin_ms, skip_most_ms);
            if (most >= skip_least_ms) {
                skip(most);
                continue;
            }
        }
        clock.run(std::min(left, look_every_ms), done);
    }
}

// What time must be lived through for; empty when it can be skipped.
std::string Town::busy() {
    if (people_wait()) return "people wait";
    if (redis().paused() || !store_of_.empty()) return "redis";
    std::string why;
    if (!ready(&why)) return why;
    for (const auto& hub : options.hubs) {
        if (!settled(hub.name)) return hub.name + " is not settled";
        if (!nothing_to_deliver(hub.name)) return hub.name + " has deliveries under way";
    }
    for (const auto& [party, process] : processes_) {
        if (process->store_.writing() || !process->idle()) return party + " is not idle";
    }
    return {};
}

bool Town::quiet() {
    const auto why = busy();
    if (why != last_busy_ && !why.empty()) trace("time is lived through: " + why);
    last_busy_ = why;
    return why.empty();
}

bool Town::settled(const std::string& hub) {
    const auto& data = redis().data(hub);
    auto* audit = find("audit#1");
    if (audit == nullptr || !data.head) return false;
    const auto& head = audit->core(hub)->head();
    if (data.head->seq != head.seq || data.head->journalled != head.seq) return false;
    return std::all_of(processes_.begin(), processes_.end(),
                       [&](const auto& process) { return process.second->has_folded(hub, head.seq); });
}

bool Town::nothing_to_deliver(const std::string& hub) {
    auto* process = find("referral#1");
    if (process == nullptr) return false;
    const auto& fold = process->runtime()->hub(hub)->fold();
    if (delivered_at_seq_[hub] == fold.seq()) return true;
    bool open = false;
    fold.each("delivery", [&](const runtime::AggregateId&, const runtime::Aggregate& aggregate) {
        const auto& state = static_cast<const referral::DeliveryState&>(*aggregate.state);
        const bool young =
            now() < healed_ms_ + delivery_ms || to_ms(state.requested_at()) + delivery_ms > clock.wall_ms();
        const auto& senders = options.sender_service_ids;
        const bool reaches = std::ranges::find(senders, state.reply_to().service_id()) != senders.end();
        open = open || (young && reaches && state.status() < referral::DELIVERED);
    });
    if (!open) delivered_at_seq_[hub] = fold.seq();
    return !open;
}

// What is quarantined has its timers parked: they stand until a person does something about it.
bool Town::is_stuck(const std::string& hub, const std::string& service, const std::string& member) {
    auto* process = find(service + "#1");
    const auto name = runtime::parse_timer_member(member);
    return process != nullptr && name && process->runtime()->hub(hub)->fold().quarantined().contains(name->aggregate);
}

// Milliseconds until the next timer or lapse of any hub.
std::int64_t Town::next_moment() {
    std::int64_t next = skip_most_ms + margin_ms;
    for (const auto& hub : options.hubs) {
        const auto& data = redis().data(hub.name);
        const auto hub_now = data.beat ? data.beat->hub_ms : clock.wall_ms();
        for (const auto& [queue, members] : data.queues) {
            constexpr std::string_view prefix = "due.";
            if (!queue.starts_with(prefix) || asleep(queue.substr(prefix.size()))) continue;
            for (const auto& [member, due] : members) {
                const auto until = std::int64_t(due) - hub_now;
                const bool stuck = until < -stuck_ms && is_stuck(hub.name, queue.substr(prefix.size()), member);
                if (!stuck) next = std::min(next, until);
            }
        }
        if (asleep("triage")) continue;  // nobody else looks at leases
        for (const auto& [aggregate, lease] : data.leases) {
            next = std::min(next, std::max(lease.expires, data.head ? data.head->lease_floor : 0) - hub_now);
        }
    }
    return next;
}

void Town::skip(std::int64_t ms) {
    redis().skip(ms);
    clock.skip(ms, polling_ms, sleepy_ms);
}

}  // namespace rightplace::sim
