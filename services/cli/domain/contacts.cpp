#include "services/cli/domain/contacts.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "common/clinical/categories.hpp"
#include "common/clinical/pathways.hpp"
#include "common/clinical/words.hpp"

namespace rightplace::cli {
using nlohmann::json;
namespace {

using Fields = std::vector<std::string>;
constexpr std::size_t uuid_characters = 36;
constexpr std::size_t sha256_characters = 64;

struct Kind {
    intake::Origin origin;
    std::string name;  // as in "this is no ..."
    Fields needed;     // besides `person`
    bool rings_back;   // nobody who asks is with the patient, or stays there
};

// What any kind may say.
const Fields common_fields{
    "category",      "clock_start",        "breach_at",     "age_years", "age_known", "cad_number",
    "journey_id",    "observations",       "outcome_codes", "flags",     "site",      "sender_organisation_ods",
    "original_plan", "requester_staff_id", "use_case"};
const Fields codes{"callsign", "cad_number", "journey_id", "requester_staff_id", "sender_organisation_ods", "site"};

Kind kind_of(Asker asker) {
    switch (asker) {
        case Asker::crew:
            return {intake::CREW_ON_SCENE, "crew contact", {"callsign", "requester_staff_id", "original_plan"}, false};
        case Asker::gp:
            return {intake::GP, "GP's request", {"requester_staff_id", "sender_organisation_ods"}, true};
        case Asker::nhs_111:
            return {intake::NHS_111, "request of NHS 111", {"cad_number", "original_plan"}, true};
        case Asker::nurse:
            return {intake::COMMUNITY_NURSE,
                    "community nurse's request",
                    {"requester_staff_id", "sender_organisation_ods"},
                    false};
        case Asker::validation:
            break;
    }
    return {
        intake::VALIDATION_999, "999 call for validation", {"cad_number", "category", "sender_organisation_ods"}, true};
}

const char* meaning_of(const std::string& field) {
    if (field == "callsign") return "the crew's callsign";
    if (field == "requester_staff_id") return "the staff id of who asks";
    if (field == "original_plan") return "the plan before any advice: what the hub changes is counted against it";
    if (field == "sender_organisation_ods") return "the ODS code of the asker's organisation";
    if (field == "cad_number") return "the asker's own incident or case number, to ring about";
    return "the ARP category, e.g. C3";
}

bool has(const Fields& all, const std::string& field) {
    return std::find(all.begin(), all.end(), field) != all.end();
}

// Pathways' disposition codes, as NHS 111 and 999 speak of them: "Dx11".
bool is_disposition(std::string_view text) {
    const auto digit = [](char sign) { return sign >= '0' && sign <= '9'; };
    const bool begins =
        text.size() > 3 && text.size() <= 7 && (text[0] == 'D' || text[0] == 'd') && (text[1] == 'x' || text[1] == 'X');
    return begins && std::all_of(text.begin() + 2, text.end(), digit);
}

// BaRS usecases-categories-bars, for the kinds of 999 call.
std::string use_case_of(const std::string& word) {
    if (word == "validation") return "a4t1";
    if (word == "falls") return "a4t2";
    if (word == "community") return "a4t3";
    return word == "a4t1" || word == "a4t2" || word == "a4t3" ? word : "";
}

struct Reading {
    Kind kind;
    intake::CaseFacts& facts;
    intake::Person who;
    std::vector<std::string> problems;

    void problem(const std::string& field, const std::string& what) { problems.push_back(field + ": " + what); }

    // One by one, so that every one that is wrong is told.
    void field(const std::string& name, const json& value) {
        intake::CaseFacts one;
        const auto read = from_json(json{{name, value}}.dump(), one);
        if (read) return facts.MergeFrom(one);
        if (!value.is_object()) return problem(name, "not what is expected there (" + read.error() + ")");
        for (const auto& [inner, part] : value.items()) {
            intake::CaseFacts alone;
            const auto again = from_json(json{{name, {{inner, part}}}}.dump(), alone);
            const std::string known = has_field(name, inner) ? name + "." + inner : name;
            if (!again) problem(known, "not what is expected there (" + again.error() + ")");
        }
    }

    // A misspelt name may hold anything: it is repeated only when it is one of ours.
    static bool has_field(const std::string& of, const std::string& name) {
        const auto* field = intake::CaseFacts::descriptor()->FindFieldByName(of);
        const auto* inside = field == nullptr ? nullptr : field->message_type();
        return inside != nullptr && inside->FindFieldByName(name) != nullptr;
    }

    void everything(const json& object) {
        const auto may_say = [&](const std::string& name) {
            return has(common_fields, name) || has(kind.needed, name);
        };
        for (const auto& [name, value] : object.items()) {
            if (name == "person" || (name == "sent" && kind.origin == intake::VALIDATION_999)) continue;
            if (may_say(name)) {
                field(name, value);
            } else {
                problem(clinical::is_code(name) ? name : "a field", "a " + kind.name + " has no such field");
            }
        }
        for (const auto& name : kind.needed) {
            if (!object.contains(name)) problem(name, "missing: " + std::string(meaning_of(name)));
        }
    }

