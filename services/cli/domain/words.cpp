#include "services/cli/domain/words.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace rightplace::cli {
namespace pb = google::protobuf;
namespace {

std::string spoken(std::string name) {  // CONVEY_TO_ED -> "convey to ed"
    for (char& sign : name) sign = sign == '_' ? ' ' : char(std::tolower(static_cast<unsigned char>(sign)));
    return name;
}

std::string wrap(bool colour, const char* code, const std::string& text) {
    return colour ? std::string("\033[") + code + "m" + text + "\033[0m" : text;
}

// Any spelling of a code: case, '-', '_' and ' ' do not matter.
std::string code_of(std::string_view text) {
    std::string code(text);
    for (char& sign : code) {
        sign = sign == '-' || sign == ' ' ? '_' : char(std::toupper(static_cast<unsigned char>(sign)));
    }
    return code;
}

template <typename Enum>
OrWhy<Enum> enum_from(std::string_view text, const pb::EnumDescriptor* descriptor, const char* what) {
    const auto* found = descriptor->FindValueByName(code_of(text));
    if (found != nullptr && found->number() != 0) return static_cast<Enum>(found->number());
    std::string known;
    for (int i = 0; i < descriptor->value_count(); ++i) {
        if (descriptor->value(i)->number() == 0) continue;
        known += (known.empty() ? "" : ", ") + descriptor->value(i)->name();
    }
    return Failure{std::string("no such ") + what + "; known are " + known};
}

}  // namespace

std::string Style::bold(const std::string& text) const {
    return wrap(colour, "1", text);
}
std::string Style::red(const std::string& text) const {
    return wrap(colour, "1;31", text);
}
std::string Style::yellow(const std::string& text) const {
    return wrap(colour, "33", text);
}
std::string Style::dim(const std::string& text) const {
    return wrap(colour, "2", text);
}

std::string opinion_word(const triage::SecondOpinion& opinion, bool over) {
    const std::string of = opinion.of_role().empty() ? "" : "asked of " + opinion.of_role();
    if (!opinion.has_given_by()) {
        return of + " by " + actor_word(opinion.asked_by()) + (over ? ": never given" : ": waiting");
    }
    return actor_word(opinion.given_by()) + ": " + opinion.view() + (of.empty() ? "" : " (" + of + ")");
}

std::string welfare_word(const triage::ReviewState& review, TimeMs now) {
    if (!review.has_welfare_call_due()) return {};
    const TimeMs due = to_ms(review.welfare_call_due());
    return (review.welfare_call_missed() || due < now ? "MISSED, was due by " : "by ") + format_london(due);
}

std::string sender_word(const triage::ReviewState& review) {
    std::string out;
    if (!review.cancellation_asked().empty()) {
        out += ", CANCELLED BY ITS SENDER (" + review.cancellation_asked() +
               "): decide, or release it to leave it at that";
    }
    if (review.sender_updates() > 0) {
        out += ", UPDATED BY ITS SENDER " + format_london(to_ms(review.sender_updated_at()));
    }
    return out;
}

std::string pathway_word(triage::Pathway pathway) {
    switch (pathway) {
        case triage::CONVEY_TO_ED:
            return "convey to ED";
        case triage::MEDICAL_SDEC:
            return "medical SDEC";
        case triage::SURGICAL_SDEC:
            return "surgical SDEC";
        case triage::GP_IN_ED:
            return "GP in ED";
        case triage::UCR:
            return "UCR";
        case triage::BACK_TO_GP:
            return "back to GP";
        case triage::PATHWAY_UNSPECIFIED:
            return "none";
        default:
            break;
    }
    const auto* value = triage::Pathway_descriptor()->FindValueByNumber(pathway);
    return value == nullptr ? "an unknown pathway" : spoken(value->name());
}

std::string reject_word(triage::RejectReason reason) {  // BaRS rejected-reasons-bars
    switch (reason) {
        case triage::FC:
            return "failed contact (FC)";
        case triage::RRNA:
            return "resource not available in time (RRNA)";
        case triage::OTH:
            return "other (OTH)";
        default:
            return "no reason given";
    }
}

std::string delivery_word(referral::DeliveryKind kind) {
    const auto* value = referral::DeliveryKind_descriptor()->FindValueByNumber(kind);
    return value == nullptr || kind == 0 ? "message" : spoken(value->name());
}

std::string hand_settlement_word(referral::HandSettlement how) {
    const auto* value = referral::HandSettlement_descriptor()->FindValueByNumber(how);
    return value == nullptr || how == 0 ? "in an unknown way" : spoken(value->name());
}

std::string delivery_status_word(referral::DeliveryStatus status) {
    switch (status) {
        case referral::STARTED:
            return "being sent";
        case referral::WAITING:
            return "failed, will be tried again";
        case referral::QUARANTINED:
            return "QUARANTINED: a person must decide";
        case referral::SUPERSEDED:
            return "overtaken by a later response, not sent";
        default:
            break;
    }
    const auto* value = referral::DeliveryStatus_descriptor()->FindValueByNumber(status);
    return value == nullptr || status == 0 ? "unknown" : spoken(value->name());
}

