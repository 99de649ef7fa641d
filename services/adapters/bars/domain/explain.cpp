#include "services/adapters/bars/domain/explain.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "common/clinical/news2.hpp"
#include "common/clinical/words.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/response_reading.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"

namespace rightplace::bars {
namespace {

Format format_of(std::string_view body) {
    if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
    const auto first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '<' ? Format::xml : Format::json;
}

// The given headers, and good ones for those that are missing.
HeaderFields with_good_ones(const HeaderFields& given, Format format, const std::string& target) {
    HeaderFields fields;
    const HeaderFields good{{"Content-Type", std::string(media_type(format))},
                            {"X-Request-Id", "00000000-0000-4000-8000-000000000001"},
                            {"X-Correlation-Id", "00000000-0000-4000-8000-000000000002"},
                            {"NHSD-Target-Identifier", target_identifier(target.empty() ? "unknown" : target)}};
    for (const auto& field : good) {
        const auto same = [&](const auto& one) { return lower_case(one.first) == lower_case(field.first); };
        if (std::none_of(given.begin(), given.end(), same)) fields.push_back(field);
    }
    for (const auto& field : given) {
        if (!field.second.empty()) fields.push_back(field);
    }
    return fields;
}

std::string target_of(std::string_view body, Format format) {
    const auto document = read_document(body, format);
    if (!document) return {};
    const Message message(*document.value());
    const auto header = message.header();
    return header ? service_of_endpoint(text_at(*header->resource, "destination.0.endpoint")) : std::string();
}

Tree what_it_is(const Message& message) {
    Tree out = {{"bundle_id", text_at(message.bundle(), "id")},
                {"version", text_at(message.bundle(), "meta.versionId")}};
    if (const auto header = message.header()) {
        out["event"] = text_at(*header->resource, "eventCoding.code");
        out["reason"] = code_in(at(*header->resource, "reason"), systems::reason);
        const std::string definition = text_at(*header->resource, "definition");
        out["definition"] = definition.substr(definition.rfind('/') + 1);
        out["from_service"] = service_of_endpoint(text_at(*header->resource, "source.endpoint"));
        out["to_service"] = service_of_endpoint(text_at(*header->resource, "destination.0.endpoint"));
    }
    if (const auto request = message.service_request()) {
        const Tree& categories = at(*request->resource, "category");
        out["category"] = code_in(categories, systems::category);
        out["use_case"] = code_in(categories, systems::use_case);
        out["status"] = text_at(*request->resource, "status");
    }
    std::map<std::string, int> resources;
    for (const auto& entry : message.entries()) ++resources[text_at(*entry.resource, "resourceType")];
    for (const auto& [type, count] : resources) out["resources"][type] = count;
    return out;
}

Tree observations(const intake::Observations& seen) {
    Tree out = Tree::object();
    if (seen.has_respirations_per_minute()) out["respirations_per_minute"] = seen.respirations_per_minute();
    if (seen.has_oxygen_saturation_percent()) out["oxygen_saturation_percent"] = seen.oxygen_saturation_percent();
    if (seen.has_on_oxygen()) out["on_oxygen"] = seen.on_oxygen();
    if (seen.has_systolic_mmhg()) out["systolic_mmhg"] = seen.systolic_mmhg();
    if (seen.has_pulse_per_minute()) out["pulse_per_minute"] = seen.pulse_per_minute();
    if (seen.consciousness() != intake::CONSCIOUSNESS_UNSPECIFIED) {
        out["consciousness"] = intake::Consciousness_Name(seen.consciousness());
    }
    if (seen.has_temperature_tenths_c()) out["temperature_c"] = double(seen.temperature_tenths_c()) / 10;
    if (seen.has_received_total()) out["received_total"] = seen.received_total();
    if (seen.has_taken_at()) out["taken_at"] = format_utc(to_ms(seen.taken_at()));
    return out;
}

Tree news2_of(const intake::CaseFacts& facts) {
    const auto score = clinical::news2(facts);
    Tree out = {{"total", score.total()}, {"band", score.band()}};
    if (!score.missing().empty()) {
        out["missing"] = Tree::array();
        for (const auto& part : score.missing()) out["missing"].push_back(part);
    }
    return out;
}

// What may be said without identity: how many ways to reach whom, in what order.
Tree contacts(const intake::Person& person) {
    Tree out = Tree::array();
    for (const auto& contact : person.contacts()) {
        Tree methods = Tree::array();
        for (const auto& method : contact.methods()) methods.push_back(method.system());
        out.push_back({{"rank", contact.rank()}, {"relationship", contact.relationship()}, {"methods", methods}});
    }
    return out;
}

Tree place(const intake::Location& location) {
    Tree has = Tree::array();
    if (!location.uprn().empty()) has.push_back("UPRN");
    if (!location.address().empty()) has.push_back("address");
    if (!location.eastings().empty() && !location.northings().empty()) has.push_back("eastings and northings");
    if (!location.latitude().empty() && !location.longitude().empty()) has.push_back("latitude and longitude");
    if (!location.what3words().empty()) has.push_back("what3words");
    return {{"kind", location.kind()}, {"has", has}};
}

Tree understood(const intake::CaseFacts& facts, const intake::Person& person) {
    Tree out = Tree::object();
    out["category"] = clinical::category_word(facts.category());
    out["original_plan"] = facts.original_plan();
    out["outcome_codes"] = Tree::array();
    for (const auto& code : facts.outcome_codes()) {
        out["outcome_codes"].push_back({{"system", code.system()}, {"code", code.code()}, {"display", code.display()}});
    }
    if (facts.has_clock_start()) out["clock_start"] = format_utc(to_ms(facts.clock_start()));
    if (facts.has_breach_at()) out["breach_at"] = format_utc(to_ms(facts.breach_at()));
    if (facts.age_known()) out["age_years"] = facts.age_years();
    out["case_number_of_sender"] = facts.cad_number();
    out["journey_id"] = facts.journey_id();
    out["sender_organisation_ods"] = facts.sender_organisation_ods();
    out["observations"] = observations(facts.observations());
    out["news2"] = news2_of(facts);
    out["flags"] = Tree::array();
    for (const auto& flag : facts.flags()) {
        out["flags"].push_back({{"category", flag.category()}, {"code", flag.code()}, {"display", flag.display()}});
    }
    out["nhs_number"] = person.nhs_number().empty() ? "none" : "given";
    out["contacts"] = contacts(person);
    out["location"] = place(person.location());
    out["narrative_texts"] = person.narrative_size();
    out["additional_items"] = person.additional_size();
    return out;
}

Tree identity_of(const intake::Person& person) {
    const auto& at = person.location();
    Tree out = {{"name", person.name()},
                {"nhs_number", person.nhs_number()},
                {"nhs_number_status", person.nhs_number_status()},
                {"birth_date", person.birth_date()},
                {"gender", person.gender()},
                {"address", person.address()},
                {"general_practice_ods", person.general_practice_ods()},
                {"location", Tree::array({at.name(), at.address(), at.postcode(), at.uprn(), at.eastings(),
                                          at.northings(), at.latitude(), at.longitude(), at.what3words()})}};
    out["contacts"] = Tree::array();
    for (const auto& contact : person.contacts()) {
        Tree methods = Tree::array();
        for (const auto& method : contact.methods()) methods.push_back(method.system() + " " + method.value());
        out["contacts"].push_back({{"rank", contact.rank()}, {"name", contact.name()}, {"methods", methods}});
    }
    out["narrative"] = Tree::array();
    for (const auto& text : person.narrative()) out["narrative"].push_back(text);
    out["additional"] = Tree::array();
    for (const auto& one : person.additional()) out["additional"].push_back({{one.label(), one.value()}});
    return out;
}

Tree refusal(const Problems& problems) {
    Tree out = {{"accepted", false}, {"status", http_status(problems)}, {"problems", Tree::array()}};
    for (const auto& problem : problems) {
        out["problems"].push_back({{"issue", problem.issue_code},
                                   {"code", problem.details_code},
                                   {"path", problem.path},
                                   {"diagnostics", problem.diagnostics}});
    }
    return out;
}

Tree of_a_new_one(const ValidationRequest& request, TimeMs now) {
    Tree happens = Tree::array(
        {"The Bundle comes back with ids of ours and one more Encounter (planned), which carries our case number.",
         "The case is in the journal before that answer, and waits in the hub's queue by its breach time."});
    if (!request.facts.has_breach_at()) {
        happens.push_back("It names no breach time: the hub's policy sets one.");
    } else if (!request.referral && to_ms(request.facts.breach_at()) <= now) {
        happens.push_back("Its breach time is over: unless somebody takes it at once, it is given back (RRNA).");
    }
    happens.push_back(request.referral
                          ? "A referral: the patient is handed over to the hub, and no responses go back."
                          : "Interim, full and rejecting responses go to service " + request.reply_to.service_id() +
                                ", if bars.senders names its endpoint; else an alert is raised.");
    return happens;
}

Tree acceptance(const ValidationRequest& request, TimeMs now) {
    Tree out = {{"accepted", true}, {"status", 200}};
    switch (request.kind) {
        case Kind::update:
            out["happens"] =
                Tree::array({"An update: 200 when the hub has the request and nothing newer of it, else 404 "
                             "or 409. People see at once what is new; the versions before are kept."});
            break;
        case Kind::cancel:
            out["happens"] =
                Tree::array({"A cancellation: 200 when the hub has the request and it is active, else 404 or "
                             "409. It goes to the people on the case; what they have begun is theirs to end."});
            break;
        case Kind::response:
            out["happens"] = Tree::array(
                {request.referral ? "A response to a referral: it is kept, and people are told; it opens no case."
                                  : "A response: 200 when the hub sent the request that it answers, else 400. It is "
                                    "kept with that case, and people are told; it opens no case."});
            break;
        default:
            out["case_id"] = request.case_id;
            out["happens"] = of_a_new_one(request, now);
    }
    return out;
}

// A response to a referral is kept as it is; that to a request for validation must say what it came to.
bool is_read_as_response(const ValidationRequest& judged) {
    return judged.kind == Kind::response && !judged.referral;
}

void read_as_response(const Message& message, Tree& out, intake::CaseFacts& facts) {
    const auto response = read_response(message);
    if (!response) {
        out["answer"] = refusal(response.error());
        return;
    }
    out["message"]["response"] = kind_of_exchange(response.value());
    for (const auto& warning : response.value().warnings) facts.add_warnings(warning);
}

// "<code> <path>"
Tree parted(const google::protobuf::RepeatedPtrField<std::string>& warnings) {
    Tree out = Tree::array();
    for (const auto& warning : warnings) {
        const auto space = warning.find(' ');
        out.push_back({{"code", warning.substr(0, space)},
                       {"path", space == std::string::npos ? "" : warning.substr(space + 1)}});
    }
    return out;
}

}  // namespace

Tree explain(std::string_view body, const Explaining& how) {
    const Format looks = format_of(body);
    const std::string target = target_of(body, looks);
    const auto checked = check_headers(with_good_ones(how.headers, looks, target), how.query, {true, true});
    // What is told of the content is told by what it is; what would be answered, by what its header says it is.
    Tree out = {{"format", looks == Format::json ? "FHIR JSON" : "FHIR XML"}, {"bytes", body.size()}};
    intake::CaseFacts facts;
    intake::Person person;
    const auto document = read_document(body, looks);
    if (document) {
        const Message message(*document.value());
        out["message"] = what_it_is(message);
        facts = map_facts(message, how.now);
        person = map_person(message);
    }
    if (!checked.problems.empty()) {
        out["answer"] = refusal(with_those_of_content(checked.problems, body, checked.headers));
    } else {
        const auto judged = judge_request(body, checked.headers, {"hub", how.now});
        if (judged) facts = judged.value().facts;
        out["answer"] = judged ? acceptance(judged.value(), how.now) : refusal(judged.error());
        if (judged && is_read_as_response(judged.value())) {
            read_as_response(Message(*judged.value().bundle), out, facts);
        }
    }
    if (document) {
        out["understood"] = understood(facts, person);
        if (how.identity) out["identity"] = identity_of(person);
        out["warnings"] = parted(facts.warnings());
    }
    return out;
}

bool would_be_accepted(const Tree& explanation) {
    return explanation.at("answer").at("accepted").get<bool>();
}

}  // namespace rightplace::bars
