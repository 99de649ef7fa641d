#include "services/adapters/bars/domain/render_delivery.hpp"

#include <algorithm>

#include "common/base/hash.hpp"
#include "common/clinical/categories.hpp"
#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {
namespace {

// The return of a case is rendered when the case comes, and dated by its breach time. When it goes out before that,
// what follows is dated after it all the same, in its order: a receiver refuses an older resource, and ignores an
// equal.
TimeMs after_what_went_before(const BookedCase& booked, TimeMs at, bool last) {
    constexpr TimeMs step_ms = 1'000;
    const TimeMs after = std::max(at, booked.not_before);
    if (!booked.returned) return after;
    const TimeMs returned = std::max(booked.breach_at, booked.return_not_before);
    return std::max(after, returned + (last ? 2 * step_ms : step_ms));
}

ResponseFrame frame_of(const RenderInput& input, TimeMs at) {
    const auto& booked = input.booked;
    ResponseFrame frame;
    frame.own = {booked.case_id, booked.case_number};
    frame.service_id = input.service_id;
    frame.bundle_id = derived_uuid({"bars-bundle", input.delivery_id});
    frame.now = after_what_went_before(booked, at, input.kind != referral::INTERIM_RESPONSE);
    frame.started = booked.consultation_at;
    frame.update = booked.answered_before;
    return frame;
}

Outcome outcome_of(const RenderInput& input) {
    const auto& decided = input.booked.decided;
    Outcome outcome;
    outcome.ambulance_needed = clinical::needs_ambulance(decided.pathway());
    outcome.emergency = clinical::is_emergency(decided.category(), decided.pathway());
    outcome.ambulance_reference = decided.ambulance_reference();
    outcome.category = decided.category();
    outcome.outcome_codes.assign(decided.outcome_codes().begin(), decided.outcome_codes().end());
    outcome.summary = !input.text.empty() ? input.text : decided.rationale_code();
    outcome.decided = input.booked.decided_at;
    outcome.late = decided.late();
    return outcome;
}

}  // namespace

bool says_update(std::string_view body, Format format) {
    const auto document = read_document(body, format);
    if (!document.ok()) return false;
    const Message message(*document.value());
    const auto header = message.header();
    return header && code_in(at(*header->resource, "reason"), systems::reason) == "update";
}

Format format_of(std::string_view content_type) {
    return content_type.find("xml") != std::string_view::npos ? Format::xml : Format::json;
}

std::string breach_return_request_id(const std::string& case_id) {
    return derived_uuid({"breach-return", case_id});
}

std::optional<OutgoingMessage> render_delivery(const RenderInput& input) {
    const auto format = format_of(input.booked.content_type);
    const auto request = read_document(input.original, format);
    if (!request.ok()) return std::nullopt;
    const auto& tree = *request.value();
    const auto& booked = input.booked;
    OutgoingMessage out;
    out.content_type = media_type(format);
    out.request_id = derived_uuid({"bars-request", input.delivery_id});
    switch (input.kind) {
        case referral::INTERIM_RESPONSE:
            out.body = interim_response(tree, frame_of(input, booked.consultation_at), format);
            return out;
        case referral::FULL_RESPONSE:
            out.body = full_response(tree, frame_of(input, booked.decided_at), outcome_of(input), format);
            return out;
        case referral::REJECTING_RESPONSE:
            out.body = rejecting_response(tree, frame_of(input, booked.rejected_at), booked.rejected.reason(),
                                          input.text, format);
            return out;
        case referral::BREACH_RETURN:  // the watch's, unless it had no room for this case
            out.request_id = breach_return_request_id(booked.case_id);
            out.body = render_breach_return(request.value(), {booked.case_id, booked.case_number}, input.service_id,
                                            std::max(booked.breach_at, booked.return_not_before), format);
            return out;
        default:
            return std::nullopt;
    }
}

std::string render_breach_return(const SharedTree& request, const OwnCase& own, const std::string& service_id,
                                 TimeMs breach_at, Format format, bool least) {
    ResponseFrame frame;
    frame.least = least;
    frame.own = own;
    frame.service_id = service_id;
    frame.bundle_id = derived_uuid({"bars-bundle", "breach-return", own.case_id});
    frame.now = breach_at;
    return rejecting_response(*request, frame, triage::RRNA, "", format);
}

}  // namespace rightplace::bars
