#include "common/clinical/pathway_check.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "common/clinical/attendance.hpp"
#include "common/clinical/categories.hpp"
#include "common/clinical/news2.hpp"
#include "common/clinical/pathways.hpp"
#include "common/clinical/streams.hpp"
#include "common/clinical/words.hpp"

namespace rightplace::clinical {
namespace {

using Tree = google::protobuf::TextFormat::ParseInfoTree;

constexpr std::array<std::string_view, 9> flag_categories{"SG", "SS", "RS", "RA", "IR", "RC", "RT", "AC", "API"};

bool is_flag(const std::string& flag) {
    const auto category = flag.substr(0, flag.find('/'));
    return std::find(flag_categories.begin(), flag_categories.end(), category) != flag_categories.end();
}

bool is_ours(std::string_view code) {
    return code == pathway_reason::closed || code == pathway_reason::need_not_named;
}

struct Checker {
    const policy::HubPolicy& policy;
    const Tree& places;
    std::vector<PolicyProblem>& problems;
    int rule = 0;  // which one is being looked at

    // Of a field of HubPolicy, or of the rule that is being looked at.
    void at(const char* field, int index, std::string what) {
        const auto* descriptor = policy::HubPolicy::descriptor()->FindFieldByName(field);
        problems.push_back({places.GetLocation(descriptor, index).line + 1, std::move(what)});
    }

    void at_rule(const char* field, int index, const std::string& what) {
        const auto* rules = policy::HubPolicy::descriptor()->FindFieldByName("pathway");
        const auto* descriptor = policy::PathwayRule::descriptor()->FindFieldByName(field);
        const auto* inside = places.GetTreeForNested(rules, rule);
        const int line = inside == nullptr ? 0 : inside->GetLocation(descriptor, index).line + 1;
        problems.push_back({line, "pathway " + policy.pathway(rule).pathway() + ": " + what});
    }

    bool few_enough(const char* field, int count, int most) {
        if (count <= most) return true;
        at_rule(field, most, std::string(field) + ": no more than " + std::to_string(most));
        return false;
    }

    void words(const char* field, int index, const std::string& name, const std::string& says,
               const std::string& source) {
        if (says.empty() || says.size() > pathway_words_max_bytes) {
            at_rule(field, index,
                    name + ": what people read is missing, or longer than " + std::to_string(pathway_words_max_bytes));
        }
        if (source.empty()) at_rule(field, index, name + ": it needs its source");
    }

    void conditions(int index, const policy::PathwayExclusion& when) {
        for (const auto& what : exclusion_problems(policy, when)) {
            at_rule("not_when", index, "not_when " + when.code() + ": " + what);
        }
    }

    void exclusions(const policy::PathwayRule& of) {
        if (!few_enough("not_when", of.not_when_size(), pathway_exclusions_max)) return;
        std::set<std::string> seen;
        for (int i = 0; i < of.not_when_size(); ++i) {
            const auto& when = of.not_when(i);
            if (!is_code(when.code())) at_rule("not_when", i, "not_when: its code is missing, or no short code");
            if (is_ours(when.code())) at_rule("not_when", i, "not_when: the code " + when.code() + " is taken");
            if (!seen.insert(when.code()).second) at_rule("not_when", i, "not_when: twice " + when.code());
            words("not_when", i, "not_when " + when.code(), when.says(), when.source());
            conditions(i, when);
        }
    }

    void needs(const policy::PathwayRule& of) {
        if (!few_enough("need", of.need_size(), pathway_exclusions_max)) return;
        std::set<std::string> seen;
        for (int i = 0; i < of.need_size(); ++i) {
            const auto& need = of.need(i);
            if (!is_code(need.code())) at_rule("need", i, "need: its code is missing, or no short code");
            if (!seen.insert(need.code()).second) at_rule("need", i, "need: twice " + need.code());
            words("need", i, "need " + need.code(), need.says(), need.source());
        }
    }

    void cautions(const policy::PathwayRule& of) {
        if (!few_enough("look_for", of.look_for_size(), pathway_exclusions_max)) return;
        for (int i = 0; i < of.look_for_size(); ++i) {
            words("look_for", i, "look_for", of.look_for(i).says(), of.look_for(i).source());
        }
    }

    void hours(const policy::PathwayRule& of) {
        if (!few_enough("takes_patients", of.takes_patients_size(), opening_hours_max)) return;
        for (int i = 0; i < of.takes_patients_size(); ++i) {
            const auto& each = of.takes_patients(i);
            if (!minute_of_day(each.opens()) || !minute_of_day(each.closes())) {
                at_rule("takes_patients", i, "takes_patients: opens and closes are times like \"08:00\"");
            }
            for (const auto& day : each.day()) {
                if (!weekday(day)) at_rule("takes_patients", i, "takes_patients: no day: " + day + " (Mon, Tue, ...)");
            }
            if (each.source().empty()) at_rule("takes_patients", i, "takes_patients: they need their source");
        }
    }

