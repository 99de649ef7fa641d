#include "services/adapters/bars/domain/changes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rightplace::bars {
namespace {

std::string uuid_of_url(std::string_view full_url) {
    constexpr std::string_view prefix = "urn:uuid:";
    return full_url.starts_with(prefix) ? lower_case(full_url.substr(prefix.size())) : std::string();
}

std::string journey_of(const Message& message) {
    const auto encounter = message.sender_encounter();
    return encounter ? journey_id(*encounter->resource) : std::string();
}

const Entry* with_url(const Message& message, const std::string& full_url) {
    const auto& all = message.entries();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Entry& one) { return one.full_url == full_url; });
    return full_url.empty() || found == all.end() ? nullptr : &*found;
}

bool is_header(const Entry& entry) {
    return text_at(*entry.resource, "resourceType") == "MessageHeader";
}

bool is_request(const Entry& entry) {
    return text_at(*entry.resource, "resourceType") == "ServiceRequest";
}

// Ours came with the answer to the request; a sender may bring it back, and it is not theirs to change.
bool is_own_encounter(const Entry& entry, const OwnCase& own) {
    return entry.full_url == own_encounter_url(own) || text_at(*entry.resource, "id") == own_encounter_id(own);
}

std::optional<TimeMs> updated_at(const Entry& entry) {
    return parse_instant(text_at(*entry.resource, "meta.lastUpdated"));
}

Tree without_id(const Tree& resource) {
    Tree copy = resource;
    copy.erase("id");
    return copy;
}

// An undated entry is no older and no newer than another: it counts when it says something else.
bool replaces(const Entry& entry, const Entry& before) {
    const auto now = updated_at(entry);
    const auto then = updated_at(before);
    if (now && then) return *now > *then;
    return without_id(*entry.resource) != without_id(*before.resource);
}

bool is_older(const Entry& entry, const Entry& before) {
    const auto now = updated_at(entry);
    const auto then = updated_at(before);
    return now && then && *now < *then;
}

Problem conflict(std::string path, std::string diagnostics) {
    return {409, "conflict", "REC_CONFLICT", std::move(path), std::move(diagnostics)};
}

void check_category(const Message& change, const Message& current, Problems& problems) {
    const auto request = change.service_request();
    const auto before = current.service_request();
    const Tree& category = at(*request->resource, "category");
    const Tree& was = at(*before->resource, "category");
    const auto use_case = code_in(category, systems::use_case);
    if (code_in(category, systems::category) != code_in(was, systems::category) ||
        (!use_case.empty() && use_case != code_in(was, systems::use_case))) {
        problems.push_back(broken_rule(request->path() + ".category", "The category of a request never changes."));
    }
}

// Another Encounter, or another Journey, is another request.
void check_encounter(const Message& change, const Message& current, const OwnCase& own, Problems& problems) {
    const auto encounter = change.sender_encounter();
    const auto before = current.sender_encounter();
    if (!encounter || !before || is_own_encounter(*encounter, own)) return;
    if (encounter->full_url != before->full_url) {
        problems.push_back(
            broken_rule(encounter->path(), "The Encounter of a request never becomes another (by its fullUrl)."));
    }
    const auto journey = journey_of(change);
    const auto was = journey_of(current);
    if (!journey.empty() && !was.empty() && lower_case(journey) != lower_case(was)) {
        problems.push_back(
            broken_rule(encounter->path() + ".episodeOfCare", "The Journey ID of a request never changes."));
    }
}

// An update is judged as what the request comes to: what it leaves out stands, what it changes counts.
void check_place(const Message& change, const Message& current, const OwnCase& own, Problems& problems) {
    if (is_referral(current)) return;
    const auto merged = merge(change, current, own);
    Problems of_place;
    check_location(Message(*merged.bundle), of_place);
    if (!of_place.empty()) problems.push_back(broken_rule("Bundle.entry", of_place.front().diagnostics));
}

// What the Patient of both says, and says differently.
std::vector<std::string> patient_differences(const Message& change, const Message& current) {
    const auto now = change.patient();
    const auto before = current.patient();
    std::vector<std::string> differences;
    if (!now || !before) return differences;
    const auto compare = [&](const std::string& one, const std::string& other, const char* what) {
        if (!one.empty() && !other.empty() && one != other) differences.emplace_back(what);
    };
    const auto number = [](const Entry& patient) {
        std::string digits = identifier_in(*patient.resource, systems::nhs_number);
        std::erase_if(digits, [](char c) { return c == ' ' || c == '-'; });
        return digits;
    };
    compare(number(*now), number(*before), "NHS number");
    compare(text_at(*now->resource, "birthDate"), text_at(*before->resource, "birthDate"), "date of birth");
    return differences;
}

void check_dates(const Message& change, Kind kind, const Message& current, const OwnCase& own, Problems& problems) {
    const auto request = change.service_request();
    for (const auto& entry : change.entries()) {
        // A cancellation carries a few resources only to say whose it is.
        if (kind == Kind::cancel && entry.index != request->index) continue;
        if (is_own_encounter(entry, own)) continue;
        const auto header = is_header(entry) ? current.header() : std::nullopt;
        const Entry* before = header ? &*header : with_url(current, entry.full_url);
        if (before == nullptr || !is_older(entry, *before)) continue;
        problems.push_back(
            conflict(entry.path() + ".meta.lastUpdated", "What is held here is newer: read it, and send again."));
    }
}

