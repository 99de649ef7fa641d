// What people say of a case: what a colleague thinks, what the policy advised, that it is closed.
#include <algorithm>

#include "common/base/hash.hpp"
#include "tests/sim/judge/record_model.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t policy_late_ms = 60'000;  // between a decision and its place in the record, at most
constexpr std::int64_t clock_behind_ms = 1'500;

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

void RecordModel::add_clinical(const Event& event, ReviewModel& review) {
    add_opinion(event, review);
    triage::ReviewDecided decided;
    if (event.payload().UnpackTo(&decided)) {
        if (decided.against().empty() != decided.against_advice().empty())
            wrong(4, event, "against advice without its reasons, or reasons without the clinician's own");
        if (!decided.against().empty() && !named_clinician(event.actor()))
            wrong(4, event, "decided against advice by somebody who is no clinician");
        shared_by_all(event, review, decided);
        under_policy(event);
    }
    const bool ends = event.payload().Is<triage::ReviewDecided>() || event.payload().Is<triage::ReviewRejected>();
    if (ends && !named_clinician(event.actor())) wrong(4, event, "ended by somebody who is no clinician");
    if (event.payload().Is<triage::ReviewClosed>()) {
        if (review.ended_at == 0) wrong(4, event, "closed, and it was open");
        if (!named_clinician(event.actor())) wrong(4, event, "closed by somebody who is no clinician");
        review.closes = true;
    }
}

// An opinion answers the oldest question to the giver's role, of somebody else; and it is a clinician's.
void RecordModel::add_opinion(const Event& event, ReviewModel& review) {
    triage::SecondOpinionAsked asked;
    if (event.payload().UnpackTo(&asked)) {
        if (review.ended_at != 0) wrong(4, event, "asked after its end");
        review.questions.push_back({event.event_id(), asked.of_role(), event.actor().id()});
    }
    triage::SecondOpinionGiven given;
    if (!event.payload().UnpackTo(&given)) return;
    if (review.ended_at != 0) wrong(4, event, "given after its end");
    if (!named_clinician(event.actor())) wrong(4, event, "an opinion of somebody who is no clinician");
    const auto to_giver = [&](const Question& one) {
        return one.of_role == event.actor().role() && one.asked_by != event.actor().id();
    };
    const auto oldest = std::find_if(review.questions.begin(), review.questions.end(), to_giver);
    const bool fits =
        oldest == review.questions.end() ? given.question().empty() : given.question() == oldest->event_id;
    if (!fits) wrong(4, event, "answers another question than the oldest to this role");
    if (oldest != review.questions.end()) review.questions.erase(oldest);
    review.views[event.actor().id()] = given.view();
}

void RecordModel::shared_by_all(const Event& event, const ReviewModel& review, const triage::ReviewDecided& decided) {
    for (const auto& [id, view] : review.views) {
        const auto& shared = decided.shared_with();
        const bool named = std::any_of(shared.begin(), shared.end(), [&, who = id, said = view](const auto& each) {
            return each.actor().id() == who && each.view() == said;
        });
        if (!named && id != event.actor().id()) wrong(4, event, "decided, and an opinion that was given is left out");
    }
}

void RecordModel::add_policy(const Event& event) {
    triage::PolicyAdopted adopted;
    if (event.payload().UnpackTo(&adopted)) {
        if (adopted.version() != to_hex(sha256(adopted.text())).substr(0, 12))
            wrong(4, event, "another version than its text's");
        if (event.actor().id().empty()) wrong(4, event, "adopted by nobody");
        if (!policies_.empty()) policies_.back().second = ms(event.recorded_at());
        policies_.emplace_back(adopted.version(), 0);
    }
    triage::HoursChanged hours;
    if (!event.payload().UnpackTo(&hours) || !opening.in_force || opening.closed_minutes == 0) return;
    const auto at = ms(event.occurred_at());
    const bool turning = opening.closed(at - clock_behind_ms) != opening.closed(at + clock_behind_ms);
    for (const auto& site : hours.sites()) {
        if (!turning && site.open() == opening.closed(at)) wrong(5, event, "open, and it is closed; or the reverse");
    }
}

// The decision names the rules that it was made under: those in force, or that were until just now.
void RecordModel::under_policy(const Event& event) {
    const auto known = std::find_if(policies_.rbegin(), policies_.rend(),
                                    [&](const auto& each) { return each.first == event.policy_version(); });
    if (known == policies_.rend()) return wrong(4, event, "made under a policy that was never adopted");
    if (known->second != 0 && known->second + policy_late_ms < ms(event.recorded_at()))
        wrong(4, event, "made under a policy that was no longer in force");
}

// The queue shows what the record says.
void RecordModel::stands(const triage::ReviewState& shown) {
    const auto found = reviews_.find(shown.case_id());
    if (found == reviews_.end()) return findings_.add(3, hub_ + " review " + shown.case_id() + ": never queued");
    const auto& review = found->second;
    const auto name = hub_ + " review " + shown.case_id();
    if (!review.away_to.empty()) return;                           // the hub that has it shows it
    if (shown.facts().cad_number().starts_with("POISON")) return;  // what rules can do no more about, people are told
    if (shown.category() != review.category)
        findings_.add(3, name + ": shown as " + intake::Category_Name(shown.category()) + ", and is " +
                             intake::Category_Name(review.category));
    if (shown.breached() != (review.breaches > 0)) findings_.add(3, name + ": its breach is shown wrongly");
    if (shown.has_claim() != !review.token.empty()) findings_.add(3, name + ": its claim is shown wrongly");
}

}  // namespace rightplace::sim
