#include "services/adapters/bars/shell/reading.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/capability.hpp"
#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/definitions.hpp"
#include "services/adapters/bars/domain/render_delivery.hpp"

namespace rightplace::bars {
namespace {

void show(const VisitPtr& visit, std::string body) {
    visit->log("answered:200", visit->headers.request_id);
    visit->send(200, std::string(media_type(visit->headers.answer_format)), std::move(body));
}

Problem too_many_found() {
    return {422, "too-costly", "REC_UNPROCESSABLE_ENTITY", "patient:identifier",
            "More is found than one answer holds."};
}

Result<SharedTree, DocumentError> message_of(const BookedCase& booked, const NamedKey& key) {
    const auto original = sealing::open(key.key, booked.original, sealing::Context::original);
    return read_document(original.ok() ? original.value() : "", format_of(booked.content_type));
}

}  // namespace

void Reading::metadata(const VisitPtr& visit) const {
    show(visit, capability_statement(outside_.version, visit->headers.answer_format));
}

void Reading::definitions(const VisitPtr& visit, const Target& target) const {
    const auto services = services_asked(target);
    if (!services) return visit->answer(services.error());
    for (const auto& service : services.value()) {
        if (!outside_.hub_of(service).empty()) {
            return show(visit, definitions_bundle(service, visit->headers.answer_format));
        }
    }
    visit->answer({{404, "not-found", "REC_NOT_FOUND", "context", "This service is not known here."}});
}

void Reading::service_request(const VisitPtr& visit, std::string_view rest, const Target& target) {
    auto asked = judge_read(rest, target);
    if (!asked) return visit->answer(asked.error());
    visit->hub = outside_.hub_of(visit->headers.target_service_id);
    if (visit->hub.empty()) return visit->answer({unknown_service()});
    if (!asked.value().nhs_number.empty()) {
        if (const auto problems = check_searcher(visit->requester); !problems.empty()) return visit->answer(problems);
    }
    if (underway_.use_count() > long(reads_at_once_max)) return visit->answer({too_many_requests()});
    const auto looking = std::make_shared<Looking>(Looking{visit, std::move(asked.value()), 0, false, {}, underway_});
    if (looking->asked.nhs_number.empty()) return by_id(looking);
    // A wrong check digit is no match key: nobody is found by it.
    if (!nhs_number_is_valid(looking->asked.nhs_number)) return by_patient(looking, {});
    outside_.keys.tokens_in(visit->hub, looking->asked.nhs_number, {}, visit->remaining_ms(),
                            alive_.guard([this, looking](const std::vector<std::string>& tokens) {
                                if (tokens.empty()) return fail(looking);  // a number has a token: vault is silent
                                by_patient(looking, tokens);
                            }));
}

// The answer to a request may come before the feed has brought its case here: an unknown id is looked for a little
// longer.
void Reading::by_id(const LookingPtr& looking) {
    const auto& visit = looking->visit;
    const auto* book = outside_.book_of(visit->hub);
    if (book == nullptr) return fail(looking);
    const auto* booked = book->of_service_request(looking->asked.service_request_id);
    if (booked != nullptr && may_read(*booked, visit->requester.organisation_ods)) {
        return look_at(looking, {booked->case_id});
    }
    if (booked == nullptr && visit->spent_ms() < limits::bars_read_settle_ms) {
        outside_.clock.after(limits::bars_key_again_ms, alive_.guard([this, looking] { by_id(looking); }));
        return;
    }
    visit->answer({not_found()});
}

void Reading::by_patient(const LookingPtr& looking, const std::vector<std::string>& tokens) {
    const auto& visit = looking->visit;
    const auto* book = outside_.book_of(visit->hub);
    if (book == nullptr) return fail(looking);
    std::vector<const BookedCase*> found;
    book->each([&](const BookedCase& booked) {
        if (booked.service_request_id.empty() || !is_sent_by(booked, visit->requester.organisation_ods)) return;
        if (may_be_about(booked, tokens)) found.push_back(&booked);
    });
    if (found.size() > limits::bars_search_max_entries) return visit->answer({too_many_found()});
    std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->opened_at > b->opened_at; });
    std::vector<std::string> case_ids;
    for (const auto* booked : found) case_ids.push_back(booked->case_id);
    look_at(looking, case_ids);
}