Tree answer_bundle(const Message& change) {
    Tree answer = change.bundle();
    answer["entry"] = Tree::array();
    return answer;
}

}  // namespace

const BookedCase* case_of(const Message& change, const CaseBook& book, const std::string& sender_service_id) {
    const auto request = change.service_request();
    if (!request) return nullptr;
    // Only whoever asked may change or cancel it: of another's case nothing is known here.
    const auto its_own = [&](const BookedCase* booked) {
        return booked->reply_to.service_id() == sender_service_id ? booked : nullptr;
    };
    const std::string id = lower_case(text_at(*request->resource, "id"));
    if (const auto* booked = book.of_service_request(id)) return its_own(booked);
    if (!id.empty() && id != uuid_of_url(request->full_url)) return nullptr;  // of a case that is not ours
    if (const auto* booked = book.of_message(lower_case(text_at(change.bundle(), "id")))) return its_own(booked);
    const auto journey = journey_of(change);
    return journey.empty() ? nullptr : book.only_open_of(journey, sender_service_id);
}

ChangeProblems check_change(const Message& change, Kind kind, const Message& current, const BookedCase& booked) {
    ChangeProblems problems;
    check_category(change, current, problems.content);
    const OwnCase own{booked.case_id, booked.case_number};
    if (kind == Kind::update) {
        check_encounter(change, current, own, problems.content);
        check_place(change, current, own, problems.content);
    }
    const auto request = change.service_request();
    if (!booked.cancelled.empty()) {
        problems.state.push_back(
            conflict(request->path() + ".status", "This request was cancelled before; send a new one."));
    } else if (kind == Kind::cancel && booked.ended) {
        problems.state.push_back(
            conflict(request->path() + ".status", "This request is no longer active: its review is complete."));
    }
    check_dates(change, kind, current, own, problems.state);
    return problems;
}

std::string cancellation_words(const Message& change, const Message& current) {
    std::string words = text_at(*change.service_request()->resource, "reasonCode.0.text");
    for (const auto& difference : patient_differences(change, current)) {
        if (!words.empty()) words += "\n";
        words += "CHECK THE PATIENT: the " + difference + " in this cancellation is not that of the case.";
    }
    return words;
}

Merged merge(const Message& change, const Message& current, const OwnCase& own) {
    auto bundle = std::make_shared<Tree>(current.bundle());
    Tree& entries = (*bundle)["entry"];
    Merged merged;
    for (const auto& entry : change.entries()) {
        const Tree& whole = change.bundle()["entry"][entry.index];
        if (is_own_encounter(entry, own)) continue;
        if (const auto header = current.header(); is_header(entry) && header) {
            entries[header->index] = whole;  // each message has its own; the place, and so the id, stays
            continue;
        }
        const Entry* before = with_url(current, entry.full_url);
        if (before != nullptr && !replaces(entry, *before)) continue;
        if (before != nullptr) {
            entries[before->index] = whole;
            if (is_request(*before)) {  // it never changes, and published updates lack half of it
                entries[before->index]["resource"]["category"] = at(*before->resource, "category");
            }
        } else {
            entries.push_back(whole);
        }
        merged.changed = true;
    }
    if (merged.changed && !text_at(change.bundle(), "meta.lastUpdated").empty()) {
        (*bundle)["meta"]["lastUpdated"] = at(change.bundle(), "meta.lastUpdated");
    }
    merged.bundle = std::move(bundle);
    return merged;
}

OwnEncounter encounter_now(const BookedCase& booked) {
    const TimeMs opened = booked.opened_at;
    const TimeMs begun = booked.consultation_at != 0 ? booked.consultation_at : opened;
    if (booked.ended && booked.decided_at != 0 && booked.decided_at >= booked.rejected_at) {
        return {"finished", booked.decided_at, begun, booked.decided_at};
    }
    if (booked.ended || booked.returned) {
        const TimeMs ended = booked.ended ? booked.ended_at : booked.breach_at;
        return {"cancelled", ended, std::min(begun, ended), ended};
    }
    if (booked.consulting) return {"in-progress", begun, begun, 0};
    return {"planned", opened, opened, 0};
}

std::string update_answer(const Message& change, const Tree& merged, const OwnCase& own, const OwnEncounter& encounter,
                          Format format) {
    Tree answer = answer_bundle(change);
    std::size_t position = 0;
    for (const auto& entry : merged["entry"]) answer["entry"].push_back(with_own_id(entry, own, position++));
    answer["entry"].push_back(own_encounter(Message(merged), own, encounter, nullptr));
    return write_document(answer, format);
}

// Whatever is in it and not in the request has an id behind those of the request.
std::string cancel_answer(const Message& change, const Message& current, const OwnCase& own, Format format) {
    Tree answer = answer_bundle(change);
    std::size_t unknown = list_at(current.bundle(), "entry").size();
    for (const auto& entry : change.entries()) {
        const auto header = is_header(entry) ? current.header() : std::nullopt;
        const Entry* known = header ? &*header : with_url(current, entry.full_url);
        const Tree& whole = change.bundle()["entry"][entry.index];
        answer["entry"].push_back(with_own_id(whole, own, known != nullptr ? known->index : unknown++));
    }
    return write_document(answer, format);
}

std::string response_answer(const Message& response, Format format) {
    return write_document(response.bundle(), format);
}

}  // namespace rightplace::bars
