// What a record may say of how urgent a case is.
#include <algorithm>
#include <array>

#include "messages/triage_update.pb.h"
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

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

// As services/triage/README.md names them.
bool named_clinician(const Actor& actor) {
    constexpr std::array clinicians{"paramedic-practitioner",
                                    "ed-consultant",
                                    "ed-clinician",
                                    "gp",
                                    "nurse",
                                    "ucr-clinician",
                                    "pharmacist",
                                    "paramedic",
                                    "home-treatment-nurse"};
    return !actor.id().empty() && std::find(clinicians.begin(), clinicians.end(), actor.role()) != clinicians.end();
}

// A rule raises, and never lowers; only a named clinician lowers, or says which scale of NEWS2 is right.
void RecordModel::add_urgency(const Event& event, ReviewModel& review) {
    const bool named = named_clinician(event.actor());
    const auto changes = [&](const auto& said) {
        if (said.from_category() != review.category) wrong(4, event, "from another category than it had");
        review.category = said.to_category();
    };
    triage::ReviewEscalated escalated;
    if (event.payload().UnpackTo(&escalated)) {
        changes(escalated);
        if (escalated.has_breach_at()) sooner(event, review, ms(escalated.breach_at()));
        if (level(escalated.to_category()) > level(escalated.from_category())) wrong(4, event, "made less urgent");
        const bool by_rule = !escalated.rule().empty();
        if (by_rule && level(escalated.to_category()) == level(escalated.from_category()))
            wrong(4, event, "raised by a rule to what it was");
        if (by_rule && escalated.rule_says().empty()) wrong(4, event, "raised by a rule, and nobody reads why");
    }
    triage::SenderUpdateNoted updated;
    if (event.payload().UnpackTo(&updated)) update_noted(event, review, updated);
    triage::ReviewDowngraded downgraded;
    if (event.payload().UnpackTo(&downgraded)) {
        changes(downgraded);
        if (!named) wrong(4, event, "made less urgent by nobody");
        if (level(downgraded.to_category()) <= level(downgraded.from_category()))
            wrong(4, event, "to no lower category");
        if (downgraded.reason_code().empty()) wrong(4, event, "made less urgent without a reason");
        if (review.ended_at != 0) wrong(4, event, "made less urgent after its end");
    }
    triage::Spo2Scale2Used used;
    if (event.payload().UnpackTo(&used) &&
        (!named || used.by().id() != event.actor().id() || !used.news2().on_scale_2()))
        wrong(4, event, "on scale 2 by nobody's decision");
}

// The newest word of its sender stands, and what came late changes nothing.
void RecordModel::update_noted(const Event& event, ReviewModel& review, const triage::SenderUpdateNoted& updated) {
    const auto number = updated.update_number();
    const bool late = number != 0 && number <= review.update_number;
    if (updated.overtaken() != late) wrong(4, event, "an older word of its sender took the place of a newer one");
    if (updated.overtaken() && updated.has_breach_at()) wrong(4, event, "its breach time by an older word");
    if (updated.has_breach_at()) sooner(event, review, ms(updated.breach_at()));
    if (updated.overtaken()) return;
    review.update_number = number;
    review.cancellation_asked = review.cancelled_and_waits = false;  // it goes on after all
}

// A breach time may come nearer, and never goes further away.
void RecordModel::sooner(const Event& event, ReviewModel& review, std::int64_t breach_at) {
    if (breach_at > review.breach_at) wrong(5, event, "puts the breach off");
    if (review.breaches > 0) wrong(5, event, "moves a breach that is over");
    review.breach_at = breach_at;
}

}  // namespace rightplace::sim
