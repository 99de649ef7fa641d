#include "common/clinical/categories.hpp"

#include <array>

namespace rightplace::clinical {
namespace {

struct Row {
    intake::Category category;
    std::string_view code;
    int rank;
};

constexpr int rank_unknown = 6;
constexpr std::array table{
    Row{intake::C1, "C1", 1},     Row{intake::C2, "C2", 2},      Row{intake::C3, "C3", 3},
    Row{intake::C4, "C4", 4},     Row{intake::C4T, "C4T", 4},    Row{intake::C5, "C5", 5},
    Row{intake::HCP1, "HCP1", 1}, Row{intake::HCP2, "HCP2", 2},  Row{intake::HCP3, "HCP3", 3},
    Row{intake::HCP4, "HCP4", 4}, Row{intake::HCP4T, "HP4T", 4}, Row{intake::IFT1, "IFT1", 1},
    Row{intake::IFT2, "IFT2", 2}, Row{intake::IFT3, "IFT3", 3},  Row{intake::IFT4, "IFT4", 4},
};

}  // namespace

std::optional<intake::Category> category_from_code(std::string_view code) {
    if (code == "HCP4T") return intake::HCP4T;
    for (const Row& row : table) {
        if (row.code == code) return row.category;
    }
    return std::nullopt;
}

std::string_view category_code(intake::Category category) {
    for (const Row& row : table) {
        if (row.category == category) return row.code;
    }
    return {};
}

int urgency_rank(intake::Category category) {
    for (const Row& row : table) {
        if (row.category == category) return row.rank;
    }
    return rank_unknown;
}

bool refers(triage::Pathway pathway) {
    switch (pathway) {
        case triage::MEDICAL_SDEC:
        case triage::SURGICAL_SDEC:
        case triage::GP_IN_ED:
        case triage::UCR:
        case triage::HOME_TREATMENT_TEAM:
        case triage::PRACTITIONER_VISIT:
        case triage::ONWARD_SERVICE:
            return true;
        default:
            return false;
    }
}

bool needs_ambulance(triage::Pathway pathway) {
    return pathway == triage::CONVEY_TO_ED || pathway == triage::AMBULANCE_RESPONSE;
}

bool is_emergency(intake::Category category, triage::Pathway pathway) {
    constexpr int category_two = 2;
    return urgency_rank(category) <= category_two && needs_ambulance(pathway);
}

}  // namespace rightplace::clinical