    void rules() {
        std::set<triage::Pathway> seen;
        for (rule = 0; rule < policy.pathway_size(); ++rule) {
            const auto& of = policy.pathway(rule);
            const auto pathway = pathway_from_code(of.pathway());
            if (!pathway) {
                at("pathway", rule, "pathway: there is none called \"" + of.pathway() + "\"");
            } else if (always_offered(*pathway)) {
                at("pathway", rule, "pathway " + of.pathway() + ": it is offered to everybody, no rule may name it");
            } else if (!seen.insert(*pathway).second) {
                at("pathway", rule, "pathway " + of.pathway() + ": there is a rule for it above");
            }
            exclusions(of);
            needs(of);
            cautions(of);
            hours(of);
        }
    }

    // Whether each thing that the example expects is so; the first that is not is told.
    std::string unlike(const policy::PathwayExample& example, const PathwayCase& of) {
        const auto reasons = [&](triage::Pathway pathway) {
            std::string codes;
            for (const auto& why : against(&policy, pathway, of)) codes += (codes.empty() ? "" : ", ") + why.code();
            return codes;
        };
        for (const auto& code : example.offered()) {
            const auto pathway = pathway_from_code(code);
            if (!pathway) return "there is no pathway " + code;
            if (const auto why = reasons(*pathway); !why.empty()) return code + " is not offered: " + why;
        }
        for (const auto& expected : example.not_offered()) {
            const auto pathway = pathway_from_code(expected.pathway());
            if (!pathway) return "there is no pathway " + expected.pathway();
            const auto all = against(&policy, *pathway, of);
            if (all.empty()) return expected.pathway() + " is offered";
            const bool found =
                std::any_of(all.begin(), all.end(), [&](const auto& why) { return why.code() == expected.code(); });
            if (!found) return expected.pathway() + " is not offered for another reason: " + reasons(*pathway);
        }
        return {};
    }

    void examples() {
        if (policy.pathway_example_size() > pathway_examples_max) {
            at("pathway_example", pathway_examples_max,
               "pathway_example: no more than " + std::to_string(pathway_examples_max));
            return;
        }
        for (int i = 0; i < policy.pathway_example_size(); ++i) {
            const auto& example = policy.pathway_example(i);
            const auto& facts = example.facts();
            const auto wrong = [&](const std::string& what) {
                at("pathway_example", i, "pathway_example \"" + example.says() + "\": " + what);
            };
            const auto clock = week_minute(example.at());
            if (!clock && !example.at().empty()) {
                wrong("a time is like \"Mon 07:59\", not " + example.at());
            } else if (facts.age_years() > 0 && !facts.age_known()) {
                wrong("age_years counts only with age_known: true");
            } else if (example.offered().empty() && example.not_offered().empty()) {
                wrong("it expects nothing");
            } else {
                const auto score = news2(facts);
                const auto what = unlike(example, {facts, score, facts.category(), clock});
                if (!what.empty()) wrong(what);
            }
        }
    }
};

}  // namespace

std::vector<std::string> exclusion_problems(const policy::HubPolicy& policy, const policy::PathwayExclusion& when) {
    std::vector<std::string> problems;
    if (condition_words(when).empty()) {
        problems.push_back("when? It names no condition (what only people can see belongs into look_for)");
    }
    for (const auto& code : when.category()) {
        if (!category_from_code(code)) problems.push_back("not an ARP category code: " + code);
    }
    for (const auto& origin : when.origin()) {
        if (!origin_from_code(origin)) problems.push_back("there is no such origin: " + origin);
    }
    for (const auto& flag : when.flag()) {
        if (!is_flag(flag)) problems.push_back("not of flag-categories-bars: " + flag);
        if (flag == "SS") problems.push_back("flag SS also says that a scene is safe: name its code, as in SS/U");
    }
    if (std::max(when.age_below(), when.age_from()) > pathway_age_max_years)
        problems.push_back("nobody is as old as that");
    if (when.news2_from() > news2_total_max) problems.push_back("a NEWS2 total is no more than 20");
    if (when.news2_part_from() > news2_part_max) problems.push_back("a part of a NEWS2 is no more than 3");
    for (const auto& stream : when.stream()) {
        if (!is_stream(policy, stream)) problems.push_back("there is no such stream: " + stream);
    }
    return problems;
}

void check_pathways(const policy::HubPolicy& policy, const Tree& places, std::vector<PolicyProblem>& problems) {
    const auto before = problems.size();
    Checker check{policy, places, problems};
    check.rules();
    if (problems.size() == before) check.examples();
}

}  // namespace rightplace::clinical