    void in_clear(const json& object) {
        for (const auto& name : codes) {
            const bool written = object.contains(name) && object[name].is_string();
            if (written && !clinical::is_code(object[name].get<std::string>())) {
                problem(name, "a code is needed: letters, digits and hyphens, for it travels in clear");
            }
        }
    }

    void plan() {
        const auto& plan = facts.original_plan();
        if (plan.empty()) return;
        if (const auto pathway = clinical::pathway_from_word(plan)) {
            facts.set_original_plan(clinical::pathway_code(*pathway));
        } else if (kind.origin == intake::CREW_ON_SCENE || !is_disposition(plan)) {
            const bool crew = kind.origin == intake::CREW_ON_SCENE;
            problem("original_plan", "no such plan; known are " + clinical::pathway_words() +
                                         (crew ? "" : ", and Pathways dispositions such as Dx11"));
        }
    }

    void use_case() {
        if (facts.use_case().empty()) return;
        const auto code = use_case_of(facts.use_case());
        if (code.empty()) problem("use_case", "no such kind of case; known are validation, falls, community");
        facts.set_use_case(code);
    }

    void category() {
        if (kind.origin != intake::VALIDATION_999 || facts.category() == intake::CATEGORY_UNSPECIFIED) return;
        // BaRS Application 4: what is validated is C3 to C5, and C2 that may be navigated.
        if (clinical::urgency_rank(facts.category()) < 2) {
            problem("category", "a C1 is not validated: an ambulance goes");
        }
    }

    // The request that the asker's own system sent to another hub by BaRS: its responses find this case by these.
    void sent(const json& object, intake::OpenCase& open) {
        if (!object.contains("sent")) return;
        const json& said = object["sent"];
        auto& exchange = *open.mutable_exchange();
        exchange.set_protocol("bars-sent");
        const auto take = [&](const char* name, std::size_t length, auto set) {
            const bool written = said.is_object() && said.contains(name) && said[name].is_string();
            const auto value = written ? said[name].get<std::string>() : std::string();
            if (value.size() == length && clinical::is_code(value)) return set(value);
            problem("sent." + std::string(name), length == uuid_characters ? "the GUID it was sent with is needed"
                                                                           : "the SHA-256 of what was sent, in hex");
        };
        take("bundle_id", uuid_characters, [&](const std::string& value) { exchange.set_message_id(value); });
        take("request_id", uuid_characters, [&](const std::string& value) { exchange.set_request_id(value); });
        take("correlation_id", uuid_characters, [&](const std::string& value) { exchange.set_correlation_id(value); });
        take("body_sha256", sha256_characters, [&](const std::string& value) { exchange.set_body_sha256(value); });
    }

    void person(const json& object) {
        if (!object.contains("person")) return problem("person", "missing: who the patient is, {} when nobody knows");
        const auto read = from_json(object["person"].dump(), who);
        if (!read) return problem("person", read.error() + " (it holds the fields of intake.Person)");
        const auto rings = [](const intake::Contact& contact) {
            return std::any_of(contact.methods().begin(), contact.methods().end(), [](const auto& method) {
                return method.system() == "phone" && !method.value().empty();
            });
        };
        const auto& all = who.contacts();
        if (kind.rings_back && std::none_of(all.begin(), all.end(), rings)) {
            problem("person.contacts", "a telephone number is needed, to ring the patient back");
        }
    }
};

}  // namespace

Result<Prepared, std::vector<std::string>> read_contact(Asker asker, std::string_view text, const Defaults& defaults) {
    using Problems = std::vector<std::string>;
    const auto object = json::parse(text, nullptr, false);
    if (!object.is_object()) return Failure{Problems{"one JSON object is expected"}};
    intake::OpenCase open;
    Reading reading{kind_of(asker), *open.mutable_facts(), {}, {}};
    reading.everything(object);
    reading.in_clear(object);
    reading.plan();
    reading.use_case();
    reading.category();
    reading.person(object);
    if (kind_of(asker).origin == intake::VALIDATION_999) reading.sent(object, open);
    if (defaults.hub.empty()) reading.problem("--hub", "no hub: name one with --hub H");
    if (!reading.problems.empty()) return Failure{std::move(reading.problems)};
    auto& facts = *open.mutable_facts();
    facts.set_origin(reading.kind.origin);
    if (facts.age_years() > 0) facts.set_age_known(true);
    if (!facts.has_clock_start()) {
        *facts.mutable_clock_start() = to_timestamp(defaults.occurred_at != 0 ? defaults.occurred_at : defaults.now);
    }
    auto prepared = prepare(open, defaults);
    prepared.plain.push_back({"person", sealing::Context::person, reading.who.SerializeAsString()});
    return prepared;
}

}  // namespace rightplace::cli
