#include "services/cli/domain/figures_check.hpp"

#include <algorithm>
#include <functional>
#include <limits>
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
    bool by_transfer = false, by_crew = false, breached = false, given_back = false;
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

void come(Story& story, const Event& event, const intake::CaseFacts& facts, bool by_transfer) {
    story.gone = never;
    story.how = "open";
    if (story.came != never) return;
    story.came = when(event);
    story.plan = facts.original_plan();
    story.by_transfer = by_transfer;
    story.by_crew = facts.origin() == intake::CREW_ON_SCENE;
}

void tell(Story& story, const Event& event) {
    const auto& url = event.payload().type_url();
    const auto name = url.substr(url.rfind('.') + 1);
    if (name == "ReviewQueued") return come(story, event, payload_of<triage::ReviewQueued>(event).facts(), false);
    if (name == "ReviewReceived") {
        return come(story, event, payload_of<triage::ReviewReceived>(event).review().facts(), true);
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
    if (name == "ReviewReturned" && !payload_of<triage::ReviewReturned>(event).has_at()) story.given_back = true;
    if (name == "ReviewDecided") {
        const auto decision = payload_of<triage::ReviewDecided>(event);
        if (decision.has_at()) return;
        leave(story, event, "decided");
        story.decision = triage::Pathway_Name(decision.pathway());
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

bool to_convey(const std::string& plan) {
    std::string same;
    for (const char sign : plan)
        same += sign == '-' || sign == ' ' ? '_' : sign >= 'a' && sign <= 'z' ? sign - 32 : sign;
    return same == "CONVEY_TO_ED";
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
        std::string name = "decided_";
        for (const char sign : pathway) name += sign >= 'A' && sign <= 'Z' ? char(sign + 32) : sign;
        numbers.emplace_back(name, how_many(stories, [&](const Story& story) {
                                 return story.how == "decided" && story.decision == pathway;
                             }));
    }
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
    std::vector<Story> stories;
    for (const auto& case_id : cases) {
        const auto story = story_of(case_id, record, before);
        const bool too_early = period.from && story.came < *period.from;
        if (story.came != never && !too_early) stories.push_back(story);
    }
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
    add("crew_decided", [](const Story& story) { return story.by_crew && story.how == "decided"; });
    TimeMs crew_ms = 0;
    for (const auto& story : stories) {
        if (story.by_crew && story.how == "decided" && story.gone > story.came) crew_ms += story.gone - story.came;
    }
    numbers.emplace_back("crew_total_ms", crew_ms);
    add_decisions(numbers, stories);
    const TimeMs until = std::min(before, known);
    add_waits(numbers, "claim", stories, until, [](const Story& story) { return story.claimed; });
    add_waits(numbers, "decision", stories, until,
              [](const Story& story) { return story.how == "decided" ? story.gone : never; });
    return numbers;
}

std::vector<std::string> differences(const Numbers& counted, const Numbers& again) {
    std::vector<std::string> all;
    const auto find = [](const Numbers& in, const std::string& name) {
        return std::find_if(in.begin(), in.end(), [&](const auto& each) { return each.first == name; });
    };
    for (const auto& [name, value] : counted) {
        const auto other = find(again, name);
        const auto said = other == again.end() ? "nothing" : std::to_string(other->second);
        if (said != std::to_string(value))
            all.push_back(name + ": " + std::to_string(value) + ", counted again " + said);
    }
    for (const auto& [name, value] : again) {
        if (find(counted, name) == counted.end()) {
            all.push_back(name + ": missing, counted again " + std::to_string(value));
        }
    }
    return all;
}

}  // namespace rightplace::cli
