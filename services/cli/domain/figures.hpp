// Figures of a hub, from its record alone: one entry for each review, and what the entries come to.
//
// A contact is a review that was queued here or received from another hub: once, however often it was given away and
// came back. It belongs to the period in which it came; what happened at or after the period's end is left out, so that
// the figures of a past period stay what they were. What another hub did with a case of ours (`at`) is that hub's.
//
// Waiting times count everybody. Whoever waits still counts with the time until the period's end, and whoever left
// without it (rejected, cancelled, transferred away) with the time until they left: without them the longest waits
// would be the ones that do not count. A centile is the waiting time of the nearest rank among all of these. Where
// somebody who waits still counts at or below it, their waiting may raise it and nothing lowers it: it is "at least".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/time.hpp"
#include "messages/envelope.pb.h"
#include "messages/intake.pb.h"
#include "messages/triage.pb.h"

namespace rightplace::cli {

struct Period {
    std::optional<TimeMs> from;  // whoever came at or after this
    std::optional<TimeMs> to;    // and before this
};

enum class Ending { open, decided, rejected, cancelled, transferred };

struct Contact {
    intake::Origin origin = intake::ORIGIN_UNSPECIFIED;
    intake::Category category = intake::CATEGORY_UNSPECIFIED;  // when it came
    std::string plan;                                          // the sender's, before any advice
    bool received = false;                                     // from another hub
    TimeMs came = 0;
    std::optional<TimeMs> claimed;  // the first time
    std::optional<TimeMs> ended;    // or transferred away
    Ending ending = Ending::open;
    triage::Pathway pathway = triage::PATHWAY_UNSPECIFIED;
    bool against_advice = false;  // so decided, though the policy did not offer it
    bool breached = false;
    bool given_back = false;  // to the sender, at breach
};

struct Centile {
    std::optional<TimeMs> ms;  // none: nobody counts
    bool at_least = false;
};
struct Waiting {
    std::uint64_t over = 0;   // they have it
    std::uint64_t left = 0;   // they left without it
    std::uint64_t still = 0;  // they wait
    Centile median;
    Centile centile_90;
};

// Crews on scene, from contact until the hub has decided or does not have them any more: whoever waits still counts
// with the time so far.
struct CrewTime {
    std::uint64_t contacts = 0;
    std::uint64_t decided = 0;
    std::uint64_t still = 0;  // they wait
    TimeMs decided_ms = 0;    // of those decided
    TimeMs on_scene_ms = 0;   // of all
};

// How a contact ended; the pathway only where it was decided.
using End = std::pair<Ending, triage::Pathway>;

struct Group {
    std::uint64_t contacts = 0;
    std::uint64_t received = 0;
    Waiting to_claim;
    Waiting to_decision;
    std::uint64_t breached = 0;
    std::uint64_t given_back = 0;
    std::map<Ending, std::uint64_t> endings;
    std::map<triage::Pathway, std::uint64_t> pathways;  // of those decided
    std::uint64_t planned_to_convey = 0;
    std::uint64_t conveyance_avoided = 0;
    std::uint64_t against_advice = 0;  // of those decided
    std::map<std::string, std::map<End, std::uint64_t>> plans;
    CrewTime crews;
};

struct Figures {
    std::optional<TimeMs> from;
    TimeMs until = 0;  // up to when waiting is counted
    Group all;
    std::map<intake::Category, Group> by_category;
    std::map<intake::Origin, Group> by_origin;
    std::map<int, Group> by_hour;  // of arrival, Europe/London
};

// Takes the record's events in order. Its end is the period's; without one the later of `now` and the record's end.
class Tally {
   public:
    explicit Tally(Period period) : period_(period) {}
    void add(const Event& event);
    Figures figures(TimeMs now) const;

   private:
    void begin(const Event& event, const intake::CaseFacts& facts, intake::Category category, bool received);
    void apply(const Event& event, Contact& contact) const;
    Period period_;
    TimeMs record_end_ = 0;
    std::map<std::string, Contact> contacts_;  // by case
};

// The sender's plan in one spelling: a pathway's name ("CONVEY_TO_ED"), or the code as it came.
std::string plan_name(const std::string& plan);
bool plans_to_convey(const Contact& contact);
bool avoided_conveyance(const Contact& contact);

// What is told of a group, by name; and of a hub's groups, each name after its group's ("category.c3.breached"), those
// of all without any, and of the plans only the ends that there were.
using Numbers = std::vector<std::pair<std::string, std::int64_t>>;
Numbers headline(const Group& group);
Numbers every_number(const Figures& figures);

std::string lower(std::string name);  // of an enum's value, as it stands in JSON
std::string end_name(const End& end);

}  // namespace rightplace::cli
