// From a delivery and the request it answers to the bytes that go out. Pure: the same in, the same out.
#pragma once

#include <optional>
#include <string>

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/case_book.hpp"

namespace rightplace::bars {

struct OutgoingMessage {
    std::string body;
    std::string content_type;
    std::string request_id;
};

struct RenderInput {
    const BookedCase& booked;
    referral::DeliveryKind kind;
    std::string delivery_id;
    std::string original;    // the request's bytes as they came
    std::string service_id;  // ours
    std::string text;        // the clinician's, opened; empty when there is none
};
// Nothing when the original does not parse, which it did once: quarantine, not silence.
std::optional<OutgoingMessage> render_delivery(const RenderInput& input);

// The rejecting response that the breach watch keeps ready. Its request id is derived from case and
// breach, so that watch and journal speak of the same message.
std::string breach_return_request_id(const std::string& case_id);
// `least`: for a request so large that the watch has no room for the usual one.
std::string render_breach_return(const SharedTree& request, const OwnCase& own, const std::string& service_id,
                                 TimeMs breach_at, Format format, bool least = false);

bool says_update(std::string_view body, Format format);  // of a response: another went before it
Format format_of(std::string_view content_type);

}  // namespace rightplace::bars