std::string hours_word(const pb::RepeatedPtrField<triage::SiteHours>& sites, TimeMs next_change) {
    std::string out;
    for (const auto& each : sites) {
        out += (out.empty() ? "" : "; ") + (each.site().empty() ? std::string("the hub") : each.site()) +
               (each.open() ? " is open" : " is CLOSED");
    }
    return out.empty() || next_change == 0 ? out : out + "; next change " + format_london(next_change);
}

std::string one_of_word(const pb::RepeatedPtrField<std::string>& roles) {
    std::string out;
    for (const auto& role : roles) out += (out.empty() ? "" : " or ") + role;
    return out;
}

std::string actor_word(const Actor& actor) {
    if (actor.id().empty() && actor.role().empty()) return "the system";
    std::string brackets = actor.role();
    if (!actor.organisation_ods().empty()) brackets += (brackets.empty() ? "" : ", ") + actor.organisation_ods();
    return actor.id() + (brackets.empty() ? "" : " (" + brackets + ")");
}

std::string duration_word(std::int64_t ms) {
    ms = ms < 0 ? -ms : ms;
    char out[48];
    const std::int64_t minutes = ms / 60'000;
    if (ms < 60'000) {
        std::snprintf(out, sizeof out, ms < 10'000 ? "%.1f s" : "%.0f s", double(ms) / 1'000);
    } else if (minutes < 60) {
        std::snprintf(out, sizeof out, "%lld min", static_cast<long long>(minutes));
    } else if (minutes < 48 * 60) {
        std::snprintf(out, sizeof out, "%lld h %02lld", static_cast<long long>(minutes / 60),
                      static_cast<long long>(minutes % 60));
    } else {
        std::snprintf(out, sizeof out, "%lld days", static_cast<long long>(minutes / 60 / 24));
    }
    return out;
}

std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F || c1) {
            out += ' ';
            i += c1 ? 1 : 0;
        } else {
            out += text[i];
        }
    }
    return out;
}

OrWhy<triage::Pathway> pathway_from(std::string_view text) {
    return enum_from<triage::Pathway>(text, triage::Pathway_descriptor(), "pathway");
}

OrWhy<intake::Category> category_from(std::string_view text) {
    if (code_of(text) == "HP4T") return intake::HCP4T;
    return enum_from<intake::Category>(text, intake::Category_descriptor(), "category");
}

OrWhy<intake::Coded> outcome_code_from(std::string_view text) {
    static constexpr std::string_view systems = "https://fhir.nhs.uk/CodeSystem/";
    intake::Coded code;
    code.set_code(std::string(text));
    if (text == "PATLIFT") {
        code.set_system(std::string(systems) + "response-outcome-codes");
        code.set_display("Patient has been lifted");
        return code;
    }
    const auto start = code_of(text.substr(0, 2));
    const auto number = text.substr(std::min<std::size_t>(text.size(), 2));
    const bool counted =
        !number.empty() && std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    for (const std::string_view kind : {"SG", "SD", "DX"}) {
        if (start != kind || !counted) continue;
        const std::string name(kind == "SG" ? "sg" : (kind == "SD" ? "sd" : "dx"));
        code.set_system(std::string(systems) + "pathways-" + name + "-codes");
        return code;
    }
    return Failure{std::string("PATLIFT, or a Pathways code: SG, SD or Dx and its number")};
}

OrWhy<triage::RejectReason> reject_reason_from(std::string_view text) {
    return enum_from<triage::RejectReason>(text, triage::RejectReason_descriptor(), "reason");
}

OrWhy<referral::HandSettlement> hand_settlement_from(std::string_view text) {
    return enum_from<referral::HandSettlement>(text, referral::HandSettlement_descriptor(), "way");
}

std::string reply_words(const Reply& reply) {
    std::string names;
    std::string number;
    for (const auto& event : reply.receipt().events()) {
        names += (names.empty() ? "" : ", ") + event.name();
        if (!event.case_number().empty()) number = event.case_number();
    }
    const std::string about = (number.empty() ? "" : " on " + number) + (names.empty() ? "" : ": " + names);
    const std::string at = " (seq " + std::to_string(reply.receipt().seq()) + ")";
    const auto& refusal = reply.refusal();
    switch (reply.status()) {
        case ACCEPTED:
            return "Done" + about + at + ". It is in the journal.";
        case DUPLICATE:
            return "Done before under this command id" + about + at + ". Nothing new was recorded.";
        case REFUSED:
            return "Refused (" + RefusalCode_Name(refusal.code()) + "): " + printable(refusal.sentence()) +
                   (refusal.field().empty() ? "" : " [" + refusal.field() + "]");
        case UNAVAILABLE:
            return "Not done: the hub takes no commands now" +
                   (reply.reason().empty() ? "" : " (" + reply.reason() + ")") +
                   ". Nothing was recorded; ask again shortly, and see `rightplace status`.";
        default:
            return "Not known whether it was done" + (reply.reason().empty() ? "" : " (" + reply.reason() + ")") +
                   ". Ask again with --id " + reply.command_id() + ": the same id cannot do it twice.";
    }
}

}  // namespace rightplace::cli
