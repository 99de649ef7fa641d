// Who asked, as the headers of a case's messages say: the organisation and its program for all, the person for those
// who may see identity.
#include <algorithm>

#include "services/cli/domain/case_view.hpp"

namespace rightplace::cli {
namespace {

std::vector<intake::Exchange> exchanges(const std::vector<Event>& events) {
    std::vector<intake::Exchange> found;
    for (const auto& event : events) {
        intake::ExchangeAnswered answered;
        if (event.payload().UnpackTo(&answered)) found.push_back(answered.exchange());
    }
    return found;
}

void add_once(std::vector<std::string>& list, const std::string& text) {
    if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

std::string both(const std::string& first, const std::string& second) {
    return first + (first.empty() || second.empty() ? "" : ", ") + second;
}

}  // namespace

std::string requester_lines(const std::vector<Event>& events) {
    std::vector<std::string> said, unreadable;
    for (const auto& exchange : exchanges(events)) {
        add_once(said, both(exchange.requester_organisation_ods(), exchange.requester_software()));
        for (const auto& name : exchange.header_warnings()) add_once(unreadable, name);
    }
    std::string out;
    for (const auto& one : said) out += "  asked by        " + printable(one) + "\n";
    for (const auto& name : unreadable) out += "  header          " + printable(name) + " could not be read\n";
    return out;
}

std::vector<Sealed> sealed_requesters(const std::vector<Event>& events) {
    std::vector<Sealed> found;
    for (const auto& exchange : exchanges(events)) {
        if (exchange.has_requester()) found.push_back(exchange.requester());
    }
    return found;
}

std::string requester_word(const intake::Requester& requester) {
    const auto who = both(requester.practitioner_name(), requester.practitioner_role());
    return requester.practitioner_id().empty() ? who : both(who, "number " + requester.practitioner_id());
}

}  // namespace rightplace::cli
