#include "tests/sim/history/plan.hpp"

#include <algorithm>

#include "tests/sim/history/worst_moments.hpp"
#include "tests/sim/world/doctored.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t second = 1'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;

const std::vector<std::string> services{"intake", "triage", "referral", "probe"};
const std::vector<std::string> processes{"intake#1", "triage#1", "referral#1", "probe#1",
                                         "vault#1",  "audit#1",  "bars#1"};

class Draw {
   public:
    explicit Draw(std::uint64_t seed) : random_(seed * 2'654'435'761u + 1) { plan_.seed = seed; }

    Plan plan() {
        constexpr std::int64_t lengths[] = {20 * minute, 2 * hour, 2 * hour, 6 * hour, day};
        plan_.length_ms = lengths[random_.below(5)];
        const bool long_sleep = random_.one_in(24);
        if (long_sleep) plan_.length_ms = 9 * day;
        for (int kind = 0; kind < troubles; ++kind) {
            if (random_.one_in(2) && Trouble(kind) != Trouble::asleep) plan_.allowed.push_back(Trouble(kind));
        }
        const bool calm = random_.one_in(10);  // a day on which nothing goes wrong
        if (calm) plan_.allowed.clear();
        if (!calm) weather();
        const auto arrivals = random_.between(2, 12);
        for (std::int64_t i = 1; i <= arrivals; ++i) plan_.arrivals.push_back(arrival(std::size_t(i)));
        const auto count = plan_.allowed.empty() ? 0 : random_.between(0, 10);
        for (std::int64_t i = 0; i < count; ++i) {
            plan_.misfortunes.push_back(misfortune());
            if (random_.one_in(3)) company(plan_.misfortunes.back());
        }
        if (!plan_.allowed.empty() && random_.one_in(3)) ordeal();
        if (long_sleep) sleep();
        rushes();
        WorstMoments(random_, plan_).draw();
        const auto by_time = [](const auto& a, const auto& b) { return a.at_ms < b.at_ms; };
        std::stable_sort(plan_.arrivals.begin(), plan_.arrivals.end(), by_time);
        std::stable_sort(plan_.misfortunes.begin(), plan_.misfortunes.end(), by_time);
        return plan_;
    }

   private:
    template <typename T>
    const T& pick(const std::vector<T>& of) {
        return of[random_.below(of.size())];
    }
    std::int64_t moment() { return some_moment(random_, plan_); }

    // Longer than what was done is remembered; and when it wakes, the store has been rebuilt.
    void sleep() {
        const std::string who = random_.one_in(3) ? "triage#1" : "probe#1";
        const auto from = random_.between(minute, 20 * minute);
        rush(from - random_.between(0, 10 * second), random_.between(1, 9 * second));
        add(Trouble::asleep, from, who, 8 * day);
        if (random_.one_in(2)) add(Trouble::redis_dies, 8 * day - hour, "", 0);
        if (random_.one_in(2)) add(Trouble::redis_dies, 8 * day + hour, "", 0);
        if (random_.one_in(2)) add(Trouble::crash, 8 * day + 2 * hour, "probe#1", second);
    }

    // Troubles seldom come alone: the same again, or another.
    void company(const Misfortune& first) {
        Misfortune next = random_.one_in(2) ? first : misfortune();
        next.at_ms = first.at_ms + random_.between(1, 5 * second);
        plan_.misfortunes.push_back(next);
    }

    void add(Trouble kind, std::int64_t at, const std::string& party, std::int64_t for_ms, std::int64_t amount = 0) {
        plan_.misfortunes.push_back({std::max<std::int64_t>(at, 0), kind, party, "", for_ms, amount});
    }

    // At the next such call of `by`, and so long after it.
    void add_upon(Call call, const std::string& by, std::int64_t at, Misfortune one) {
        one.at_ms = std::max<std::int64_t>(at, 0);
        one.upon = call;
        one.by = by;
        plan_.misfortunes.push_back(std::move(one));
    }

    // Troubles that are worse together than each alone, in the middle of a rush.
    void ordeal() {
        const auto at = moment();
        if (random_.one_in(2)) return ambush(at);
        const auto within = random_.between(1, random_.one_in(2) ? 100 : 4 * second);
        rush(at, within);
        switch (random_.below(7)) {
            case 0:  // rows may be written and not synced, and nothing else knows of them any more
                rush(at, 30);
                return add(Trouble::power_fails, at + random_.between(0, 30), "", random_.between(1, 4 * second));
            case 1:  // the store is lost again while it is being filled
                add(Trouble::redis_dies, at + random_.between(0, within), "", 0);
                add(Trouble::redis_dies, at + within + random_.between(1, second), "", 0);
                return rush(at + within, random_.between(1, second));
            case 2: {  // what was committed stays unjournalled for longer than anybody waits; then an opening is cut
                       // short
                const auto dies = at + within / 2;
                const auto away = random_.between(50 * second, 3 * minute);
                add(Trouble::crash, dies, "audit#1", away);
                return add(Trouble::crash_at_effect, dies + away + 1, "audit#1", random_.between(1, second),
                           random_.between(10, 40));
            }
            case 3:  // dies with reactions begun, and again
                for (int times = 0; times < 3; ++times)
                    add(Trouble::crash, at + random_.between(0, 15 * second), "probe#1", random_.between(1, second));
                return;
            case 4:  // commits on their way wait in it, with the heartbeat, until their time is over
                rush(at, 20, 400);
                return add(Trouble::redis_pauses, at + random_.between(0, 20), "",
                           random_.one_in(2) ? random_.between(500, 1'500) : random_.between(300, 9 * second));
            case 5:  // one instance goes on in the past
                add(Trouble::doubled, at - 9 * second, "probe", 5 * minute);
                add(Trouble::redis_splits, at + random_.between(0, within),
                    random_.one_in(2) ? "probe#1" : pick(processes), random_.between(10 * second, minute),
                    random_.between(0, second));
                return rush(at + within + random_.between(second, 20 * second), 10 * second);
            default:  // those who are not answered at once ask again, maybe elsewhere
                rush(at, 200, 400);
                add(Trouble::redis_fails_over, at + random_.between(0, 200) - second, "", 3 * second, second);
                return rush(at + 200, random_.between(1, second), 400);
        }
    }

    // Troubles that wait for the worst moment there is.
    void ambush(std::int64_t at) {
        const auto within = random_.between(1, second);
        rush(at, within, 400);
        switch (random_.below(6)) {
            case 0: {  // a row is written and not synced; audit is back, and has not got as far as the store
                const auto dark = random_.between(15 * second, 40 * second);
                add_upon(Call::append, "audit#1", at, {.kind = Trouble::crash, .party = "audit#1", .for_ms = 100});
                add_upon(Call::append, "audit#1", at, {.kind = Trouble::redis_pauses, .for_ms = dark});
                add_upon(Call::append, "audit#1", at,
                         {.kind = Trouble::crash,
                          .party = pick(services) + "#1",
                          .for_ms = 10,
                          .delay_ms = random_.between(second, 5 * second)});
                return add_upon(
                    Call::append, "audit#1", at,
                    {.kind = Trouble::power_fails, .for_ms = second, .delay_ms = random_.between(6 * second, dark)});
            }
            case 1:
            case 2:  // commits wait in it, and the heartbeat after them, until the time of all is over
                rush(at, within, 2 * second);
                return add_upon(Call::commit, "probe#1", at,
                                {.kind = Trouble::redis_pauses, .for_ms = random_.between(3 * second, 9 * second)});
            case 3:  // what was restored is lost before the hub is opened
                add(Trouble::redis_dies, at + random_.between(0, within), "", 0);
                add_upon(Call::open, "audit#1", at,
                         {.kind = random_.one_in(2) ? Trouble::redis_flushed : Trouble::redis_dies});
                return rush(at + within, random_.between(1, 3 * second));
            case 4:  // the process that takes over is of just before
                add_upon(Call::commit, "probe#1", at,
                         {.kind = Trouble::redis_fails_over,
                          .for_ms = random_.between(0, 3 * second),
                          .amount = random_.between(1, second)});
                return rush(at + within, random_.between(1, second), 400);
            default:  // two instances restore what was lost, and one's writes are long on their way
                add(Trouble::doubled, at - 9 * second, "probe", 5 * minute);
                add(Trouble::redis_dies, at + random_.between(0, within), "", 0);
                add_upon(Call::restore, random_.one_in(2) ? "probe#1" : "probe#2", at,
                         {.kind = Trouble::road_slow,
                          .party = random_.one_in(2) ? "probe#1" : "probe#2",
                          .other = "redis",
                          .for_ms = 1,
                          .amount = random_.between(100, 3 * second)});
                return rush(at + within, random_.between(second, 5 * second));
        }
    }

    void rush(std::int64_t at, std::int64_t within, std::int64_t attempt_most_ms = 2 * second) {
        plan_.rushes.push_back({std::max<std::int64_t>(at, 0), plan_.rushes.size() + 1,
                                std::size_t(random_.below(plan_hubs.size())), random_.between(2, 30), within,
                                attempt_most_ms});
    }
    void rushes() {
        const auto within = [&] { return random_.between(1, random_.one_in(2) ? 100 : 4 * second); };
        if (random_.one_in(2)) rush(moment(), within());
        for (const auto& one : plan_.misfortunes) {
            if (random_.one_in(3)) rush(one.at_ms - random_.between(-second, 3 * second), within());
        }
    }

    void weather() {
        if (random_.one_in(2)) plan_.weather.drop_one_in = random_.between(20, 400);
        if (random_.one_in(3)) plan_.weather.double_one_in = random_.between(10, 200);
        if (random_.one_in(2)) plan_.weather.slow_one_in = random_.between(10, 200);
        plan_.weather.slow_ms = random_.between(5, 3'000);
        plan_.weather_ms = std::min(plan_.length_ms, random_.between(minute, 30 * minute));
        if (random_.one_in(3)) plan_.drift_ppm_max = 150;
    }

    Arrival arrival(std::size_t number) {
        Arrival arrival;
        arrival.number = number;
        arrival.at_ms = moment();
        arrival.hub = random_.below(plan_hubs.size());
        const auto kind = random_.below(10);
        arrival.kind = kind < 4   ? Arrives::validation
                       : kind < 7 ? Arrives::validation_command
                       : kind < 9 ? Arrives::crew
                                  : Arrives::unreadable;
        arrival.breach_in_ms = random_.between(1 * minute, 40 * minute);
        if (random_.one_in(12)) arrival.breach_in_ms = -random_.between(1, hour);
        if (random_.one_in(8)) arrival.breach_in_ms = 0;
        arrival.journey =
            number > 1 && random_.one_in(5) ? std::size_t(random_.between(1, std::int64_t(number) - 1)) : number;
        arrival.endpoint = !random_.one_in(12);
        if (arrival.kind == Arrives::validation_command && random_.one_in(6)) {
            const auto poison = pick(std::vector{poison_react, poison_decide, poison_evolve});
            arrival.poison = std::string(poison == poison_evolve && number % 2 == 0 ? poison_later : poison);
        }
        if (random_.one_in(3)) arrival.again_ms.push_back(random_.between(1, 2 * second));
        if (random_.one_in(3))
            arrival.again_ms.push_back(random_.between(1, std::max<std::int64_t>(2, plan_.length_ms - arrival.at_ms)));
        if (random_.one_in(8)) arrival.cancel_ms = random_.between(1, 30 * minute);
        if (random_.one_in(8)) arrival.update_ms = random_.between(1, 30 * minute);
        if (arrival.kind != Arrives::unreadable) {
            const auto workers = random_.below(4);
            for (std::uint64_t i = 0; i < workers; ++i) arrival.workers.push_back(worker(number, i));
        }
        // By its number and not drawn, so that the seeds that are kept live the histories that they did.
        if (arrival.kind == Arrives::crew && number % 4 == 3 && !arrival.workers.empty()) {
            auto& steps = arrival.workers[0].steps;
            if (!steps.empty()) steps.insert(steps.begin() + 1, {1, Deed::scale_2});
        }
        vary(arrival);
        return arrival;
    }

    // Here and below by seed and number and not drawn, so that the other choices of a seed stay what they were.
    std::size_t share(std::size_t number, std::size_t of) const {
        return std::size_t((plan_.seed * 7 + number * 5) % of);
    }

    static bool asks_for_scale_2(const Arrival& arrival) {
        const auto& workers = arrival.workers;
        return std::any_of(workers.begin(), workers.end(), [](const Worker& worker) {
            return std::any_of(worker.steps.begin(), worker.steps.end(),
                               [](const Step& step) { return step.deed == Deed::scale_2; });
        });
    }

    // Who else asks, and for what.
    void vary(Arrival& arrival) const {
        const auto share_of = share(arrival.number, 12);
        if (arrival.kind == Arrives::validation) {
            if (share_of % 4 == 0 || share_of == 3) arrival.breach_in_ms = 0;
            if (share_of % 6 == 1) arrival.kind = Arrives::falls;
            if (share_of % 6 == 3) arrival.kind = Arrives::community;
            if (share_of % 6 == 5) arrival.kind = Arrives::referral_999;
        }
        if (arrival.kind != Arrives::crew || asks_for_scale_2(arrival)) return;
        if (share_of % 4 == 0) arrival.kind = Arrives::gp;
        if (share_of % 4 == 1) arrival.kind = Arrives::nhs_111;
        if (share_of % 4 == 2) arrival.kind = Arrives::community_nurse;
    }

    // Half are of the role that does for every case; a dispatcher may decide nothing.
    void cast(Worker& worker, std::size_t number, std::uint64_t i) const {
        constexpr const char* roles[] = {"ed-consultant", "ucr-clinician",       "home-treatment-nurse", "gp",
                                         "dispatcher",    "home-treatment-nurse"};
        const auto drawn = share(number + std::size_t(i) * 11, 12);
        if (drawn >= std::size(roles)) return;
        worker.role = roles[drawn];
        if (drawn == std::size(roles) - 1) worker.skill = "falls";
    }

    // Most do the usual; some do anything in any order.
    Worker worker(std::size_t number, std::uint64_t i) {
        Worker worker{"staff-" + std::to_string(number) + "-" + std::to_string(i), {}};
        cast(worker, number, i);
        const auto step = [&](Deed deed, std::int64_t most) {
            worker.steps.push_back({random_.between(1, most), deed});
        };
        if (random_.one_in(3)) {
            const auto count = random_.between(1, 8);
            for (std::int64_t k = 0; k < count; ++k)
                step(Deed(random_.below(std::uint64_t(Deed::read_queue) + 1)), 3 * minute);
            return worker;
        }
        if (random_.one_in(2)) step(Deed::sign_on, minute);
        step(random_.one_in(5) ? Deed::take_over : Deed::claim, 10 * minute);
        if (random_.one_in(5)) step(Deed::hand_over, minute);
        if (random_.one_in(20)) step(random_.one_in(2) ? Deed::withdraw : Deed::sign_off, minute);
        if (random_.one_in(3)) step(Deed::acknowledge, 3 * minute);
        if (random_.one_in(5)) step(Deed::transfer, minute);
        if (random_.one_in(20)) step(random_.one_in(2) ? Deed::withdraw_transfer : Deed::decline_transfer, minute);
        if (random_.one_in(3)) step(Deed::accept_transfer, 3 * minute);
        if (random_.one_in(6)) step(Deed::claim, minute);  // at the other hub, it may be
        if (random_.one_in(4)) step(Deed::promise_call, minute);
        if (random_.one_in(5)) step(Deed::ask_opinion, minute);
        if (random_.one_in(3)) step(Deed::contact, minute);
        if (random_.one_in(3)) step(Deed::renew, minute);
        if (random_.one_in(4)) step(Deed::reveal, minute);
        if (random_.one_in(5)) return worker;  // walks away: the claim lapses
        step(Deed::start, minute);
        if (random_.one_in(3)) step(Deed::note, minute);
        if (random_.one_in(4)) step(Deed::reach, 10 * minute);
        if (random_.one_in(8)) return worker;
        const auto end = random_.below(8);
        step(end < 4   ? Deed::decide
             : end < 6 ? Deed::decide_and_refer
                       : Deed::reject,
             random_.one_in(4) ? 10 * minute : minute);
        return worker;
    }

    Misfortune misfortune() {
        Misfortune one;
        one.kind = pick(plan_.allowed);
        one.at_ms = moment();
        one.party = pick(processes);
        constexpr std::int64_t whiles[] = {50, 2 * second, 20 * second, 70 * second, 10 * minute};
        one.for_ms = random_.between(1, whiles[random_.below(5)]);
        if (random_.one_in(4)) one.upon = Call(random_.below(calls));
        switch (one.kind) {
            case Trouble::crash_at_effect:
                one.amount = random_.between(0, 40);
                break;
            case Trouble::partition:
                one.other = random_.one_in(2) ? "redis" : pick(processes);
                if (random_.one_in(12)) one.for_ms = random_.between(hour, 3 * hour);
                break;
            case Trouble::road_slow:
                one.other = random_.one_in(2) ? "redis" : pick(processes);
                one.amount = random_.between(10, 3 * second);
                break;
            case Trouble::redis_fails_over:
                one.amount = random_.between(1, 2'000);  // how far the replica lags, ms
                one.for_ms = random_.one_in(2) ? 0 : random_.between(1, 3'000);
                break;
            case Trouble::redis_splits:
                one.amount = random_.between(0, second);
                one.for_ms = random_.between(second, minute);
                break;
            case Trouble::clock_steps:
                if (random_.one_in(3)) one.party = "redis";
                one.amount = random_.between(1, 2) == 1 ? random_.between(-hour, hour)
                                                        : random_.between(-5 * second, 5 * second);
                break;
            case Trouble::doubled:
            case Trouble::upgraded:
                one.party = pick(services);
                one.for_ms = random_.between(second, one.kind == Trouble::doubled ? hour : 3 * minute);
                break;
            case Trouble::disk_full:
            case Trouble::disk_fails:
                one.party = pick(plan_hubs);
                break;
            default:
                break;
        }
        return one;
    }

    SimRandom random_;
    Plan plan_;
};

}  // namespace

Plan draw_plan(std::uint64_t seed) {
    return Draw(seed).plan();
}

}  // namespace rightplace::sim
