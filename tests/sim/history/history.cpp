#include "tests/sim/history/history.hpp"

#include <filesystem>

#include "common/base/hash.hpp"
#include "common/log/log.hpp"
#include "common/runtime/fold.hpp"
#include "tests/sim/history/misfortunes.hpp"
#include "tests/sim/history/people.hpp"
#include "tests/sim/judge/judge.hpp"
#include "tests/unit/shipped_policy.hpp"

namespace rightplace::sim {

namespace {

constexpr std::int64_t start_within_ms = 60'000;
constexpr std::int64_t rest_within_ms = 50 * 60'000;  // the longest breach time, and then some
constexpr std::string_view two_hours = " reach_minutes: 120";
constexpr std::int64_t ready_within_ms = 5 * 60'000;

Opening opening_of(const Plan& plan, std::size_t hub) {
    if (hub >= plan.attended.size() || !plan.attended[hub].in_force) return {};
    const auto& drawn = plan.attended[hub];
    return {true, (SimClock::wall_start + drawn.closes_ms) / 60'000, drawn.closed_ms / 60'000, drawn.skilled};
}

// Who is needed for a fall, another 999 call, a crew; for everybody else any clinician will do.
constexpr const char* skills =
    "skill { origin: \"validation-999\" stream: \"falls\" staff_skill: \"falls\" role: \"paramedic-practitioner\" "
    "role: \"ucr-clinician\" source: \"drawn\" } "
    "skill { origin: \"validation-999\" role: \"paramedic-practitioner\" role: \"gp\" source: \"drawn\" } "
    "skill { origin: \"crew-on-scene\" role: \"paramedic-practitioner\" role: \"ed-consultant\" source: \"drawn\" } ";

// Beside the shipped rules one that a Deed::scale_2 makes true, and that stands against no pathway.
constexpr const char* raises_on_scale_2 =
    "\npriority { to_category: \"C2\" when { code: \"sim-scale-2\" origin: \"crew-on-scene\" news2_from: 4 "
    "says: \"too much oxygen\" source: \"made up\" } }\n";

// Before all has come to rest a plan has no two hours left.
std::string in_less_than_two_hours(std::string policy) {
    for (auto at = policy.find(two_hours); at != std::string::npos; at = policy.find(two_hours))
        policy.replace(at, two_hours.size(), " reach_minutes: 45");
    return policy;
}

std::string policy_of(const Plan& plan, std::size_t hub) {
    const auto opening = opening_of(plan, hub);
    if (!opening.in_force) return shipped_policy(plan_hubs[hub]) + raises_on_scale_2;
    const auto clock = [](std::int64_t utc_minute) {
        const auto minute = london_clock(utc_minute * 60'000).minute;
        const auto two = [](int number) { return std::to_string(100 + number).substr(1); };
        return "\"" + two(minute / 60) + ":" + two(minute % 60) + "\"";
    };
    std::string hours;
    if (opening.closed_minutes > 0)
        hours = "hours { closes: " + clock(opening.closes_minute) +
                " opens: " + clock(opening.closes_minute + opening.closed_minutes) + " source: \"drawn\" } ";
    const auto& other = plan_hubs[1 - hub];
    return testing::with_attendance(testing::shipped_policy(plan_hubs[hub]),
                                    "attendance { " + hours + (opening.skilled ? skills : "") + "offer_to_hub: \"" +
                                        other + "\" source: \"drawn\" }") +
           raises_on_scale_2;
}

TownOptions options_for(const Plan& plan, const Living& living) {
    TownOptions options;
    options.seed = plan.seed;
    const auto policy = [&](std::size_t hub) {
        const auto text = policy_of(plan, hub);
        return living.real.empty() ? in_less_than_two_hours(text) : text;
    };
    options.hubs = {{plan_hubs[0], "P", "2000072489", policy(0)}, {plan_hubs[1], "A", "2000072490", policy(1)}};
    options.sender_service_ids = {"7700900001"};
    options.scratch = living.scratch;
    options.journal = [&living](const std::string& hub, seams::Clock& clock) {
        const auto real = living.real.find(hub);
        return real == living.real.end() ? nullptr : real->second.open(clock);
    };
    return options;
}

bool concerns_adapter(const Misfortune& one) {
    if (one.kind == Trouble::power_fails || one.kind == Trouble::clock_steps) return true;
    if (one.kind == Trouble::asleep) return true;  // time is skipped meanwhile, and looked at late
    const auto its = [](const std::string& party) { return party == "bars#1" || party == "vault#1"; };
    return its(one.party) || its(one.other);
}

class History {
   public:
    History(const Plan& plan, const Living& living)
        : plan_(plan), living_(living), town_(options_for(plan, living)), eyes_(eyes()), judge_(eyes_) {
        judge_.copies_most = plan.weather.double_one_in > 0 ? 2 : 1;
        const bool stepped = std::any_of(plan.misfortunes.begin(), plan.misfortunes.end(),
                                         [](const Misfortune& one) { return one.kind == Trouble::clock_steps; });
        if (!stepped && plan.drift_ppm_max == 0 && plan.weather.slow_one_in == 0)
            judge_.good_clock = [this] { return town_.clock.wall_ms(); };
        for (std::size_t i = 0; i < plan_hubs.size(); ++i) judge_.openings[plan_hubs[i]] = opening_of(plan, i);
        judge_.now = [this] { return town_.now(); };
        judge_.returns.clock = [this] { return town_.clock.wall_ms(); };
        judge_.returns.left_alone = [this](std::int64_t from, std::int64_t to) { return adapter_left_alone(from, to); };
        town_.redis().on_committed = [this](const std::string& command_id) { judge_.committed(command_id); };
        town_.network.on_published = [this](const seams::FeedMessage& message) {
            judge_.published(message);
            if (!message.heartbeat) note(message.bytes);
        };
        town_.network.on_read = [this](const std::string& hub, const seams::Bytes& reply) { judge_.read(hub, reply); };
        town_.trace = [this](const std::string& line) { trace(line); };
        people_ = std::make_unique<People>(town_, judge_);
        people_->key_used = living.key_used;
        misfortunes_ = std::make_unique<Misfortunes>(town_, *people_);
    }

    Outcome live() {
        log::start_strict("sim", log::Level::info, [this](std::string_view line) { judge_.line_logged(line); });
        town_.start_all();
        if (living_.real.empty()) town_.start("probe#1");  // it has no place in a real record
        town_.pass(start_within_ms, [this] { return town_.ready(); });
        begin();
        constexpr std::int64_t parts = 48;
        for (std::int64_t part = 0; part < parts; ++part) {
            town_.pass(plan_.length_ms / parts);
            living_.progress(part + 1, parts);
        }
        misfortunes_->end_all();
        town_.healed();
        trace("all troubles end");
        std::string why;
        town_.pass(ready_within_ms, [this] { return town_.ready(); });
        if (!town_.ready(&why)) judge_.findings.add(10, "not ready again: " + why);
        town_.pass(rest_within_ms);
        if (people_->waiting() > 0)
            judge_.findings.add(10, std::to_string(people_->waiting()) + " still wait for an answer");
        judge_at_rest();
        return outcome();
    }

   private:
    std::map<std::string, RecordEyes> eyes() {
        std::map<std::string, RecordEyes> all;
        for (const auto& hub : plan_hubs) {
            const auto real = living_.real.find(hub);
            if (real != living_.real.end()) {
                all[hub] = real->second.eyes;
                continue;
            }
            auto* journal = &town_.journal(hub);
            all[hub] = {[journal]() -> const std::vector<seams::Bytes>& { return journal->events(); },
                        [journal] { return journal->synced(); }};
        }
        return all;
    }

    void begin() {
        begun_ms_ = town_.clock.wall_ms();
        town_.wire.weather = plan_.weather;
        town_.at(plan_.weather_ms, [this] { town_.wire.weather = {}; });
        if (plan_.drift_ppm_max > 0) {
            for (const auto& party : town_.wanted()) {
                town_.clock_fault(party).ppm = town_.random.between(-plan_.drift_ppm_max, plan_.drift_ppm_max);
            }
            town_.clock_fault("redis").ppm = town_.random.between(-plan_.drift_ppm_max, plan_.drift_ppm_max);
        }
        for (const auto& arrival : plan_.arrivals) people_->expect(arrival);
        if (living_.real.empty()) {
            for (const auto& rush : plan_.rushes) people_->expect(rush);
        }
        misfortunes_->expect(plan_.misfortunes);
    }

    // Whether the adapter had between those true times all that it needs to give a case back with everybody else away.
    bool adapter_left_alone(std::int64_t from, std::int64_t to) const {
        const auto& weather = plan_.weather;
        const bool windy = weather.drop_one_in > 0 || weather.slow_one_in > 0;
        if (plan_.drift_ppm_max > 0 || (windy && from < begun_ms_ + plan_.weather_ms)) return false;
        return std::none_of(plan_.misfortunes.begin(), plan_.misfortunes.end(), [&](const Misfortune& one) {
            const auto begins = begun_ms_ + one.at_ms;
            const bool ends =
                one.upon == Call::other && one.kind != Trouble::clock_steps && one.kind != Trouble::crash_at_effect;
            return concerns_adapter(one) && begins < to && (!ends || begins + one.for_ms > from);
        });
    }

    void trace(const std::string& line) {
        note(line);
        if (!living_.tell) return;
        const auto now = town_.now();
        const auto at = std::to_string(now / 1'000) + "." + std::to_string(1'000 + now % 1'000).substr(1);
        living_.tell(std::string(std::max<std::size_t>(12, at.size() + 1) - at.size(), ' ') + at + "  " + line);
    }
    void note(const std::string& bytes) {
        chain_ = sha256(chain_ + std::to_string(town_.now()) + bytes);
        if (living_.tell && bytes.size() > 2 && bytes[0] == '\n') note_event(bytes);
    }
    void note_event(const std::string& stored) {
        Event event;
        if (!event.ParseFromString(stored) || event.payload().type_url().empty()) return;
        const auto type = event.payload().type_url().substr(event.payload().type_url().rfind('.') + 1);
        const auto now = town_.now();
        const auto at = std::to_string(now / 1'000) + "." + std::to_string(1'000 + now % 1'000).substr(1);
        living_.tell(std::string(std::max<std::size_t>(12, at.size() + 1) - at.size(), ' ') + at + "    " +
                     event.hub() + " " + std::to_string(event.epoch()) + "/" + std::to_string(event.seq()) + " " +
                     type + " " + event.aggregate_id().substr(0, 40));
    }

    void judge_at_rest() {
        std::map<std::string, std::int64_t> hub_now;
        for (const auto& hub : plan_hubs) {
            auto* audit = town_.find("audit#1");
            hub_now[hub] = audit == nullptr ? town_.clock.wall_ms() : audit->core(hub)->hub_now();
        }
        RecordModel::Calm calm;
        const auto& weather = plan_.weather;
        calm.on_time = plan_.misfortunes.empty() && weather.drop_one_in == 0 && weather.slow_one_in == 0 &&
                       weather.double_one_in == 0 && plan_.drift_ppm_max == 0;
        calm.counted = living_.real.empty();
        calm.endpoints = {town_.options.sender_service_ids.begin(), town_.options.sender_service_ids.end()};
        for (const auto& hub : plan_hubs) {
            for (const auto& [id, held] : town_.redis().data(hub).records) {
                triage::ReviewState review;
                if (id.type == "review" && !held.state.empty() && review.ParseFromString(held.state))
                    judge_.queues[hub].push_back(review);
            }
        }
        judge_.at_rest(hub_now, calm);
        for (const auto& hub : plan_hubs) {
            for (const auto* service : {"intake", "triage", "referral", "probe", "vault"}) compare(hub, service);
        }
    }

    // Invariant 3: folding the record from nothing gives what stands in Redis, index entries included.
    void compare(const std::string& hub, const std::string& service) {
        auto* process = town_.find(service + "#1");
        if (process == nullptr) return;
        const auto& data = town_.redis().data(hub);
        const auto& domain = town_.domain_of(service + "#1");
        const auto folded = fold_of(hub, domain);
        const auto& fold = *folded;
        std::unique_ptr<runtime::Fold> whole;
        if (!fold.quarantined().empty()) whole = fold_of(hub, town_.domain(service));
        std::map<std::pair<std::string, std::string>, double> expected;
        for (const auto& [id, aggregate] : fold.all()) {
            const auto name = hub + " " + id.type + ":" + id.id;
            const auto held = data.records.find(id);
            auto wanted = aggregate;
            const auto bad = fold.quarantined().find(id);
            if (bad != fold.quarantined().end()) {
                // As it was before the event that did not fit; or as an earlier build, which could fold it, has left
                // it.
                wanted.version = bad->second.good_version;
                const auto* by_earlier = whole->find(id);
                if (held != data.records.end() && held->second.version > wanted.version) wanted = *by_earlier;
                if (held == data.records.end() && wanted.state == nullptr) continue;
            }
            if (held == data.records.end()) {
                judge_.findings.add(3, name + ": in the record and not in Redis");
                continue;
            }
            if (held->second.version != wanted.version)
                judge_.findings.add(3, name + ": version " + std::to_string(held->second.version) + " in Redis, " +
                                           std::to_string(wanted.version) + " in the record");
            if (held->second.state.empty()) continue;  // a tombstone
            if (held->second.state != wanted.state->SerializeAsString())
                judge_.findings.add(3, name + ": another state in Redis than the record's");
            for (const auto& entry : domain.index(id, *wanted.state))
                expected[{entry.queue, entry.member}] = entry.score;
        }
        compare_queues(hub, service, expected);
    }

    std::unique_ptr<runtime::Fold> fold_of(const std::string& hub, const runtime::Domain& domain) const {
        auto fold = std::make_unique<runtime::Fold>(hub, domain);
        for (const auto& stored : eyes_.at(hub).written()) {
            Event event;
            INVARIANT(event.ParseFromString(stored));
            fold->apply(event);
        }
        return fold;
    }

    void compare_queues(const std::string& hub, const std::string& service,
                        const std::map<std::pair<std::string, std::string>, double>& expected) {
        const auto& data = town_.redis().data(hub);
        for (const auto& [at, score] : expected) {
            const auto queue = data.queues.find(at.first);
            if (queue == data.queues.end() || !queue->second.contains(at.second) ||
                queue->second.at(at.second) != score)
                judge_.findings.add(3, hub + " " + at.first + " " + at.second + ": missing in Redis");
        }
        const auto due = data.queues.find("due." + service);
        if (due == data.queues.end()) return;
        for (const auto& [member, score] : due->second) {
            if (!expected.contains({due->first, member}))
                judge_.findings.add(3, hub + " " + due->first + " " + member + ": in Redis, and not in the record");
        }
    }

    Outcome outcome() {
        Outcome outcome;
        outcome.findings = judge_.findings.all();
        outcome.trace_hash = to_hex(chain_);
        for (const auto& hub : plan_hubs) outcome.events += eyes_.at(hub).written().size();
        outcome.answers = people_->answers();
        outcome.hub_days = double(town_.now()) * double(plan_hubs.size()) / (24.0 * 3'600'000);
        outcome.steps = town_.clock.steps();
        return outcome;
    }

    const Plan& plan_;
    const Living& living_;
    Town town_;
    std::map<std::string, RecordEyes> eyes_;
    Judge judge_;
    std::unique_ptr<People> people_;
    std::unique_ptr<Misfortunes> misfortunes_;
    std::string chain_;
    std::int64_t begun_ms_ = 0;  // true time
};

}  // namespace

std::string shipped_policy(const std::string& hub) {
    return testing::with_attendance(testing::shipped_policy(hub));
}

Outcome live(const Plan& plan, const Living& living) {
    std::filesystem::remove_all(living.scratch);
    std::filesystem::create_directories(living.scratch);
    auto outcome = History(plan, living).live();
    std::filesystem::remove_all(living.scratch);
    return outcome;
}

}  // namespace rightplace::sim