void Reading::look_at(const LookingPtr& looking, const std::vector<std::string>& case_ids) {
    looking->waiting_for = case_ids.size();
    looking->entries.resize(case_ids.size());
    if (case_ids.empty()) return finish(looking);
    for (std::size_t i = 0; i < case_ids.size(); ++i) {
        const auto* book = outside_.book_of(looking->visit->hub);
        const auto* booked = book == nullptr ? nullptr : book->find(case_ids[i]);
        const bool by_number = !looking->asked.nhs_number.empty();
        const bool unknown = by_number && booked != nullptr && booked->facts.match_tokens().empty();
        unknown ? look_inside(looking, case_ids[i], i) : open(looking, case_ids[i], i);
    }
}

// Without match tokens only the message itself says whom it is about. Nobody is shown anything by this, so it is no
// view; what is about the patient is then opened as any other.
void Reading::look_inside(const LookingPtr& looking, const std::string& case_id, std::size_t place) {
    const auto& hub = looking->visit->hub;
    const auto* book = outside_.book_of(hub);
    const auto* booked = book == nullptr ? nullptr : book->find(case_id);
    if (booked == nullptr) return fail(looking);
    outside_.keys.of_case(hub, case_id, booked->original.key_id(),
                          alive_.guard([this, looking, case_id, place, booked = *booked](const CaseKey& released) {
                              if (looking->over) return;
                              if (!released.key) return fail(looking);
                              const auto message = message_of(booked, *released.key);
                              if (!message) return fail(looking);
                              const bool about = is_about_patient(*message.value(), looking->asked.nhs_number);
                              if (about) return open(looking, case_id, place);
                              if (--looking->waiting_for == 0) finish(looking);
                          }));
}

void Reading::open(const LookingPtr& looking, const std::string& case_id, std::size_t place) {
    if (looking->over) return;
    const auto& visit = looking->visit;
    const auto* book = outside_.book_of(visit->hub);
    const auto* booked = book == nullptr ? nullptr : book->find(case_id);
    if (booked == nullptr) return fail(looking);
    const KeyRing::Reader reader{visit->requester.organisation_ods, visit->headers.correlation_id};
    outside_.keys.for_reader(
        visit->hub, case_id, booked->original.key_id(), reader, visit->remaining_ms(),
        alive_.guard([this, looking, case_id, place](const CaseKey& released) {
            if (released.key) return opened(looking, case_id, place, *released.key);
            const bool again = released.refused && looking->visit->remaining_ms() > limits::bars_key_again_ms;
            if (!again) return fail(looking);
            outside_.clock.after(limits::bars_key_again_ms,
                                 alive_.guard([this, looking, case_id, place] { open(looking, case_id, place); }));
        }));
}

void Reading::opened(const LookingPtr& looking, const std::string& case_id, std::size_t place, const NamedKey& key) {
    if (looking->over) return;
    const auto* book = outside_.book_of(looking->visit->hub);
    const auto* booked = book == nullptr ? nullptr : book->find(case_id);
    if (booked == nullptr) return fail(looking);
    const auto message = message_of(*booked, key);
    if (!message) {
        looking->visit->log("request-does-not-open", case_id);
        return fail(looking);
    }
    // Tokens only say whom to look at: a message of an earlier number may bear one too.
    const auto& number = looking->asked.nhs_number;
    if (number.empty() || is_about_patient(*message.value(), number)) {
        looking->entries[place] = present_service_request(*message.value(), *booked);
    }
    if (--looking->waiting_for == 0) finish(looking);
}

void Reading::finish(const LookingPtr& looking) const {
    const auto& visit = looking->visit;
    auto& entries = looking->entries;
    std::erase_if(entries, [](const Tree& entry) { return entry.is_null(); });
    looking->over = true;
    const auto format = visit->headers.answer_format;
    if (!looking->asked.nhs_number.empty()) {
        const auto id = derived_uuid({"searchset", to_hex(outside_.random.bytes(16))});
        return show(visit, found_bundle(std::move(entries), id, format));
    }
    if (entries.empty()) return visit->answer({not_found()});
    show(visit, write_document(entries.front()["resource"], format));
}

// Once, whatever else was on its way. Never a part of what was asked for.
void Reading::fail(const LookingPtr& looking) {
    if (looking->over) return;
    looking->over = true;
    looking->visit->answer({unavailable()});
}

}  // namespace rightplace::bars
