#include "services/cli/domain/figures.hpp"

#include <algorithm>
#include <cctype>

#include "messages/transfer.pb.h"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {
namespace {

TimeMs happened(const Event& event) {  // work written up later counts from when it was done
    return to_ms(event.has_occurred_at() ? event.occurred_at() : event.recorded_at());
}

template <typename T>
bool is(const Event& event, T& payload) {
    return event.payload().UnpackTo(&payload);
}

void end(Contact& contact, Ending ending, TimeMs at) {
    contact.ending = ending;
    contact.ended = at;
}

// As if it had not ended: its wait goes on.
void go_on(Contact& contact) {
    contact.ending = Ending::open;
    contact.ended.reset();
}

// One patient's wait for something: how long so far, and whether it goes on.
struct Wait {
    TimeMs ms = 0;
    bool still = false;
};

Centile centile(std::vector<Wait>& waits, std::size_t percent) {
    if (waits.empty()) return {};
    const auto rank = (waits.size() * percent + 99) / 100;
    std::sort(waits.begin(), waits.end(), [](const Wait& a, const Wait& b) { return a.ms < b.ms; });
    const TimeMs ms = waits[rank - 1].ms;
    const bool at_least =
        std::any_of(waits.begin(), waits.end(), [ms](const Wait& each) { return each.still && each.ms <= ms; });
    return {ms, at_least};
}

Waiting waiting(const std::vector<const Contact*>& contacts, TimeMs until,
                std::optional<TimeMs> (*had)(const Contact&)) {
    Waiting sum;
    std::vector<Wait> waits;
    for (const auto* contact : contacts) {
        const auto at = had(*contact);
        (at ? sum.over : contact->ended ? sum.left : sum.still) += 1;
        const TimeMs upto = at ? *at : contact->ended.value_or(until);
        waits.push_back({std::max<TimeMs>(upto - contact->came, 0), !at && !contact->ended});
    }
    sum.median = centile(waits, 50);
    sum.centile_90 = centile(waits, 90);
    return sum;
}

std::optional<TimeMs> claimed_at(const Contact& contact) {
    return contact.claimed;
}
std::optional<TimeMs> decided_at(const Contact& contact) {
    return contact.ending == Ending::decided ? contact.ended : std::nullopt;
}

void add_crew(CrewTime& sum, const Contact& contact, TimeMs until) {
    if (contact.origin != intake::CREW_ON_SCENE) return;
    ++sum.contacts;
    const auto waited = std::max<TimeMs>(contact.ended.value_or(until) - contact.came, 0);
    sum.on_scene_ms += waited;
    if (!contact.ended) ++sum.still;
    if (contact.ending != Ending::decided) return;
    ++sum.decided;
    sum.decided_ms += waited;
}

Group group(const std::vector<const Contact*>& contacts, TimeMs until) {
    Group sum;
    sum.contacts = contacts.size();
    sum.to_claim = waiting(contacts, until, claimed_at);
    sum.to_decision = waiting(contacts, until, decided_at);
    for (const auto* contact : contacts) {
        const bool decided = contact->ending == Ending::decided;
        sum.received += contact->received ? 1 : 0;
        sum.breached += contact->breached ? 1 : 0;
        sum.given_back += contact->given_back ? 1 : 0;
        sum.endings[contact->ending] += 1;
        if (decided) sum.pathways[contact->pathway] += 1;
        sum.planned_to_convey += plans_to_convey(*contact) ? 1 : 0;
        sum.conveyance_avoided += avoided_conveyance(*contact) ? 1 : 0;
        sum.against_advice += decided && contact->against_advice ? 1 : 0;
        const auto to = decided ? contact->pathway : triage::PATHWAY_UNSPECIFIED;
        ++sum.plans[plan_name(contact->plan)][{contact->ending, to}];
        add_crew(sum.crews, *contact, until);
    }
    return sum;
}

template <typename Key, typename KeyOf>
std::map<Key, Group> groups(const std::vector<const Contact*>& contacts, TimeMs until, KeyOf key_of) {
    std::map<Key, std::vector<const Contact*>> parts;
    for (const auto* contact : contacts) parts[key_of(*contact)].push_back(contact);
    std::map<Key, Group> all;
    for (const auto& [key, part] : parts) all[key] = group(part, until);
    return all;
}

int london_hour(TimeMs at) {
    return london_clock(at).minute / 60;
}

}  // namespace

