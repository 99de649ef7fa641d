// Identity on the screen: the number to call back first, then who, where and what was told. And a case as JSON.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "services/cli/domain/case_view.hpp"
#include "services/cli/domain/json.hpp"

namespace rightplace::cli {
namespace {

std::string line(const std::string& label, const std::string& value) {
    return "  " + label + std::string(label.size() < 16 ? 16 - label.size() : 1, ' ') +
           (value.empty() ? "not given" : printable(value)) + "\n";
}

std::vector<intake::Contact> by_rank(const intake::Person& person) {
    std::vector<intake::Contact> contacts(person.contacts().begin(), person.contacts().end());
    const auto rank = [](std::uint32_t given) { return given == 0 ? 1'000U : given; };  // no rank: last
    std::stable_sort(contacts.begin(), contacts.end(),
                     [&](const auto& a, const auto& b) { return rank(a.rank()) < rank(b.rank()); });
    for (auto& contact : contacts) {
        std::stable_sort(contact.mutable_methods()->begin(), contact.mutable_methods()->end(),
                         [&](const auto& a, const auto& b) { return rank(a.rank()) < rank(b.rank()); });
    }
    return contacts;
}

std::string call_back(const std::vector<intake::Contact>& contacts) {
    for (const auto& contact : contacts) {
        for (const auto& method : contact.methods()) {
            if (method.system() == "phone") return method.value();
        }
    }
    return "";
}

std::string contact_lines(const std::vector<intake::Contact>& contacts) {
    std::string out;
    for (const auto& contact : contacts) {
        std::string text = contact.name();
        if (!contact.relationship().empty()) text += (text.empty() ? "(" : " (") + contact.relationship() + ")";
        for (const auto& method : contact.methods()) {
            text += (text.empty() ? "" : ", ") + method.system() + " " + method.value() +
                    (method.use().empty() ? "" : " " + method.use());
        }
        out += line("contact " + std::to_string(contact.rank()), text);
    }
    return out;
}

// A sender often has the name and the postcode in the address as well: once is enough.
std::string where(const intake::Location& at) {
    std::string out;
    const auto add = [&](const char* label, const std::string& value) {
        if (!value.empty()) out += (out.empty() ? "" : ", ") + std::string(label) + value;
    };
    const auto beside_address = [&](const std::string& value) {
        if (at.address().find(value) == std::string::npos) add("", value);
    };
    beside_address(at.name());
    add("", at.address());
    beside_address(at.postcode());
    add("UPRN ", at.uprn());
    add("what3words ", at.what3words());
    if (!at.eastings().empty()) add("grid ", at.eastings() + " " + at.northings());
    if (!at.latitude().empty()) add("", at.latitude() + " " + at.longitude());
    return out;
}

nlohmann::json parsed(const google::protobuf::Message& message) {
    return nlohmann::json::parse(to_json(message));
}

nlohmann::json revealed_json(const Revealed& revealed) {
    nlohmann::json out;
    if (revealed.person) out["person"] = parsed(*revealed.person);
    out["texts"] = nlohmann::json::array();
    for (const auto& text : revealed.texts) {
        out["texts"].push_back({{"seq", text.seq}, {"what", text.what}, {"text", text.text}});
    }
    for (const auto& requester : revealed.requesters) out["requesters"].push_back(parsed(requester));
    out["problems"] = revealed.problems;
    out["view_recorded"] = revealed.view_recorded;
    return out;
}

}  // namespace

std::string render_revealed(const Revealed& revealed, const Style& style) {
    std::string out = "\n" + style.bold("Identity (this view is recorded)") + "\n";
    if (!revealed.view_recorded) out += "  the view is kept aside and is recorded when the hub opens again\n";
    for (const auto& problem : revealed.problems) out += style.yellow("! " + problem) + "\n";
    if (revealed.person) {
        const auto& person = *revealed.person;
        const auto contacts = by_rank(person);
        out += line("CALL BACK", call_back(contacts));
        out += line("name", person.name());
        out += line("born", person.birth_date());
        out += line("gender", person.gender());
        out +=
            line("NHS number", person.nhs_number() +
                                   (person.nhs_number_status().empty() ? "" : " (" + person.nhs_number_status() + ")"));
        out += line("address", person.address());
        out += line("location", where(person.location()));
        if (!person.general_practice_ods().empty()) out += line("GP practice", person.general_practice_ods());
        out += contact_lines(contacts);
        for (const auto& told : person.narrative()) out += line("told", told);
        for (const auto& more : person.additional()) out += line(printable(more.label()), more.value());
    }
    std::vector<std::string> named;
    for (const auto& requester : revealed.requesters) {
        const auto word = requester_word(requester);
        if (word.empty() || std::find(named.begin(), named.end(), word) != named.end()) continue;
        out += line("asked by", word);
        named.push_back(word);
    }
    for (const auto& text : revealed.texts) out += line(text.what + " " + std::to_string(text.seq), text.text);
    return out;
}

std::string case_to_json(const CasePicture& picture, const Revealed* revealed) {
    nlohmann::json out;
    out["hub"] = picture.hub;
    out["as_of_seq"] = picture.freshness.as_of_seq;
    out["age_ms"] = picture.freshness.age_ms;
    out["stale"] = is_stale(picture.freshness);
    if (picture.state) out["case"] = parsed(*picture.state);
    if (picture.review) out["review"] = parsed(*picture.review);
    if (picture.deliveries) out["deliveries"] = parsed(*picture.deliveries);
    out["events"] = nlohmann::json::array();
    for (const auto& event : picture.events) out["events"].push_back(nlohmann::json::parse(event_to_json(event)));
    for (const auto& there : picture.elsewhere) {
        nlohmann::json other{{"hub", there.hub}, {"events", nlohmann::json::array()}};
        if (there.review) other["review"] = parsed(*there.review);
        for (const auto& event : there.events) other["events"].push_back(nlohmann::json::parse(event_to_json(event)));
        out["elsewhere"].push_back(other);
    }
    out["missing"] = picture.missing;
    if (revealed != nullptr) out["revealed"] = revealed_json(*revealed);
    return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace rightplace::cli
