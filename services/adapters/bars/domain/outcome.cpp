#include "services/adapters/bars/domain/outcome.hpp"

#include <algorithm>
#include <cctype>

namespace rightplace::bars {
namespace {

bool has_header(const seams::HttpAnswer& answer, std::string_view wanted) {
    const auto same = [wanted](const auto& header) {
        return std::equal(header.first.begin(), header.first.end(), wanted.begin(), wanted.end(), [](char a, char b) {
            return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
        });
    };
    return std::any_of(answer.headers.begin(), answer.headers.end(), same);
}

}  // namespace

referral::SettleOutcome response_outcome(const seams::HttpAnswer& answer) {
    if (answer.status == 0) return answer.certainly_not_sent ? referral::NOT_SENT : referral::OUTCOME_UNKNOWN;
    if (answer.status >= 200 && answer.status < 300) return referral::OK;
    if (answer.status == 409) {
        // 409 duplicate: it has it. 409 conflict: it will not take it.
        return answer.body.find("duplicate") != std::string::npos ? referral::OK : referral::REFUSED_FOR_GOOD;
    }
    // Without the echoed ids the answer came from something in between.
    if (!has_header(answer, "X-Request-Id") || !has_header(answer, "X-Correlation-Id"))
        return referral::OUTCOME_UNKNOWN;
    const bool temporary = answer.status == 408 || answer.status == 425 || answer.status == 429 || answer.status >= 500;
    return temporary ? referral::OUTCOME_UNKNOWN : referral::REFUSED_FOR_GOOD;
}

}  // namespace rightplace::bars