void Tally::begin(const Event& event, const intake::CaseFacts& facts, intake::Category category, bool received) {
    const auto [at, first] = contacts_.try_emplace(event.aggregate_id());
    Contact& contact = at->second;
    if (!first) return go_on(contact);  // given back to this hub: the same contact
    contact.origin = facts.origin();
    contact.category = category == intake::CATEGORY_UNSPECIFIED ? facts.category() : category;
    contact.plan = facts.original_plan();
    contact.received = received;
    contact.came = happened(event);
}

void Tally::apply(const Event& event, Contact& contact) const {
    const TimeMs at = happened(event);
    triage::ReviewTakenOver taken;
    const bool claims = event.payload().Is<triage::ReviewClaimed>() || (is(event, taken) && !taken.has_at());
    if (claims && !contact.claimed) contact.claimed = at;
    triage::ReviewBreached breached;
    if (is(event, breached) && !breached.has_at()) {
        contact.breached = true;
        contact.given_back = contact.given_back || breached.returned();
    }
    triage::ReviewReturned returned;
    if (is(event, returned) && !returned.has_at()) contact.given_back = true;
    if (event.payload().Is<triage::ReturnNoted>()) contact.given_back = true;
    triage::ReviewDecided decided;
    if (is(event, decided) && !decided.has_at()) {
        end(contact, Ending::decided, at);
        contact.pathway = decided.pathway();
        contact.against_advice = !decided.against_advice().empty();
    }
    triage::ReviewRejected rejected;
    if (is(event, rejected) && !rejected.has_at()) end(contact, Ending::rejected, at);
    triage::ReviewCancelled cancelled;
    if (is(event, cancelled) && !cancelled.has_at()) end(contact, Ending::cancelled, at);
    if (event.payload().Is<triage::ReviewTransferred>()) end(contact, Ending::transferred, at);
    triage::ReviewReopened reopened;
    if (is(event, reopened) && !reopened.has_at()) go_on(contact);
}

void Tally::add(const Event& event) {
    record_end_ = std::max(record_end_, to_ms(event.recorded_at()) + 1);
    if (event.aggregate_type() != "review" || (period_.to && happened(event) >= *period_.to)) return;
    triage::ReviewQueued queued;
    if (is(event, queued)) return begin(event, queued.facts(), queued.facts().category(), false);
    triage::ReviewReceived received;
    if (is(event, received)) return begin(event, received.review().facts(), received.review().category(), true);
    const auto found = contacts_.find(event.aggregate_id());
    if (found != contacts_.end()) apply(event, found->second);
}

Figures Tally::figures(TimeMs now) const {
    Figures figures;
    figures.from = period_.from;
    const TimeMs known = std::max(now, record_end_);
    figures.until = std::min(period_.to.value_or(known), known);
    std::vector<const Contact*> contacts;
    for (const auto& [id, contact] : contacts_) {
        if (!period_.from || contact.came >= *period_.from) contacts.push_back(&contact);
    }
    const TimeMs until = figures.until;
    figures.all = group(contacts, until);
    figures.by_category =
        groups<intake::Category>(contacts, until, [](const Contact& contact) { return contact.category; });
    figures.by_origin = groups<intake::Origin>(contacts, until, [](const Contact& contact) { return contact.origin; });
    figures.by_hour = groups<int>(contacts, until, [](const Contact& contact) { return london_hour(contact.came); });
    return figures;
}

std::string plan_name(const std::string& plan) {
    const auto pathway = pathway_from(plan);
    return pathway ? triage::Pathway_Name(pathway.value()) : plan;
}

bool plans_to_convey(const Contact& contact) {
    return plan_name(contact.plan) == triage::Pathway_Name(triage::CONVEY_TO_ED);
}

