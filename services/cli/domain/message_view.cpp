#include "services/cli/domain/message_view.hpp"

#include <algorithm>

namespace rightplace::cli {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    return text;
}

std::string kind_of(const intake::ExchangeAnswered& said) {
    if (!said.exchange().kind().empty()) return said.exchange().kind();
    return said.accepted() ? "new request" : "not known: it was refused";
}

std::string sender_of(const intake::Exchange& exchange) {
    std::string out;
    const auto add = [&](const std::string& text) {
        if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
    };
    if (!exchange.sender_service_id().empty()) add("service " + exchange.sender_service_id());
    add(exchange.requester_organisation_ods());
    add(exchange.requester_software());
    return out.empty() ? "not said" : out;
}

std::string answer_of(const intake::ExchangeAnswered& said) {
    const auto status = said.exchange().answer_status();
    return (said.accepted() ? "accepted" : "refused " + said.refusal_code()) +
           (status == 0 ? "" : " (HTTP " + std::to_string(status) + ")");
}

}  // namespace

std::optional<HeardMessage> message_named(const std::string& hub, const Event& event, const std::string& id) {
    if (event.aggregate_type() != "exchange" || only_marks_message_id(event)) return std::nullopt;
    HeardMessage message{hub, event, {}};
    if (!event.payload().UnpackTo(&message.said)) return std::nullopt;
    const auto& exchange = message.said.exchange();
    const auto wanted = lower(id);
    const bool named = lower(event.aggregate_id()) == wanted || lower(exchange.request_id()) == wanted ||
                       lower(exchange.message_id()) == wanted;
    return named ? std::optional(std::move(message)) : std::nullopt;
}

std::string read_command(const std::string& hub, const std::string& id) {
    const auto file = id.substr(id.rfind(':') + 1) + ".message";
    return "rightplace message " + id + " --hub " + hub + " --purpose direct-care --original " + file;
}

std::string render_message(const HeardMessage& message, const Style& style) {
    const auto& event = message.event;
    const auto& exchange = message.said.exchange();
    const std::string the_case = event.case_number().empty() ? event.case_id() : event.case_number();
    std::string out = style.bold(printable(message.id())) + "  " + message.hub + "\n";
    const auto line = [&](const char* label, const std::string& text) { out += label + printable(text) + "\n"; };
    line("  came            ", format_london(to_ms(event.occurred_at())) + ", seq " + std::to_string(event.seq()));
    line("  kind            ", kind_of(message.said));
    line("  from            ", sender_of(exchange));
    line("  Bundle id       ", exchange.message_id().empty() ? "not kept" : exchange.message_id());
    line("  answered        ", answer_of(message.said));
    line("  case            ", the_case.empty() ? "none: it belongs to no case of this hub" : the_case);
    line("  original        ", exchange.has_original() ? "kept, sealed" : "not kept");
    if (exchange.has_original()) line("  read it         ", read_command(message.hub, message.id()));
    return out;
}

}  // namespace rightplace::cli
