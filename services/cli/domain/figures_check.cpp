#include "services/cli/domain/figures_check.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "messages/transfer.pb.h"

namespace rightplace::cli {
namespace {

constexpr TimeMs never = std::numeric_limits<TimeMs>::max();

struct Story {
    TimeMs came = never;
    TimeMs claimed = never;
    TimeMs gone = never;   // ended or transferred, and not back
    std::string how;       // "decided", "rejected", "cancelled", "transferred_away", "open"
    std::string decision;  // the pathway's name
    std::string plan;
    std::string category, origin;  // as it came, named as in the figures
    bool by_transfer = false, by_crew = false, breached = false, given_back = false, against = false;
};

TimeMs when(const Event& event) {
    const auto& at = event.has_occurred_at() ? event.occurred_at() : event.recorded_at();
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

template <typename T>
T payload_of(const Event& event) {
    T payload;
    payload.ParseFromString(event.payload().value());
    return payload;
}

void leave(Story& story, const Event& event, const char* how) {
    story.gone = when(event);
    story.how = how;
}

std::string small(std::string name) {
    for (char& sign : name) sign = sign >= 'A' && sign <= 'Z' ? char(sign + 32) : sign;
    return name;
}

void come(Story& story, const Event& event, const intake::CaseFacts& facts, bool by_transfer) {
    story.gone = never;
    story.how = "open";
    if (story.came != never) return;
    story.came = when(event);
    story.plan = facts.original_plan();
    story.by_transfer = by_transfer;
    story.by_crew = facts.origin() == intake::CREW_ON_SCENE;
    story.origin = small(intake::Origin_Name(facts.origin()));
    story.category = small(intake::Category_Name(facts.category()));
}

void come_by_transfer(Story& story, const Event& event, const triage::ReviewState& review) {
    const bool first = story.came == never;
    come(story, event, review.facts(), true);
    if (first && review.category() != 0) story.category = small(intake::Category_Name(review.category()));
}

void tell(Story& story, const Event& event) {
    const auto& url = event.payload().type_url();
    const auto name = url.substr(url.rfind('.') + 1);
    if (name == "ReviewQueued") return come(story, event, payload_of<triage::ReviewQueued>(event).facts(), false);
    if (name == "ReviewReceived") {
        return come_by_transfer(story, event, payload_of<triage::ReviewReceived>(event).review());
    }
    if (story.came == never) return;  // of a review that this record does not begin
    const bool takes = name == "ReviewTakenOver" && !payload_of<triage::ReviewTakenOver>(event).has_at();
    if ((name == "ReviewClaimed" || takes) && story.claimed == never) story.claimed = when(event);
    if (name == "ReviewBreached") {
        const auto breach = payload_of<triage::ReviewBreached>(event);
        if (breach.has_at()) return;
        story.breached = true;
        if (breach.returned()) story.given_back = true;
    }
    if (name == "ReturnNoted") story.given_back = true;
    if (name == "ReviewReturned" && !payload_of<triage::ReviewReturned>(event).has_at()) story.given_back = true;
    if (name == "ReviewDecided") {
        const auto decision = payload_of<triage::ReviewDecided>(event);
        if (decision.has_at()) return;
        leave(story, event, "decided");
        story.decision = triage::Pathway_Name(decision.pathway());
        story.against = decision.against_advice() != "";
    }
    if (name == "ReviewRejected" && !payload_of<triage::ReviewRejected>(event).has_at()) {
        leave(story, event, "rejected");
    }
    if (name == "ReviewCancelled" && !payload_of<triage::ReviewCancelled>(event).has_at()) {
        leave(story, event, "cancelled");
    }
    if (name == "ReviewReopened" && !payload_of<triage::ReviewReopened>(event).has_at()) {
        story.gone = never;
        story.how = "open";
    }
    if (name == "ReviewTransferred") leave(story, event, "transferred_away");
}

Story story_of(const std::string& case_id, const std::vector<Event>& record, TimeMs before) {
    Story story;
    for (const auto& event : record) {
        const bool about_it = event.aggregate_type() == "review" && event.aggregate_id() == case_id;
        if (about_it && when(event) < before) tell(story, event);
    }
    return story;
}

// A pathway's name however it is spelt; any other plan as it came.
std::string plan_in_one_spelling(const std::string& plan) {
    std::string same;
    for (const char sign : plan)
        same += sign == '-' || sign == ' ' ? '_' : sign >= 'a' && sign <= 'z' ? char(sign - 32) : sign;
    for (int number = 1; triage::Pathway_IsValid(number); ++number) {
        if (triage::Pathway_Name(triage::Pathway(number)) == same) return same;
    }
    return plan;
}

bool to_convey(const std::string& plan) {
    return plan_in_one_spelling(plan) == "CONVEY_TO_ED";
}

std::int64_t how_many(const std::vector<Story>& stories, const std::function<bool(const Story&)>& of) {
    return std::count_if(stories.begin(), stories.end(), of);
}

// The shortest wait that so many of a hundred do not exceed, found by trying every one.
void add_centile(Numbers& numbers, const std::string& name, const std::vector<std::pair<TimeMs, bool>>& waits,
                 std::int64_t of_hundred) {
    TimeMs least = never;
    for (const auto& candidate : waits) {
        std::int64_t within = 0;
        for (const auto& each : waits) within += each.first <= candidate.first ? 1 : 0;
        if (within * 100 >= std::int64_t(waits.size()) * of_hundred) least = std::min(least, candidate.first);
    }
    std::int64_t growing = 0;
    for (const auto& [ms, goes_on] : waits) growing += goes_on && ms <= least ? 1 : 0;
    numbers.emplace_back(name + "_ms", waits.empty() ? -1 : least);
    numbers.emplace_back(name + "_at_least", growing > 0 ? 1 : 0);
}

void add_waits(Numbers& numbers, const std::string& name, const std::vector<Story>& stories, TimeMs until,
               const std::function<TimeMs(const Story&)>& had_at) {
    std::int64_t had = 0, left = 0, still = 0;
    std::vector<std::pair<TimeMs, bool>> waits;
    for (const auto& story : stories) {
        TimeMs upto = until;
        if (had_at(story) != never) {
            ++had;
            upto = had_at(story);
        } else if (story.gone != never) {
            ++left;
            upto = story.gone;
        } else {
            ++still;
        }
        const bool goes_on = had_at(story) == never && story.gone == never;
        waits.emplace_back(upto < story.came ? 0 : upto - story.came, goes_on);
    }
    numbers.emplace_back(name + "_had", had);
    numbers.emplace_back(name + "_left_without", left);
    numbers.emplace_back(name + "_still_waiting", still);
    add_centile(numbers, name + "_median", waits, 50);
    add_centile(numbers, name + "_centile_90", waits, 90);
}

void add_decisions(Numbers& numbers, const std::vector<Story>& stories) {
    for (int number = 1; triage::Pathway_IsValid(number); ++number) {
        const auto pathway = triage::Pathway_Name(triage::Pathway(number));
        numbers.emplace_back("decided_" + small(pathway), how_many(stories, [&](const Story& story) {
                                 return story.how == "decided" && story.decision == pathway;
                             }));
    }
}

void add_crews(Numbers& numbers, const std::vector<Story>& stories, TimeMs until) {
    std::int64_t decided = 0, waiting = 0;
    TimeMs decided_ms = 0, waiting_ms = 0, left_ms = 0;
    for (const auto& story : stories) {
        if (!story.by_crew) continue;
        const TimeMs upto = story.gone == never ? until : story.gone;
        const TimeMs waited = upto < story.came ? 0 : upto - story.came;
        if (story.how == "open") {
            ++waiting;
            waiting_ms += waited;
        } else if (story.how == "decided") {
            ++decided;
            decided_ms += waited;
        } else {
            left_ms += waited;
        }
    }
    numbers.emplace_back("crew_decided", decided);
    numbers.emplace_back("crew_still_waiting", waiting);
    numbers.emplace_back("crew_decided_ms", decided_ms);
    numbers.emplace_back("crew_on_scene_ms", decided_ms + waiting_ms + left_ms);
}

void add_plans(Numbers& numbers, const std::vector<Story>& stories) {
    std::map<std::string, std::int64_t> pairs;
    for (const auto& story : stories) {
        const auto end = story.how == "decided" ? "decided_" + small(story.decision) : story.how;
        ++pairs["plan." + plan_in_one_spelling(story.plan) + "." + end];
    }
    numbers.insert(numbers.end(), pairs.begin(), pairs.end());
}

Numbers numbers_of(const std::vector<Story>& stories, TimeMs until) {
    Numbers numbers{{"contacts", std::int64_t(stories.size())}};
    const auto add = [&](const std::string& name, const std::function<bool(const Story&)>& of) {
        numbers.emplace_back(name, how_many(stories, of));
    };
    add("received_by_transfer", [](const Story& story) { return story.by_transfer; });
    add("crew_contacts", [](const Story& story) { return story.by_crew; });
    add("breached", [](const Story& story) { return story.breached; });
    add("given_back", [](const Story& story) { return story.given_back; });
    for (const std::string how : {"decided", "rejected", "cancelled", "transferred_away", "open"}) {
        add(how, [&](const Story& story) { return story.how == how; });
    }
    add("planned_to_convey", [](const Story& story) { return to_convey(story.plan); });
    add("conveyance_avoided", [](const Story& story) {
        const bool goes_to_ed = story.decision == "CONVEY_TO_ED" || story.decision == "AMBULANCE_RESPONSE";
        return to_convey(story.plan) && story.how == "decided" && !goes_to_ed;
    });
    add("decided_against_advice", [](const Story& story) { return story.how == "decided" && story.against; });
    add_crews(numbers, stories, until);
    add_decisions(numbers, stories);
    add_waits(numbers, "claim", stories, until, [](const Story& story) { return story.claimed; });
    add_waits(numbers, "decision", stories, until,
              [](const Story& story) { return story.how == "decided" ? story.gone : never; });
    add_plans(numbers, stories);
    return numbers;
}

// London's hour without its clock: an hour ahead of UTC from the last Sunday of March, 01:00 UTC, to that of October.
int hour_in_london(TimeMs at) {
    using namespace std::chrono;
    const sys_time<milliseconds> moment{milliseconds{at}};
    const auto year = year_month_day{floor<days>(moment)}.year();
    const auto turn = [&](month of) { return sys_days{year / of / Sunday[last]} + 1h; };
    const bool summer = moment >= turn(March) && moment < turn(October);
    const auto hours_since = at / 3'600'000 + (summer ? 1 : 0);
    return int(hours_since % 24);
}

}  // namespace

Numbers recount(const std::vector<Event>& record, const Period& period, TimeMs now) {
    TimeMs known = now;
    std::set<std::string> cases;
    for (const auto& event : record) {
        known = std::max(known, to_ms(event.recorded_at()) + 1);
        if (event.aggregate_type() == "review") cases.insert(event.aggregate_id());
    }
    const TimeMs before = period.to ? *period.to : never;
    const TimeMs until = std::min(before, known);
    std::vector<Story> stories;
    std::set<std::string> groups;
    const auto groups_of = [](const Story& story) {
        return std::vector<std::string>{"", "category." + story.category + ".", "origin." + story.origin + ".",
                                        "hour." + std::to_string(hour_in_london(story.came)) + "."};
    };
    groups.insert("");
    for (const auto& case_id : cases) {
        const auto story = story_of(case_id, record, before);
        if (story.came == never || (period.from && story.came < *period.from)) continue;
        stories.push_back(story);
        for (const auto& group : groups_of(story)) groups.insert(group);
    }
    Numbers numbers;
    for (const auto& group : groups) {
        std::vector<Story> members;
        for (const auto& story : stories) {
            const auto of = groups_of(story);
            if (std::count(of.begin(), of.end(), group) > 0) members.push_back(story);
        }
        for (const auto& [name, value] : numbers_of(members, until)) numbers.emplace_back(group + name, value);
    }
    return numbers;
}

std::vector<std::string> differences(const Numbers& counted, const Numbers& again) {
    std::vector<std::string> all;
    const std::map<std::string, std::int64_t> first(counted.begin(), counted.end());
    const std::map<std::string, std::int64_t> second(again.begin(), again.end());
    for (const auto& [name, value] : first) {
        const auto other = second.find(name);
        const auto said = other == second.end() ? "nothing" : std::to_string(other->second);
        if (said != std::to_string(value))
            all.push_back(name + ": " + std::to_string(value) + ", counted again " + said);
    }
    for (const auto& [name, value] : second) {
        if (!first.contains(name)) all.push_back(name + ": missing, counted again " + std::to_string(value));
    }
    return all;
}

}  // namespace rightplace::cli