bool avoided_conveyance(const Contact& contact) {
    const bool conveyed = contact.pathway == triage::CONVEY_TO_ED || contact.pathway == triage::AMBULANCE_RESPONSE;
    return plans_to_convey(contact) && contact.ending == Ending::decided && !conveyed;
}

Numbers headline(const Group& all) {
    const auto count = [](std::uint64_t number) { return std::int64_t(number); };
    const auto ended = [&](Ending ending) { return all.endings.contains(ending) ? count(all.endings.at(ending)) : 0; };
    Numbers numbers{{"contacts", count(all.contacts)},
                    {"received_by_transfer", count(all.received)},
                    {"crew_contacts", count(all.crews.contacts)},
                    {"breached", count(all.breached)},
                    {"given_back", count(all.given_back)},
                    {"decided", ended(Ending::decided)},
                    {"rejected", ended(Ending::rejected)},
                    {"cancelled", ended(Ending::cancelled)},
                    {"transferred_away", ended(Ending::transferred)},
                    {"open", ended(Ending::open)},
                    {"planned_to_convey", count(all.planned_to_convey)},
                    {"conveyance_avoided", count(all.conveyance_avoided)},
                    {"decided_against_advice", count(all.against_advice)},
                    {"crew_decided", count(all.crews.decided)},
                    {"crew_still_waiting", count(all.crews.still)},
                    {"crew_decided_ms", all.crews.decided_ms},
                    {"crew_on_scene_ms", all.crews.on_scene_ms}};
    for (int pathway = triage::Pathway_MIN + 1; pathway <= triage::Pathway_MAX; ++pathway) {
        const auto which = triage::Pathway(pathway);
        numbers.emplace_back(end_name({Ending::decided, which}),
                             all.pathways.contains(which) ? count(all.pathways.at(which)) : 0);
    }
    for (const auto& [name, waits] : {std::pair{"claim", &all.to_claim}, std::pair{"decision", &all.to_decision}}) {
        const std::string what = name;
        numbers.emplace_back(what + "_had", count(waits->over));
        numbers.emplace_back(what + "_left_without", count(waits->left));
        numbers.emplace_back(what + "_still_waiting", count(waits->still));
        numbers.emplace_back(what + "_median_ms", waits->median.ms.value_or(-1));
        numbers.emplace_back(what + "_median_at_least", waits->median.at_least ? 1 : 0);
        numbers.emplace_back(what + "_centile_90_ms", waits->centile_90.ms.value_or(-1));
        numbers.emplace_back(what + "_centile_90_at_least", waits->centile_90.at_least ? 1 : 0);
    }
    return numbers;
}

Numbers every_number(const Figures& figures) {
    Numbers numbers;
    const auto add = [&](const std::string& of, const Group& group) {
        for (const auto& [name, value] : headline(group)) numbers.emplace_back(of + name, value);
        for (const auto& [plan, by_end] : group.plans) {
            for (const auto& [end, count] : by_end)
                numbers.emplace_back(of + "plan." + plan + "." + end_name(end), std::int64_t(count));
        }
    };
    add("", figures.all);
    for (const auto& [category, group] : figures.by_category)
        add("category." + lower(intake::Category_Name(category)) + ".", group);
    for (const auto& [origin, group] : figures.by_origin)
        add("origin." + lower(intake::Origin_Name(origin)) + ".", group);
    for (const auto& [hour, group] : figures.by_hour) add("hour." + std::to_string(hour) + ".", group);
    return numbers;
}

std::string lower(std::string name) {
    for (char& sign : name) sign = char(std::tolower(static_cast<unsigned char>(sign)));
    return name;
}

std::string end_name(const End& end) {
    switch (end.first) {
        case Ending::decided:
            return "decided_" + lower(triage::Pathway_Name(end.second));
        case Ending::rejected:
            return "rejected";
        case Ending::cancelled:
            return "cancelled";
        case Ending::transferred:
            return "transferred_away";
        case Ending::open:
            break;
    }
    return "open";
}

}  // namespace rightplace::cli
