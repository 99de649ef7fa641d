#include "services/cli/domain/figures_view.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "services/cli/domain/table.hpp"

namespace rightplace::cli {
namespace {

constexpr TimeMs hour_ms = 3'600'000;
constexpr std::size_t plans_most = 6;  // columns that a screen has room for

std::string number(std::uint64_t count) {
    return std::to_string(count);
}

std::string date_word(TimeMs at) {  // 26 Nov 2026 03:04, London
    const auto text = format_london(at);
    return text.substr(0, 7) + london_day(at).substr(0, 4) + text.substr(6, 6);
}

std::string centile_word(const Centile& centile) {
    if (!centile.ms) return "-";
    return (centile.at_least ? "at least " : "") + duration_word(*centile.ms);
}

std::string share_word(std::uint64_t part, std::uint64_t of) {
    return of == 0 ? "-" : std::to_string((part * 100 + of / 2) / of) + " %";
}

std::uint64_t minutes(TimeMs ms) {
    return std::uint64_t((ms + 30'000) / 60'000);
}

std::uint64_t count_of(const Group& group, Ending ending) {
    const auto found = group.endings.find(ending);
    return found == group.endings.end() ? 0 : found->second;
}

std::string ending_word(const End& end) {
    switch (end.first) {
        case Ending::decided:
            return pathway_word(end.second);
        case Ending::rejected:
            return "rejected, back to the sender";
        case Ending::cancelled:
            return "cancelled";
        case Ending::transferred:
            return "transferred to another hub";
        case Ending::open:
            break;
    }
    return "still open";
}

std::string plan_word(const std::string& plan) {
    if (plan.empty()) return "no plan given";
    const auto pathway = pathway_from(plan);
    return pathway ? pathway_word(pathway.value()) : plan;
}

Row group_row(const std::string& name, const Group& group) {
    return {name,
            number(group.contacts),
            centile_word(group.to_claim.median),
            centile_word(group.to_claim.centile_90),
            number(group.to_claim.still),
            centile_word(group.to_decision.median),
            centile_word(group.to_decision.centile_90),
            number(group.to_decision.still),
            number(group.breached),
            number(count_of(group, Ending::decided)),
            number(group.against_advice),
            number(group.planned_to_convey),
            number(group.conveyance_avoided),
            number(minutes(group.crews.on_scene_ms))};
}

std::string group_lines(const Figures& figures, const Style& style) {
    std::vector<Row> rows{{"", "CONTACTS", "CLAIMED: HALF IN", "9 OF 10 IN", "WAIT", "DECIDED: HALF IN", "9 OF 10 IN",
                           "WAIT", "BREACHED", "DECIDED", "AGAINST ADVICE", "PLAN: ED", "AVOIDED", "CREW MIN"}};
    rows.push_back(group_row("all", figures.all));
    for (const auto& [category, group] : figures.by_category) {
        const auto word = category_word(category);
        rows.push_back(group_row("  " + (word == "-" ? "no category" : word), group));
    }
    for (const auto& [origin, group] : figures.by_origin) rows.push_back(group_row("  " + origin_word(origin), group));
    for (const auto& [hour, group] : figures.by_hour) {
        const auto digits = std::to_string(100 + hour).substr(1);
        rows.push_back(group_row("  came " + digits + ":00 to " + digits + ":59", group));
    }
    std::string out;
    for (const auto& line : table_lines(rows)) out += (out.empty() ? style.bold(line) : line) + "\n";
    return out +
           "\nHALF IN, 9 OF 10 IN: so long did the quicker half, or nine of ten, wait at most. Who waits still (WAIT) "
           "counts with\nthe time so far, and who left without it with the time until then; \"at least\" says "
           "where that may yet grow.\nPLAN: ED is who was to be conveyed before advice; AVOIDED, who of them "
           "was decided for another place. AGAINST ADVICE: decided for a pathway\nthat the policy did not offer. CREW "
           "MIN: minutes that crews waited on scene, of those who wait still so far.\n";
}

std::string ending_lines(const Figures& figures, const Style& style) {
    const auto& all = figures.all;
    std::vector<std::pair<End, std::uint64_t>> ends;
    for (const auto& [pathway, count] : all.pathways) ends.push_back({{Ending::decided, pathway}, count});
    std::stable_sort(ends.begin(), ends.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto ending : {Ending::rejected, Ending::cancelled, Ending::transferred, Ending::open}) {
        const auto count = count_of(all, ending);
        if (count > 0) ends.push_back({{ending, triage::PATHWAY_UNSPECIFIED}, count});
    }
    // The plans that most had, each a column; the rest together.
    std::vector<std::pair<std::uint64_t, std::string>> plans;
    for (const auto& [plan, by_end] : figures.all.plans) {
        std::uint64_t sum = 0;
        for (const auto& [end, count] : by_end) sum += count;
        plans.emplace_back(sum, plan);
    }
    std::stable_sort(plans.begin(), plans.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    const auto shown = std::min(plans.size(), plans_most);
    Row heading{"HOW THEY ENDED", "CONTACTS", "SHARE"};
    for (std::size_t i = 0; i < shown; ++i) heading.push_back("plan: " + plan_word(plans[i].second));
    if (shown < plans.size()) heading.emplace_back("other plans");
    std::vector<Row> rows{heading};
    for (const auto& [end, count] : ends) {
        Row row{ending_word(end), number(count), share_word(count, all.contacts)};
        std::uint64_t others = count;
        for (std::size_t i = 0; i < shown; ++i) {
            const auto& by_end = figures.all.plans.at(plans[i].second);
            const auto here = by_end.contains(end) ? by_end.at(end) : 0;
            others -= here;
            row.push_back(number(here));
        }
        if (shown < plans.size()) row.push_back(number(others));
        rows.push_back(row);
    }
    std::string out;
    for (const auto& line : table_lines(rows)) out += (out.empty() ? style.bold(line) : line) + "\n";
    return out;
}

std::string time_word(TimeMs ms) {
    return ms >= hour_ms ? number(std::uint64_t(ms / hour_ms)) + " h" : duration_word(ms);
}

std::string crew_line(const CrewTime& crews) {
    if (crews.contacts == 0) return "";
    std::string out = "Crews on scene: " + number(crews.contacts) + " contacts, " + number(crews.decided) +
                      " decided, " + number(crews.still) + " waiting; they waited " + time_word(crews.on_scene_ms) +
                      " in all" + (crews.still > 0 ? " so far" : "");
    if (crews.decided == 0) return out + ".\n";
    return out + ". Those decided: " + duration_word(crews.decided_ms / TimeMs(crews.decided)) + " on average.\n";
}

nlohmann::json crew_json(const CrewTime& crews) {
    nlohmann::json it{{"contacts", crews.contacts},
                      {"decided", crews.decided},
                      {"still_waiting", crews.still},
                      {"minutes_waiting_total", double(crews.on_scene_ms) / 60'000},
                      {"minutes_to_decision_total", double(crews.decided_ms) / 60'000},
                      {"minutes_to_decision_average", nullptr}};
    if (crews.decided > 0)
        it["minutes_to_decision_average"] = double(crews.decided_ms) / 60'000 / double(crews.decided);
    return it;
}

nlohmann::json plans_json(const Group& group) {
    auto it = nlohmann::json::object();
    for (const auto& [plan, by_end] : group.plans) {
        auto& row = it[plan.empty() ? "none" : lower(plan)];
        for (const auto& [end, count] : by_end) row[end_name(end)] = count;
    }
    return it;
}

nlohmann::json centile_json(const Centile& centile) {
    nlohmann::json it{{"seconds", nullptr}, {"at_least", centile.at_least}};
    if (centile.ms) it["seconds"] = double(*centile.ms) / 1'000;
    return it;
}

nlohmann::json waiting_json(const Waiting& waiting) {
    return {{"had", waiting.over},
            {"left_without", waiting.left},
            {"still_waiting", waiting.still},
            {"median", centile_json(waiting.median)},
            {"centile_90", centile_json(waiting.centile_90)}};
}

nlohmann::json group_json(const Group& group) {
    nlohmann::json decided = nlohmann::json::object();
    for (const auto& [pathway, count] : group.pathways) decided[lower(triage::Pathway_Name(pathway))] = count;
    return {{"contacts", group.contacts},
            {"received_by_transfer", group.received},
            {"time_to_claim", waiting_json(group.to_claim)},
            {"time_to_decision", waiting_json(group.to_decision)},
            {"breached", group.breached},
            {"given_back", group.given_back},
            {"decided", count_of(group, Ending::decided)},
            {"decided_by_pathway", decided},
            {"rejected", count_of(group, Ending::rejected)},
            {"cancelled", count_of(group, Ending::cancelled)},
            {"transferred_away", count_of(group, Ending::transferred)},
            {"open", count_of(group, Ending::open)},
            {"planned_to_convey", group.planned_to_convey},
            {"conveyance_avoided", group.conveyance_avoided},
            {"decided_against_advice", group.against_advice},
            {"original_plan_by_ending", plans_json(group)},
            {"crews_on_scene", crew_json(group.crews)}};
}

}  // namespace

std::string render_figures(const std::string& source, const Figures& figures, const Style& style) {
    std::string out = style.bold(printable(source)) + ", " +
                      (figures.from ? "from " + date_word(*figures.from) : std::string("from the beginning")) +
                      " up to " + date_word(figures.until) + ", London time\n\n";
    if (figures.all.contacts == 0) return out + "No contact came in this time.\n";
    out += group_lines(figures, style) + "\n" + ending_lines(figures, style) + "\n";
    const auto& all = figures.all;
    if (all.received > 0) out += number(all.received) + " of the contacts came from another hub.\n";
    if (all.given_back > 0) out += number(all.given_back) + " were given back to the sender.\n";
    if (all.planned_to_convey > 0) {
        out += "Conveyance to ED avoided: " + number(all.conveyance_avoided) + " of the " +
               number(all.planned_to_convey) + " who were to be conveyed (" +
               share_word(all.conveyance_avoided, all.planned_to_convey) + ").\n";
    }
    return out + crew_line(all.crews);
}

std::string figures_to_json(const std::string& source, const Figures& figures) {
    nlohmann::json it{{"source", source},
                      {"from", nullptr},
                      {"until", format_utc(figures.until)},
                      {"all", group_json(figures.all)},
                      {"by_category", nlohmann::json::object()},
                      {"by_origin", nlohmann::json::object()},
                      {"by_hour_of_arrival", nlohmann::json::object()},
                      {"original_plan_by_ending", plans_json(figures.all)},
                      {"crews_on_scene", crew_json(figures.all.crews)}};
    if (figures.from) it["from"] = format_utc(*figures.from);
    for (const auto& [category, group] : figures.by_category) {
        it["by_category"][lower(intake::Category_Name(category))] = group_json(group);
    }
    for (const auto& [origin, group] : figures.by_origin) {
        it["by_origin"][lower(intake::Origin_Name(origin))] = group_json(group);
    }
    for (const auto& [hour, group] : figures.by_hour) {
        it["by_hour_of_arrival"][std::to_string(100 + hour).substr(1)] = group_json(group);
    }
    return it.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace rightplace::cli
