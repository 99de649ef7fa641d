#include "services/cli/domain/pathways_view.hpp"

#include <map>

#include "common/clinical/pathways.hpp"

namespace rightplace::cli {
namespace {

using Changes = std::vector<std::string>;

std::string sourced(const std::string& says, const std::string& source) {
    return printable(says) + " (source: " + printable(source) + ")";
}

std::string offered(const triage::PathwayOffer& offer, const Style& style) {
    std::string out = "  " + style.bold(clinical::pathway_code(offer.pathway())) + "\n";
    if (offer.need_size() > 0) out += "      decide it with one of these as --code:\n";
    for (const auto& need : offer.need()) {
        out += "        " + printable(need.code()) + ": " + printable(need.says()) + "\n";
    }
    for (const auto& sign : offer.look_for()) out += "      not with " + sourced(sign.says(), sign.source()) + "\n";
    return out;
}

std::string not_offered(const triage::PathwayOffer& offer, const Style& style) {
    std::string out = "  " + style.red(clinical::pathway_code(offer.pathway())) + "\n";
    for (const auto& why : offer.against()) {
        out += "      " + printable(why.code()) + ": " + sourced(why.says(), why.source()) + "\n";
    }
    return out;
}

// Where such cases usually go; nothing of one that belongs to no stream.
std::string stream_lines(const triage::StreamOffer& stream, const Style& style) {
    if (stream.code().empty()) return {};
    std::string out = "a case of " + style.bold(stream.code()) + ": " + sourced(stream.says(), stream.source()) + "\n";
    for (const auto& sign : stream.look_for()) out += "      not with " + sourced(sign.says(), sign.source()) + "\n";
    for (const auto& why : stream.against()) {
        out +=
            "      " + style.red("NOT SO HERE") + ", " + why.code() + ": " + sourced(why.says(), why.source()) + "\n";
    }
    if (stream.pathway().empty() || !stream.against().empty()) return out;
    return out + "      usually: --pathway " + stream.pathway() +
           (stream.need().empty() ? "" : " --code " + stream.need()) + "\n";
}

// One thing that a rule says, under a name by which it is found in the other policy.
struct Said {
    std::string what;
    std::string source;
};
using Rule = std::map<std::string, Said>;

void join(Said& all, const std::string& what, const std::string& source) {
    all.what += (all.what.empty() ? "" : "; ") + what;
    if (all.source.find(source) == std::string::npos) all.source += (all.source.empty() ? "" : "; ") + source;
}

Rule all_of(const policy::PathwayRule& rule) {
    Rule all;
    for (const auto& when : rule.not_when()) {
        all[when.code()] = {"not with " + clinical::condition_words(when) + ", \"" + when.says() + "\"", when.source()};
    }
    for (const auto& need : rule.need()) all["need " + need.code()] = {need.says(), need.source()};
    for (const auto& hours : rule.takes_patients()) {
        join(all["takes patients"], clinical::hours_words(hours), hours.source());
    }
    for (const auto& sign : rule.look_for()) join(all["to be looked for"], sign.says(), sign.source());
    return all;
}

std::map<std::string, Rule> by_pathway(const policy::HubPolicy& policy) {
    std::map<std::string, Rule> rules;
    for (const auto& rule : policy.pathway()) rules[rule.pathway()] = all_of(rule);
    return rules;
}

void compare(Changes& changes, const std::string& pathway, const Rule& before, const Rule& after) {
    for (const auto& [name, is] : after) {
        const auto was = before.find(name);
        const auto line = "pathway " + pathway + ", " + name + ": ";
        const auto source = " (source: " + is.source + ")";
        if (was == before.end()) {
            changes.push_back(line + "now " + is.what + source);
        } else if (was->second.what != is.what) {
            changes.push_back(line + is.what + " instead of " + was->second.what + source);
        } else if (was->second.source != is.source) {
            changes.push_back(line + "the same, by another source: " + is.source);
        }
    }
    for (const auto& [name, was] : before) {
        if (!after.contains(name)) changes.push_back("pathway " + pathway + ", " + name + ": no longer " + was.what);
    }
}

}  // namespace

std::string render_pathways(const triage::PathwaysReply& reply, const std::string& which, const std::string& hub,
                            const Style& style) {
    const auto by = reply.policy_version().empty() ? "no policy is adopted at " + hub + ": everything is offered"
                                                   : "by policy " + reply.policy_version() + " of " + hub;
    std::string yes, no;
    for (const auto& offer : reply.pathways()) {
        (offer.against().empty() ? yes : no) +=
            offer.against().empty() ? offered(offer, style) : not_offered(offer, style);
    }
    std::string out = printable(which) + ", " + by + "\n" + stream_lines(reply.stream(), style) + "offered:\n" + yes;
    if (no.empty()) return out + "nothing known of it rules anything out; what is not known, nobody has looked at.\n";
    return out + "NOT offered:\n" + no + "The policy advises, you decide. One that is not offered: rightplace decide " +
           printable(which) + " --pathway P --against-advice REASON ...\n";
}

std::string against_advice_word(const triage::ReviewDecided& decided) {
    if (decided.against().empty()) return {};
    std::string codes;
    for (const auto& code : decided.against()) codes += (codes.empty() ? "" : ", ") + code;
    return "; AGAINST THE POLICY'S ADVICE (" + codes + "), because " + decided.against_advice();
}

std::vector<std::string> stream_rules_words(const policy::HubPolicy& policy) {
    std::vector<std::string> all;
    for (const auto& stream : policy.stream()) {
        std::string cases;
        for (const auto& each : stream.use_case()) cases += (cases.empty() ? "" : " or ") + each;
        std::string out = stream.code() + " is what comes as " + cases + ", \"" + stream.says() + "\"";
        if (!stream.pathway().empty()) out += "; usually for " + stream.pathway();
        if (!stream.need().empty()) out += ", need " + stream.need();
        for (const auto& when : stream.not_when()) {
            out += "; not with " + clinical::condition_words(when) + ", " + when.code() + ", \"" + when.says() +
                   "\" (source: " + when.source() + ")";
        }
        for (const auto& sign : stream.look_for()) {
            out += "; to be looked for: " + sign.says() + " (source: " + sign.source() + ")";
        }
        all.push_back(out + " (source: " + stream.source() + ")");
    }
    return all;
}

std::vector<std::string> staff_skills_words(const policy::HubPolicy& policy) {
    std::vector<std::string> all;
    for (const auto& skill : policy.staff_skill()) {
        all.push_back(skill.code() + ", \"" + skill.says() + "\" (source: " + skill.source() + ")");
    }
    return all;
}

Changes pathway_changes(const policy::HubPolicy& before, const policy::HubPolicy& after) {
    Changes changes;
    const auto olds = by_pathway(before);
    const auto news = by_pathway(after);
    for (const auto& [pathway, rule] : news) {
        const auto old = olds.find(pathway);
        compare(changes, pathway, old == olds.end() ? Rule{} : old->second, rule);
    }
    for (const auto& [pathway, rule] : olds) {
        if (!news.contains(pathway)) {
            changes.push_back("pathway " + pathway + ": no rule any more, it is offered to everybody");
        }
    }
    if (before.pathway_example_size() != after.pathway_example_size()) {
        changes.push_back("pathways, examples: " + std::to_string(after.pathway_example_size()) + " instead of " +
                          std::to_string(before.pathway_example_size()));
    }
    return changes;
}

}  // namespace rightplace::cli
