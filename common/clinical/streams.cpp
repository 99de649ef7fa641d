#include "common/clinical/streams.hpp"

#include <algorithm>
#include <set>

#include "common/clinical/pathway_check.hpp"
#include "common/clinical/roles.hpp"
#include "common/clinical/words.hpp"

namespace rightplace::clinical {
namespace {

bool named(const google::protobuf::RepeatedPtrField<std::string>& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

template <typename Rules>
bool has_code(const Rules& rules, std::string_view code) {
    return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) { return rule.code() == code; });
}

// Of a stream's need: the pathway that it usually goes to must name it, if that has needs at all.
bool is_need_of(const policy::HubPolicy& policy, const policy::Stream& stream) {
    for (const auto& rule : policy.pathway()) {
        if (rule.pathway() == stream.pathway()) return has_code(rule.need(), stream.need());
    }
    return false;
}

template <typename Rule>
void check_words(const Rule& rule, std::set<std::string>& seen, const std::function<void(const std::string&)>& say) {
    if (!is_code(rule.code())) say("its code is missing, or no short code");
    if (!seen.insert(rule.code()).second) say("twice " + rule.code());
    if (rule.says().empty() || rule.says().size() > pathway_words_max_bytes) {
        say("what people read is missing, or longer than " + std::to_string(pathway_words_max_bytes));
    }
    if (rule.source().empty()) say("it needs its source");
}

void check_stream(const policy::HubPolicy& policy, const policy::Stream& stream,
                  const std::function<void(const std::string&)>& say) {
    if (stream.use_case().empty()) say("which cases? It names no use_case, such as a4t2");
    if (!stream.pathway().empty() && !pathway_from_code(stream.pathway())) say("no such pathway: " + stream.pathway());
    if (!stream.need().empty() && !is_need_of(policy, stream)) {
        say("its pathway has no need called " + stream.need());
    }
    std::set<std::string> seen;
    for (const auto& when : stream.not_when()) {
        check_words(when, seen, [&](const std::string& problem) { say("not_when: " + problem); });
        for (const auto& problem : exclusion_problems(policy, when)) say(problem);
    }
    for (const auto& sign : stream.look_for()) {
        if (sign.says().empty() || sign.source().empty()) say("look_for: what people read, and its source");
    }
}

triage::PathwayReason reason(const std::string& code, const std::string& says, const std::string& source) {
    triage::PathwayReason it;
    it.set_code(code);
    it.set_says(says);
    it.set_source(source);
    return it;
}

}  // namespace

const policy::Stream* stream_of(const policy::HubPolicy* policy, const intake::CaseFacts& facts) {
    if (policy == nullptr || facts.use_case().empty()) return nullptr;
    for (const auto& stream : policy->stream()) {
        if (named(stream.use_case(), facts.use_case())) return &stream;
    }
    return nullptr;
}

std::string stream_code(const policy::HubPolicy* policy, const intake::CaseFacts& facts) {
    const auto* stream = stream_of(policy, facts);
    return stream == nullptr ? std::string() : stream->code();
}

bool is_stream(const policy::HubPolicy& policy, std::string_view code) {
    return has_code(policy.stream(), code);
}

std::optional<triage::StreamOffer> stream_offer(const policy::HubPolicy* policy, const PathwayCase& of) {
    const auto* stream = stream_of(policy, of.facts);
    if (stream == nullptr) return std::nullopt;
    triage::StreamOffer offer;
    offer.set_code(stream->code());
    offer.set_says(stream->says());
    offer.set_source(stream->source());
    offer.set_pathway(stream->pathway());
    offer.set_need(stream->need());
    for (const auto& when : stream->not_when()) {
        if (!exclusion_holds(policy, when, of)) continue;
        *offer.add_against() = reason(when.code(), when.says(), when.source());
    }
    for (const auto& sign : stream->look_for()) *offer.add_look_for() = reason({}, sign.says(), sign.source());
    return offer;
}

bool is_staff_skill(const policy::HubPolicy& policy, std::string_view word) {
    return is_clinician(word) || has_code(policy.staff_skill(), word);
}

std::string staff_skills(const policy::HubPolicy& policy) {
    std::string all;
    for (const auto& skill : policy.staff_skill()) all += (all.empty() ? "" : ", ") + skill.code();
    for (const auto role : clinician_roles) all += (all.empty() ? "" : ", ") + std::string(role);
    return all;
}

void check_streams(const policy::HubPolicy& policy, const SayOfPolicy& say) {
    std::set<std::string> seen;
    for (int i = 0; i < policy.stream_size(); ++i) {
        const auto& stream = policy.stream(i);
        const auto here = [&](const std::string& what) { say("stream", i, "stream " + stream.code() + ": " + what); };
        check_words(stream, seen, here);
        check_stream(policy, stream, here);
        if (i >= streams_max) here("no more than " + std::to_string(streams_max));
    }
    seen.clear();
    for (int i = 0; i < policy.staff_skill_size(); ++i) {
        const auto& skill = policy.staff_skill(i);
        const auto here = [&](const std::string& what) {
            say("staff_skill", i, "staff_skill " + skill.code() + ": " + what);
        };
        check_words(skill, seen, here);
        if (is_clinician(skill.code())) here("that is a role, which anybody may sign on with");
        if (i >= streams_max) here("no more than " + std::to_string(streams_max));
    }
}

}  // namespace rightplace::clinical
