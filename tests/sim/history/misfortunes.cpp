#include "tests/sim/history/misfortunes.hpp"

namespace rightplace::sim {
namespace {

std::string service_of(const std::string& party) {
    return party.substr(0, party.find('#'));
}

}  // namespace

void Misfortunes::expect(const std::vector<Misfortune>& all) {
    at_first_ = town_.wanted();
    for (const auto& misfortune : all) {
        town_.at(misfortune.at_ms, [this, misfortune] {
            if (over_) return;
            if (misfortune.upon == Call::other) return befall(misfortune);
            town_.lie_in_wait(misfortune.upon, misfortune.by, [this, misfortune] { met(misfortune); });
        });
    }
}

// The call is under way, in the middle of somebody's step: only the roads may change at once.
void Misfortunes::met(const Misfortune& one) {
    if (over_) return;
    const auto then = [this, one] {
        if (!over_) befall(one);
    };
    if (one.kind == Trouble::road_slow) return befall(one);
    if (one.delay_ms > 0) return town_.at(one.delay_ms, then);
    town_.clock.after(0, then);
}

void Misfortunes::later(const Misfortune& one, std::function<void()> end) {
    town_.at(one.for_ms, [this, kind = one.kind, end = std::move(end)] {
        if (over_) return;
        town_.trace(std::string("over: ") + name(kind));
        end();
    });
}

void Misfortunes::befall(const Misfortune& one) {
    town_.trace(std::string("trouble: ") + name(one.kind) + " " + one.party + " " + one.other + " for " +
                std::to_string(one.for_ms) + " ms, " + std::to_string(one.amount) +
                (one.upon == Call::other ? "" : std::string(", upon ") + name(one.upon) + " " + one.by));
    switch (one.kind) {
        case Trouble::crash:
            return town_.crash(one.party, one.for_ms);
        case Trouble::crash_at_effect: {
            auto* process = town_.find(one.party);
            if (process == nullptr) return;
            const bool before = town_.random.one_in(2);
            process->gate.die_after(one.amount, before, [this, one] {
                town_.clock.after(0, [this, one] { town_.crash(one.party, one.for_ms); });
            });
            return;
        }
        case Trouble::asleep:
            town_.stop(one.party);
            return later(one, [this, one] { town_.start(one.party); });
        case Trouble::partition:
            town_.wire.cut(one.party, one.other);
            return later(one, [this, one] { town_.wire.mend(one.party, one.other); });
        case Trouble::road_slow:
            town_.wire.slow(one.party, one.other, one.amount);
            return later(one, [this, one] { town_.wire.slow(one.party, one.other, 0); });
        case Trouble::disk_full:
            town_.journal(one.party).set_full(true);
            return later(one, [this, one] { town_.journal(one.party).set_full(false); });
        case Trouble::disk_fails:
            return town_.journal(one.party).fail_next(seams::JournalError::fatal);
        case Trouble::clock_steps:
            town_.clock_fault(one.party).step_ms += one.amount;
            return;
        case Trouble::doubled:
            return second_instance(one, 0);
        case Trouble::upgraded:
            return second_instance(one, ++newest_fold_[service_of(one.party)]);
        case Trouble::power_fails:
            return town_.lose_power(one.for_ms);
        case Trouble::sender_fails:
            people_.sender_endpoint = town_.random.one_in(2) ? People::Endpoint::fails : People::Endpoint::silent;
            return later(one, [this] { people_.sender_endpoint = People::Endpoint::well; });
        default:
            return befall_redis(one);
    }
}

void Misfortunes::befall_redis(const Misfortune& one) {
    switch (one.kind) {
        case Trouble::redis_dies:
            return town_.redis().lose_everything();
        case Trouble::redis_flushed:
            return town_.redis().flush_all();
        case Trouble::redis_pauses:
            town_.redis().pause();
            return later(one, [this] { town_.resume_redis(); });
        case Trouble::redis_fails_over:
        case Trouble::redis_splits:
            return fail_over(one);
        default:
            return town_.break_connection(one.party);
    }
}

// A copy is taken now and put in service `amount` ms later: it lacks what was written in between. Some
// clients go on talking to the old one for up to `for_ms`; or only `party` does, cut off from audit.
void Misfortunes::fail_over(const Misfortune& one) {
    const auto replica = town_.replica_of_redis();
    town_.at(one.amount, [this, one, replica] {
        if (over_) return;
        town_.trace("redis: the replica is in service");
        if (one.kind == Trouble::redis_fails_over) return town_.move_redis(replica, one.for_ms);
        town_.wire.cut(one.party, "audit#1");
        town_.move_redis(replica, 0, one.party, one.for_ms);
        later(one, [this, one] { town_.wire.mend(one.party, "audit#1"); });
    });
}

// Of a later version it stays: the older one stands down. Of the same version it goes again.
void Misfortunes::second_instance(const Misfortune& one, std::uint32_t newer_fold) {
    const auto service = service_of(one.party);
    const auto party = service + "#2";
    if (newer_fold == 0) {
        if (town_.find(party) != nullptr) return;
        town_.start(party);
        return later(one, [this, party] { town_.stop(party); });
    }
    town_.stop(party);
    town_.start(party, newer_fold);
    // The rollout ends: the first instance is of the later version too.
    later(one, [this, service, party] {
        town_.stop(service + "#1");
        town_.start(service + "#1", newest_fold_[service]);
        town_.stop(party);
    });
}

void Misfortunes::end_all() {
    over_ = true;
    town_.resume_redis();
    town_.wire.mend_all();
    town_.wire.weather = {};
    people_.sender_endpoint = People::Endpoint::well;
    for (const auto& hub : plan_hubs) {
        if (auto* journal = town_.simulated_journal(hub)) journal->set_full(false);
    }
    for (const auto& [service, newer_fold] : newest_fold_) {
        town_.stop(service + "#1");
        town_.start(service + "#1", newer_fold);
    }
    for (const auto* service : {"intake", "triage", "referral", "probe"}) town_.stop(std::string(service) + "#2");
    for (const auto& party : at_first_) town_.start(party);
}

}  // namespace rightplace::sim
