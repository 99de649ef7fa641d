#include "services/adapters/bars/domain/outcome.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "services/adapters/bars/domain/bundle.hpp"

namespace rightplace::bars {
namespace {

const std::string* find_header(const seams::HttpAnswer& answer, std::string_view wanted) {
    const auto same = [wanted](const auto& header) {
        return std::equal(header.first.begin(), header.first.end(), wanted.begin(), wanted.end(), [](char a, char b) {
            return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
        });
    };
    const auto found = std::find_if(answer.headers.begin(), answer.headers.end(), same);
    return found == answer.headers.end() ? nullptr : &found->second;
}

bool has_header(const seams::HttpAnswer& answer, std::string_view wanted) {
    return find_header(answer, wanted) != nullptr;
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form of RFC 9110 that anybody may write today.
std::optional<TimeMs> http_date(const std::string& text) {
    static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static constexpr std::size_t length = 29;
    if (text.size() != length || !text.ends_with(" GMT")) return std::nullopt;
    const auto at = months.find(text.substr(8, 3));
    if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
    const auto month = std::to_string(at / 3 + 1);
    return parse_instant(text.substr(12, 4) + (month.size() == 1 ? "-0" : "-") + month + "-" + text.substr(5, 2) + "T" +
                         text.substr(17, 8) + "Z");
}

// The issue codes of an OperationOutcome; nothing when the body is none.
std::optional<std::vector<std::string>> issue_codes(const seams::HttpAnswer& answer) {
    const auto first = answer.body.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    const bool xml = first != std::string::npos && answer.body[first] == '<';
    const auto document = read_document(answer.body, xml ? Format::xml : Format::json);
    if (!document || text_at(*document.value(), "resourceType") != "OperationOutcome") return std::nullopt;
    std::vector<std::string> codes;
    for (const auto& issue : list_at(*document.value(), "issue")) codes.push_back(text_at(issue, "code"));
    return codes;
}

}  // namespace

referral::SettleOutcome response_outcome(const seams::HttpAnswer& answer) {
    using namespace referral;
    if (answer.status == 0) return answer.certainly_not_sent ? NOT_SENT : OUTCOME_UNKNOWN;
    // Without the echoed ids the answer came from something in between, whatever it says.
    if (!has_header(answer, "X-Request-Id") || !has_header(answer, "X-Correlation-Id")) return OUTCOME_UNKNOWN;
    if (answer.status >= 200 && answer.status < 300) return OK;
    const bool temporary = answer.status == 408 || answer.status == 425 || answer.status == 429 || answer.status >= 500;
    if (temporary || answer.status < 400) return OUTCOME_UNKNOWN;
    const auto codes = issue_codes(answer);
    if (!codes) return OUTCOME_UNKNOWN;  // no OperationOutcome: no word of the receiver's either
    const auto says = [&](const char* code) { return std::find(codes->begin(), codes->end(), code) != codes->end(); };
    // 409 duplicate: it has it. 409 conflict: it will not take it.
    const bool has_it = answer.status == 409 && says("duplicate") && !says("conflict");
    return has_it ? OK : REFUSED_FOR_GOOD;
}

std::int64_t retry_after_ms(const seams::HttpAnswer& answer, TimeMs now) {
    constexpr std::int64_t most_s = std::numeric_limits<std::int32_t>::max() / 1'000;  // it travels in 32 bits
    const auto* asked = find_header(answer, "Retry-After");
    if (asked == nullptr) return 0;
    const char* end = asked->data() + asked->size();
    std::int64_t seconds = 0;
    const auto read = std::from_chars(asked->data(), end, seconds);
    if (read.ec == std::errc{} && read.ptr == end) return std::clamp<std::int64_t>(seconds, 0, most_s) * 1'000;
    const auto date = http_date(*asked);
    return date ? std::clamp<std::int64_t>(*date - now, 0, most_s * 1'000) : 0;
}

}  // namespace rightplace::bars
