#include "common/clinical/pathways.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "common/clinical/attendance.hpp"
#include "common/clinical/categories.hpp"
#include "common/clinical/news2.hpp"
#include "common/clinical/streams.hpp"

namespace rightplace::clinical {
namespace {

using Words = google::protobuf::RepeatedPtrField<std::string>;

struct OtherName {
    std::string_view name;
    triage::Pathway pathway;
};
// None of two meanings: "sdec" alone says not whether it is medical or surgical.
constexpr std::array other_names{OtherName{"discharge", triage::DISCHARGE_ON_SCENE},
                                 OtherName{"see-and-treat", triage::DISCHARGE_ON_SCENE},
                                 OtherName{"stay-at-home", triage::DISCHARGE_ON_SCENE},
                                 OtherName{"hear-and-treat", triage::ADVICE},
                                 OtherName{"convey", triage::CONVEY_TO_ED},
                                 OtherName{"ed", triage::CONVEY_TO_ED},
                                 OtherName{"urgent-community-response", triage::UCR},
                                 OtherName{"home-treatment", triage::HOME_TREATMENT_TEAM},
                                 OtherName{"visit", triage::PRACTITIONER_VISIT},
                                 OtherName{"gp", triage::BACK_TO_GP},
                                 OtherName{"ambulance", triage::AMBULANCE_RESPONSE}};

const policy::PathwayRule* rule_for(const policy::HubPolicy* policy, triage::Pathway pathway) {
    if (policy == nullptr || always_offered(pathway)) return nullptr;
    for (const auto& rule : policy->pathway()) {
        if (pathway_from_code(rule.pathway()) == pathway) return &rule;
    }
    return nullptr;
}

bool highest_part_is_at_least(const triage::News2Parts& parts, std::uint32_t least) {
    // A part that is missing reads as 0, and `least` is never 0.
    return std::max({parts.respirations(), parts.oxygen_saturation(), parts.air_or_oxygen(), parts.systolic(),
                     parts.pulse(), parts.consciousness(), parts.temperature()}) >= least;
}

bool has_flag(const intake::CaseFacts& facts, std::string_view wanted) {
    return std::any_of(facts.flags().begin(), facts.flags().end(), [&](const intake::Flag& flag) {
        return wanted == flag.category() || wanted == flag.category() + "/" + flag.code();
    });
}

template <typename Holds>
bool any_of(const Words& named, const Holds& holds) {
    return std::any_of(named.begin(), named.end(), holds);
}

triage::PathwayReason reason(std::string_view code, const std::string& says, const std::string& source) {
    triage::PathwayReason it;
    it.set_code(std::string(code));
    it.set_says(says);
    it.set_source(source);
    return it;
}

std::optional<triage::PathwayReason> closed(const policy::PathwayRule& rule, const PathwayCase& of) {
    if (!of.at || is_open(rule.takes_patients(), of.facts.site(), *of.at)) return std::nullopt;
    std::string says, source;
    for (const auto* hours : hours_of(rule.takes_patients(), of.facts.site())) {
        says += (says.empty() ? "takes patients " : "; ") + hours_words(*hours);
        if (source.find(hours->source()) == std::string::npos) source += (source.empty() ? "" : "; ") + hours->source();
    }
    return reason(pathway_reason::closed, says, source);
}

std::string one_of(const Words& all) {
    std::string out;
    for (const auto& each : all) out += (out.empty() ? "" : " or ") + each;
    return out;
}

}  // namespace

std::string pathway_code(triage::Pathway pathway) {
    std::string code = triage::Pathway_Name(pathway);
    for (char& sign : code) sign = sign == '_' ? '-' : char(std::tolower(static_cast<unsigned char>(sign)));
    return code;
}

std::optional<triage::Pathway> pathway_from_code(std::string_view code) {
    for (int each = triage::Pathway_MIN + 1; each <= triage::Pathway_MAX; ++each) {
        if (triage::Pathway_IsValid(each) && pathway_code(triage::Pathway(each)) == code) {
            return triage::Pathway(each);
        }
    }
    return std::nullopt;
}

std::optional<triage::Pathway> pathway_from_word(std::string_view word) {
    std::string code(word);
    for (char& sign : code) {
        sign = sign == '_' || sign == ' ' ? '-' : char(std::tolower(static_cast<unsigned char>(sign)));
    }
    const auto is_it = [&](const OtherName& each) { return each.name == code; };
    const auto* other = std::find_if(other_names.begin(), other_names.end(), is_it);
    return other == other_names.end() ? pathway_from_code(code) : other->pathway;
}

std::string pathway_words() {
    std::string all;
    for (int each = triage::Pathway_MIN + 1; each <= triage::Pathway_MAX; ++each) {
        if (!triage::Pathway_IsValid(each)) continue;
        std::string others;
        for (const auto& other : other_names) {
            if (other.pathway == each) others += (others.empty() ? " (or " : ", ") + std::string(other.name);
        }
        all += (all.empty() ? "" : ", ") + pathway_code(triage::Pathway(each)) + others + (others.empty() ? "" : ")");
    }
    return all;
}

bool always_offered(triage::Pathway pathway) {
    return pathway == triage::AMBULANCE_RESPONSE || pathway == triage::CONVEY_TO_ED;
}

std::vector<triage::PathwayReason> against(const policy::HubPolicy* policy, triage::Pathway pathway,
                                           const PathwayCase& of) {
    const auto* rule = rule_for(policy, pathway);
    if (rule == nullptr) return {};
    std::vector<triage::PathwayReason> all;
    for (const auto& exclusion : rule->not_when()) {
        if (exclusion_holds(policy, exclusion, of))
            all.push_back(reason(exclusion.code(), exclusion.says(), exclusion.source()));
    }
    if (auto shut = closed(*rule, of)) all.push_back(std::move(*shut));
    return all;
}

bool exclusion_holds(const policy::HubPolicy* policy, const policy::PathwayExclusion& when, const PathwayCase& of) {
    int named = 0;
    bool all = true;
    const auto condition = [&](bool is_named, bool is_so) {
        named += is_named ? 1 : 0;
        all = all && (!is_named || is_so);
    };
    const auto& facts = of.facts;
    const bool age = facts.age_known();
    condition(!when.category().empty(), any_of(when.category(), [&](const std::string& code) {
        return category_from_code(code) == of.category;
    }));
    condition(!when.origin().empty(),
              any_of(when.origin(), [&](const std::string& code) { return origin_from_code(code) == facts.origin(); }));
    condition(!when.flag().empty(),
              any_of(when.flag(), [&](const std::string& flag) { return has_flag(facts, flag); }));
    condition(when.age_below() > 0, age && facts.age_years() < when.age_below());
    condition(when.age_from() > 0, age && facts.age_years() >= when.age_from());
    condition(when.news2_from() > 0, of.news2.total() >= when.news2_from());
    condition(when.news2_part_from() > 0, highest_part_is_at_least(of.news2.parts(), when.news2_part_from()));
    condition(when.news2_incomplete(), of.news2.band() == news2_band::incomplete);
    condition(when.on_oxygen(), facts.observations().on_oxygen());
    condition(!when.stream().empty(),
              any_of(when.stream(), [&](const std::string& code) { return code == stream_code(policy, facts); }));
    return named > 0 && all;
}

std::optional<triage::PathwayReason> need_not_named(const policy::HubPolicy* policy, triage::Pathway pathway,
                                                    std::string_view rationale_code) {
    const auto* rule = rule_for(policy, pathway);
    if (rule == nullptr || rule->need().empty()) return std::nullopt;
    std::string codes;
    for (const auto& need : rule->need()) {
        if (need.code() == rationale_code) return std::nullopt;
        codes += (codes.empty() ? "" : ", ") + need.code();
    }
    return reason(pathway_reason::need_not_named, "the rationale code names none of its needs: " + codes,
                  rule->need(0).source());
}

std::vector<triage::PathwayOffer> offers(const policy::HubPolicy* policy, const PathwayCase& of) {
    std::vector<triage::PathwayOffer> all;
    for (int each = triage::Pathway_MIN + 1; each <= triage::Pathway_MAX; ++each) {
        if (!triage::Pathway_IsValid(each)) continue;
        triage::PathwayOffer offer;
        offer.set_pathway(triage::Pathway(each));
        for (auto& why : against(policy, offer.pathway(), of)) *offer.add_against() = std::move(why);
        if (const auto* rule = rule_for(policy, offer.pathway())) {
            for (const auto& need : rule->need()) {
                auto& named = *offer.add_need();
                named.set_code(need.code());
                named.set_says(need.says());
            }
            for (const auto& sign : rule->look_for()) *offer.add_look_for() = reason({}, sign.says(), sign.source());
        }
        all.push_back(std::move(offer));
    }
    return all;
}

std::string hours_words(const policy::OpeningHours& hours) {
    std::string days;
    for (const auto& day : hours.day()) days += (days.empty() ? "" : " ") + day;
    const bool always = hours.opens() == hours.closes();
    return (hours.site().empty() ? "" : hours.site() + " ") +
           (always ? "round the clock" : hours.opens() + " to " + hours.closes()) + ", " +
           (days.empty() ? "every day" : days);
}

std::string condition_words(const policy::PathwayExclusion& when) {
    std::string out;
    const auto add = [&](bool named, const std::string& words) {
        if (named) out += (out.empty() ? "" : " and ") + words;
    };
    add(!when.category().empty(), "category " + one_of(when.category()));
    add(!when.origin().empty(), "origin " + one_of(when.origin()));
    add(!when.flag().empty(), "flag " + one_of(when.flag()));
    add(when.age_below() > 0, "age under " + std::to_string(when.age_below()));
    add(when.age_from() > 0, "age " + std::to_string(when.age_from()) + " and over");
    add(when.news2_from() > 0, "NEWS2 of " + std::to_string(when.news2_from()) + " or more");
    add(when.news2_part_from() > 0, "a NEWS2 part of " + std::to_string(when.news2_part_from()) + " or more");
    add(when.news2_incomplete(), "NEWS2 incomplete");
    add(when.on_oxygen(), "on oxygen");
    add(!when.stream().empty(), "stream " + one_of(when.stream()));
    return out;
}

}  // namespace rightplace::clinical
