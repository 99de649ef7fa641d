#include "services/cli/domain/news2_view.hpp"

#include "common/clinical/news2.hpp"
#include "services/cli/domain/words.hpp"

namespace rightplace::cli {
namespace {

std::string parts_word(const triage::News2Parts& parts) {
    std::string out;
    const auto* descriptor = triage::News2Parts::descriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
        const auto* part = descriptor->field(i);
        if (!parts.GetReflection()->HasField(parts, part)) continue;
        const auto points = parts.GetReflection()->GetUInt32(parts, part);
        out += (out.empty() ? "" : ", ") + clinical::news2_part_name(part->name()) + " " + std::to_string(points);
    }
    return out;
}

std::string missing_word(const triage::News2& news2) {
    std::string out;
    for (const auto& part : news2.missing()) out += (out.empty() ? "" : ", ") + clinical::news2_part_name(part);
    return out;
}

}  // namespace

std::vector<std::string> news2_lines(const triage::News2& news2, const Actor& by) {
    std::vector<std::string> lines{news2_word(news2)};
    if (const auto parts = parts_word(news2.parts()); !parts.empty()) lines.push_back("parts: " + parts);
    if (news2.missing_size() > 0) lines.push_back("incomplete: " + missing_word(news2) + " not measured");
    if (news2.on_scale_2()) {
        lines.push_back("SpO2 by scale 2" + (by.id().empty() ? "" : ", decided by " + actor_word(by)));
    }
    if (news2.scale_2_ignored()) {
        lines.push_back("SpO2 by scale 1: it came marked for scale 2, which no named clinician had decided (scale-2)");
    }
    if (news2.has_received_total()) {
        const std::string chart = (news2.complete() ? " " : " at least ") + std::to_string(news2.total());
        const bool unknown = news2.band() == clinical::news2_band::not_applicable;
        lines.push_back("received " + std::to_string(news2.received_total()) +
                        (unknown ? "" : ", chart gives" + chart + (news2.differs_from_received() ? ": DIFFERS" : "")));
    }
    return lines;
}

}  // namespace rightplace::cli
