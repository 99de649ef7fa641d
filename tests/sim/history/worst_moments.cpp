#include "tests/sim/history/worst_moments.hpp"

#include <algorithm>

namespace rightplace::sim {
namespace {

constexpr std::int64_t second = 1'000, minute = 60 * second;

}  // namespace

std::int64_t some_moment(SimRandom& random, const Plan& plan) {
    return random.between(0, std::min(plan.length_ms, random.one_in(3) ? plan.length_ms : 15 * minute));
}

void WorstMoments::draw() {
    if (random_.one_in(8)) call_as_it_falls_due();
    if (random_.one_in(8)) breach_after_take_over();
    if (random_.one_in(3)) attended();
    if (random_.one_in(8)) text_before_its_key();
    if (random_.one_in(8)) acceptance_that_crosses();
    if (!random_.one_in(3)) second_thoughts();
    if (random_.one_in(4)) taken_back_at_breach();
    if (random_.one_in(3)) differing_views();
}

void WorstMoments::add(Trouble kind, std::int64_t at, const std::string& party, std::int64_t for_ms) {
    plan_.misfortunes.push_back({std::max<std::int64_t>(at, 0), kind, party, "", for_ms, 0});
}

// Hubs that close, and people who come and go: cases come when nobody is there, and are left by the last one to go.
void WorstMoments::attended() {
    for (std::size_t i = 0; i < plan_hubs.size(); ++i) {
        const auto closed = random_.one_in(2) ? random_.between(1, 12 * 60) * minute : 0;
        const bool in_force = !random_.one_in(4);
        const auto closes = moment() + minute;
        plan_.attended.push_back({in_force, closes, closed, (plan_.seed + i) % 2 == 0});
    }
    for (auto& arrival : plan_.arrivals) {
        for (auto& worker : arrival.workers) {
            if (worker.steps.empty() || random_.one_in(3)) continue;
            worker.steps.insert(worker.steps.begin(), {random_.between(0, 2 * minute), Deed::sign_on});
            const auto stays = std::ptrdiff_t(1 + random_.below(worker.steps.size()));
            if (random_.one_in(3))
                worker.steps.insert(worker.steps.begin() + stays, {random_.between(0, 5 * minute), Deed::sign_off});
        }
    }
}

Arrival& WorstMoments::one_more(Arrives kind, std::int64_t at, std::int64_t breach_in) {
    Arrival one;
    one.number = one.journey = plan_.arrivals.size() + 1;
    one.at_ms = at;
    one.hub = random_.below(plan_hubs.size());
    one.kind = kind;
    one.breach_in_ms = breach_in;
    for (const auto* i : {"0", "1"}) one.workers.push_back({"staff-" + std::to_string(one.number) + "-" + i, {}});
    plan_.arrivals.push_back(one);
    return plan_.arrivals.back();
}

// The patient is reached, or the review decided, when the promised call is due and its timer has not looked yet.
void WorstMoments::call_as_it_falls_due() {
    constexpr std::int64_t due_in = promised_call_minutes * minute, looks_within = 100, claimed_before = 30 * second;
    const auto at = moment();
    const auto kind = random_.one_in(2) ? Arrives::crew : Arrives::validation_command;
    auto& steps = one_more(kind, at, random_.between(20 * minute, 40 * minute)).workers.front().steps;
    const auto begins = random_.between(second, minute);
    const auto off = [&] { return random_.between(-looks_within / 2, looks_within); };
    steps.push_back({begins, Deed::promise_call});
    steps.push_back({due_in + off(), Deed::reach});
    steps.push_back({second, Deed::promise_call});
    steps.push_back({due_in + off(), Deed::reach});
    steps.push_back({second, Deed::promise_call});
    steps.push_back({due_in - claimed_before, Deed::claim});
    steps.push_back({claimed_before + off(), Deed::decide});
    if (plan_.allowed.empty() || random_.one_in(2)) return;
    add(Trouble::crash, at + begins + due_in - random_.between(0, 5 * second), "triage#1",
        random_.between(second, 10 * second));
}

// Taken over in mid-consultation by somebody who begins none; and over the breach, which comes before that claim
// lapses, nobody is there but the adapter to tell the sender.
void WorstMoments::breach_after_take_over() {
    const auto at = std::min(std::max(moment(), plan_.weather_ms + minute), plan_.length_ms - 5 * minute);
    auto& one = one_more(Arrives::validation, at, random_.between(100 * second, 150 * second));
    one.workers[0].steps = {{random_.between(second, 10 * second), Deed::claim},
                            {random_.between(second, 5 * second), Deed::start}};
    one.workers[1].steps = {{random_.between(30 * second, 60 * second), Deed::take_over}};
    if (plan_.allowed.empty()) return;
    add(Trouble::crash, at + one.breach_in_ms - random_.between(0, 20 * second),
        random_.one_in(2) ? "audit#1" : "triage#1", random_.between(30 * second, 3 * minute));
}

// A text names the key that the adapter is about to give to its first case; and the adapter forgets what it held.
void WorstMoments::text_before_its_key() {
    const auto at = random_.between(0, 3 * second);
    one_more(Arrives::validation_command, at, 30 * minute).workers[0].steps = {{2 * second, Deed::note}};
    auto& one = one_more(Arrives::validation, at + 5 * second, random_.between(10 * minute, 40 * minute));
    one.workers[0].steps = {{20 * second, Deed::claim}, {30 * second, Deed::decide}};
    if (!plan_.allowed.empty()) add(Trouble::crash, at + random_.between(10 * second, 40 * second), "bars#1", second);
}

// What is on the record comes late to triage: one hub accepts a case when the other already works on it; or triage dies
// between the acceptance and the letting go, until after that was due.
void WorstMoments::acceptance_that_crosses() {
    if (plan_.allowed.empty()) return;
    const auto at = moment();
    const auto late = random_.between(300, second), accepts = 30 * second;
    auto& one = one_more(Arrives::crew, at, random_.between(20 * minute, 40 * minute));
    one.workers[0].steps = {{10 * second, Deed::transfer}};
    one.workers[1].steps = {{accepts, Deed::accept_transfer}};
    auto slow = Misfortune{.at_ms = at + 20 * second, .kind = Trouble::road_slow, .party = "triage#1"};
    slow.other = "audit#1";
    slow.for_ms = 20 * second;
    slow.amount = late;
    plan_.misfortunes.push_back(slow);
    // Who accepts signs on first, and waits for the answer.
    const auto accepted = accepts + late;
    if (random_.one_in(2)) {
        const auto crosses = accepted - 10 * second + random_.between(-late, 2 * late);
        one.workers[0].steps.push_back({crosses, random_.one_in(3) ? Deed::withdraw_transfer : Deed::claim});
    } else {
        add(Trouble::crash, at + accepted + random_.between(0, 2 * late), "triage#1",
            random_.between(65 * second, 100 * second));
    }
}

// People who take back what they have just decided, or what a colleague has, and decide again, or do not.
void WorstMoments::second_thoughts() {
    for (auto& arrival : plan_.arrivals) {
        for (auto& worker : arrival.workers) {
            if (worker.steps.empty() || random_.one_in(2)) continue;
            const auto last = worker.steps.back().deed;
            const bool ends = last == Deed::decide || last == Deed::decide_and_refer || last == Deed::reject;
            if (!ends) continue;
            const bool undoes = !random_.one_in(3);
            auto& again = random_.one_in(3) ? arrival.workers[random_.below(arrival.workers.size())] : worker;
            again.steps.push_back(
                {random_.between(1, undoes ? 6 * minute : 30 * minute), undoes ? Deed::undo : Deed::reopen});
            if (!undoes && !random_.one_in(3)) again.steps.push_back({random_.between(1, minute), Deed::claim});
            if (random_.one_in(4)) again.steps.push_back({random_.between(1, minute), Deed::release});
            if (random_.one_in(3)) continue;
            again.steps.push_back({random_.between(1, 2 * minute), random_.one_in(2) ? Deed::decide : last});
        }
    }
}

// Decided in time, and taken back about the breach time; nobody decides again, and the sender must be told.
void WorstMoments::taken_back_at_breach() {
    const auto at = std::min(std::max(moment(), plan_.weather_ms + minute), plan_.length_ms - 6 * minute);
    const auto breach_in = random_.between(100 * second, 200 * second);
    auto& steps = one_more(Arrives::validation, at, breach_in).workers.front().steps;
    const auto decided = random_.between(5 * second, 30 * second);
    const auto early = random_.one_in(2);
    const auto back =
        early ? random_.between(second, 40 * second) : breach_in - decided + random_.between(-2 * second, 2 * second);
    steps = {{decided / 2, Deed::claim},
             {decided / 2, random_.one_in(4) ? Deed::reject : Deed::decide},
             {back, random_.one_in(2) ? Deed::reopen : Deed::undo}};
    if (random_.one_in(2)) steps.push_back({random_.between(1, 10 * second), Deed::release});
    if (plan_.allowed.empty() || random_.one_in(2)) return;
    constexpr const char* parties[] = {"triage#1", "referral#1", "intake#1", "bars#1"};
    add(Trouble::crash, at + decided + back + random_.between(-second, second), parties[random_.below(4)],
        random_.between(second, 30 * second));
}

// A case whose urgency changes again and again, by whoever may and whoever may not; on which others are heard; and
// which is decided against advice, taken back or closed, under rules that are adopted meanwhile.
void WorstMoments::differing_views() {
    auto& one = one_more(random_.one_in(2) ? Arrives::validation_command : Arrives::crew, moment(),
                         random_.between(10 * minute, 40 * minute));
    const auto step = [&](Worker& who, Deed deed, std::int64_t most) {
        who.steps.push_back({random_.between(1, most), deed});
    };
    auto& decides = one.workers[0];
    step(decides, Deed::claim, minute);
    if (random_.one_in(2)) step(decides, Deed::ask_opinion, minute);
    if (random_.one_in(2)) step(decides, Deed::read_pathways, minute);
    step(decides, random_.one_in(2) ? Deed::downgrade : Deed::escalate, minute);
    step(decides, random_.one_in(2) ? Deed::decide_and_refer : Deed::decide, 5 * minute);
    decides.steps.back().pathway = triage::UCR;
    decides.steps.back().against_advice = true;
    if (random_.one_in(3)) step(decides, Deed::undo, minute);
    if (random_.one_in(3)) step(decides, Deed::close, 2 * minute);
    if (random_.one_in(4)) step(decides, Deed::reopen, 2 * minute);
    if (random_.one_in(4)) step(decides, Deed::close, minute);
    auto& other = one.workers[1];
    other.role = random_.one_in(2) ? "dispatcher" : "ed-consultant";
    constexpr Deed says[] = {Deed::escalate,  Deed::downgrade,   Deed::give_opinion, Deed::ask_opinion,
                             Deed::read_next, Deed::downgrade,   Deed::adopt_policy, Deed::close,
                             Deed::transfer,  Deed::give_opinion};
    const auto count = random_.between(2, 7);
    for (std::int64_t i = 0; i < count; ++i) step(other, says[random_.below(std::size(says))], 3 * minute);
    one.workers.push_back({"staff-" + std::to_string(one.number) + "-2", {}});
    step(one.workers.back(), Deed::give_opinion, 3 * minute);
    if (random_.one_in(3)) step(one.workers.back(), Deed::accept_transfer, 3 * minute);
    if (random_.one_in(3)) step(one.workers.back(), Deed::give_opinion, 3 * minute);
}

}  // namespace rightplace::sim
