#include "common/clinical/words.hpp"

#include <algorithm>
#include <cctype>

namespace rightplace::clinical {

std::string origin_word(intake::Origin origin) {
    switch (origin) {
        case intake::VALIDATION_999:
            return "999 validation";
        case intake::REFERRAL_999:
            return "999 referral";
        case intake::CREW_ON_SCENE:
            return "crew on scene";
        case intake::GP:
            return "GP";
        case intake::NHS_111:
            return "NHS 111";
        case intake::COMMUNITY_NURSE:
            return "community nurse";
        default:
            return "not said";
    }
}

std::string kind_word(const intake::CaseFacts& facts) {  // BaRS usecases-categories-bars
    const std::string kind = facts.use_case() == "a4t2" ? "falls" : facts.use_case() == "a4t3" ? "community" : "";
    if (kind.empty()) return origin_word(facts.origin());
    return facts.origin() == intake::VALIDATION_999 ? "999 " + kind : origin_word(facts.origin()) + ", " + kind;
}

std::string category_word(intake::Category category) {
    if (category == intake::CATEGORY_UNSPECIFIED) return "-";
    const auto* value = intake::Category_descriptor()->FindValueByNumber(category);
    if (value == nullptr) return "?";
    return value->name() == "HCP4T" ? "HP4T" : value->name();  // as the BaRS code system writes it
}

bool is_over(const triage::ReviewState& review) {
    return review.status() == triage::DECIDED || review.status() == triage::REJECTED ||
           review.status() == triage::CANCELLED || review.status() == triage::TRANSFERRED;
}

std::string status_word(const triage::ReviewState& review) {
    switch (review.status()) {
        case triage::QUEUED:
            return "waiting";
        case triage::CLAIMED:
            return "claimed";
        case triage::IN_CONSULTATION:
            return "in consultation";
        case triage::DECIDED:
            return "decided";
        case triage::REJECTED:
            return "rejected";
        case triage::RETURNED:
            return "RETURNED";
        case triage::CANCELLED:
            return "cancelled";
        case triage::TRANSFERRED:
            return "transferred";
        default:
            return "unknown";
    }
}

std::string unattended_word(std::string_view why) {
    if (why == "closed") return "the hub is closed";
    if (why == "nobody-on-shift") return "nobody is on shift";
    if (why == "nobody-with-the-skill") return "nobody on shift may take it";
    return "nobody is there for it";
}

std::string news2_word(const triage::News2& news2) {
    if (news2.band().empty() || news2.band() == "not-applicable") return "-";
    if (!news2.complete()) {
        const bool none = news2.total() == 0 && !news2.has_parts();
        return none ? "not taken" : std::to_string(news2.total()) + "+ incomplete";
    }
    return std::to_string(news2.total()) + " " + news2.band();
}

std::string flag_word(const intake::Flag& flag) {  // BaRS flag-categories-bars
    const auto& category = flag.category();
    if (category == "SS") return flag.code() == "S" ? "" : flag.code() == "U" ? "SCENE UNSAFE" : "SCENE SAFETY UNKNOWN";
    if (category == "SG") return "SAFEGUARDING";
    if (category == "RS") return "services rejected";
    if (category == "RA") return "reasonable adjustment";
    if (category == "IR") return "infection risk";
    if (category == "RC") return "repeat caller";
    if (category == "RT") return "ReSPECT";
    if (category == "AC") return "agency contacted";
    if (category == "API") return "more patient information";
    return "flag";
}

bool is_code(std::string_view text) {
    constexpr std::size_t most_signs = 64;
    const auto allowed = [](unsigned char sign) {
        return std::isalnum(sign) != 0 || sign == '-' || sign == '_' || sign == '/' || sign == '.';
    };
    return !text.empty() && text.size() <= most_signs && std::all_of(text.begin(), text.end(), allowed);
}

bool is_code_of_nobody(std::string_view text) {
    constexpr std::size_t nhs_number_digits = 10;
    const auto is_digit = [](unsigned char sign) { return std::isdigit(sign) != 0; };
    const bool a_number = text.size() == nhs_number_digits && std::all_of(text.begin(), text.end(), is_digit);
    return is_code(text) && !a_number;
}

std::string reason_in_clear(const std::string& reason) {
    return reason.empty() || is_code_of_nobody(reason) ? reason : reason_in_note;
}

}  // namespace rightplace::clinical
