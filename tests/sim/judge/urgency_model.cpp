// What a record may say of how urgent a case is.
#include "tests/sim/judge/record_model.hpp"

namespace rightplace::sim {
namespace {

// 1 is the most urgent; none said is the least.
int level(intake::Category category) {
    switch (category) {
        case intake::C1:
        case intake::HCP1:
        case intake::IFT1:
            return 1;
        case intake::C2:
        case intake::HCP2:
        case intake::IFT2:
            return 2;
        case intake::C3:
        case intake::HCP3:
        case intake::IFT3:
            return 3;
        case intake::CATEGORY_UNSPECIFIED:
            return 6;
        case intake::C5:
            return 5;
        default:
            return 4;
    }
}

}  // namespace

// A rule raises, and never lowers; only a named clinician lowers, or says which scale of NEWS2 is right.
void RecordModel::add_urgency(const Event& event) {
    const bool named = !event.actor().id().empty() && event.actor().role() == "paramedic-practitioner";
    triage::ReviewEscalated escalated;
    if (event.payload().UnpackTo(&escalated)) {
        if (level(escalated.to_category()) > level(escalated.from_category())) wrong(4, event, "made less urgent");
        const bool by_rule = !escalated.rule().empty();
        if (by_rule && level(escalated.to_category()) == level(escalated.from_category()))
            wrong(4, event, "raised by a rule to what it was");
        if (by_rule && escalated.rule_says().empty()) wrong(4, event, "raised by a rule, and nobody reads why");
    }
    if (event.payload().Is<triage::ReviewDowngraded>() && !named) wrong(4, event, "made less urgent by nobody");
    triage::Spo2Scale2Used used;
    if (event.payload().UnpackTo(&used) &&
        (!named || used.by().id() != event.actor().id() || !used.news2().on_scale_2()))
        wrong(4, event, "on scale 2 by nobody's decision");
}

}  // namespace rightplace::sim
