// Nobody waits where nobody is: what the record says of closed hubs and empty shifts.
#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "tests/sim/judge/record_model.hpp"

namespace rightplace::sim {
namespace {

constexpr std::int64_t day_minutes = 24 * 60;
constexpr std::int64_t settle_ms = 120'000;
constexpr std::int64_t clock_behind_ms = 1'500;  // of what happened, at most, the clock that it is judged by

std::int64_t ms(const google::protobuf::Timestamp& at) {
    return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

std::int64_t Opening::closed_for_ms(std::int64_t at_ms) const {
    const auto day_ms = day_minutes * 60'000;
    return ((at_ms - closes_minute * 60'000) % day_ms + day_ms) % day_ms;
}

bool Opening::closed(std::int64_t at_ms) const {
    return closed_minutes > 0 && closed_for_ms(at_ms) < closed_minutes * 60'000;
}

Needs RecordModel::needs_of(const intake::CaseFacts& facts) const {
    if (!opening.skilled) return Needs::any_clinician;
    if (facts.origin() == intake::CREW_ON_SCENE) return Needs::for_a_crew;
    if (facts.origin() != intake::VALIDATION_999) return Needs::any_clinician;
    return facts.use_case() == "a4t2" ? Needs::for_a_fall : Needs::for_999;
}

// As the policies of plans say.
bool RecordModel::may_take(const Staff& staff, Needs needs) {
    const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
        return std::ranges::find(words, staff.role) != words.end() ||
               std::ranges::find(words, staff.skill) != words.end();
    };
    const auto clinician = [](const std::string& role) {
        Actor actor;
        actor.set_id("anybody");
        actor.set_role(role);
        return named_clinician(actor);
    };
    switch (needs) {
        case Needs::for_999:
            return is_one_of({"paramedic-practitioner", "gp"});
        case Needs::for_a_fall:
            return is_one_of({"falls", "paramedic-practitioner", "ucr-clinician"});
        case Needs::for_a_crew:
            return is_one_of({"paramedic-practitioner", "ed-consultant"});
        case Needs::any_clinician:
            break;
    }
    return clinician(staff.role) || clinician(staff.skill);
}

bool RecordModel::anybody_for(Needs needs) const {
    return std::ranges::any_of(on_shift_, [&](const auto& one) { return may_take(one.second, needs); });
}

std::set<Needs> RecordModel::attended_needs() const {
    std::set<Needs> attended;
    for (const auto needs : {Needs::any_clinician, Needs::for_999, Needs::for_a_fall, Needs::for_a_crew}) {
        if (anybody_for(needs)) attended.insert(needs);
    }
    return attended;
}

void RecordModel::roster_changed(const Event& event, const std::set<Needs>& before) {
    const auto now = attended_needs();
    for (const auto needs : before) {
        if (!now.contains(needs)) nobody_since_[needs] = ms(event.recorded_at());
    }
}

void RecordModel::add_attendance(const Event& event, ReviewModel& review) {
    triage::ReviewReturned returned;
    const bool is_return = event.payload().UnpackTo(&returned) && !returned.why().empty();
    if (is_return && returned.why() != review.return_follows) wrong(5, event, "given back, and somebody was there");
    if (!is_return && !review.return_follows.empty()) wrong(5, event, "said to be given back, and was not");
    if (is_return) review.returned = true;
    review.return_follows.clear();
    if (event.payload().Is<triage::ReviewClaimed>()) review.unattended.clear();
    const bool waits = review.token.empty() && review.ended_at == 0;
    const auto at = ms(event.occurred_at());
    if (event.payload().Is<triage::ReviewAttended>()) {
        if (!waits || review.unattended.empty()) wrong(5, event, "somebody is there, and nobody said otherwise");
        const bool closed = opening.closed(at) && opening.closed(at + clock_behind_ms);
        if (opening.in_force && (closed || !anybody_for(review.needs)))
            wrong(5, event, "somebody, and nobody is there");
        review.unattended.clear();
    }
    triage::ReviewUnattended nobody;
    if (!event.payload().UnpackTo(&nobody)) return;
    if (!opening.in_force) wrong(5, event, "nobody has to be there, by this hub's policy");
    if (!waits) wrong(5, event, "nobody is there, and yet it does not wait");
    if (!review.unattended.empty()) wrong(5, event, "said twice");
    if (nobody.returned() != review.has_sender) wrong(5, event, "given back, or not, wrongly");
    if (nobody.returned() && !review.returned) review.return_follows = nobody.why();
    review.unattended = nobody.why();
    review.again_at = 0;
    said_in_time(event, review, nobody.why());
}

void RecordModel::said_in_time(const Event& event, const ReviewModel& review, const std::string& why) {
    const auto at = ms(event.occurred_at());
    const auto recorded = ms(event.recorded_at());
    const auto left = nobody_since_.find(review.needs);
    auto since = left == nobody_since_.end() ? 0 : left->second;
    if (why == "closed") {
        if (!opening.closed(at) && !opening.closed(at + clock_behind_ms)) wrong(5, event, "closed, and is open");
        since = recorded - opening.closed_for_ms(recorded);
    } else if (anybody_for(review.needs)) {
        wrong(5, event, "nobody, and somebody is on shift");
    } else if (why != (on_shift_.empty() ? "nobody-on-shift" : "nobody-with-the-skill")) {
        wrong(5, event, "nobody, for another reason than is said");
    }
    said_late_ms_ = std::max(said_late_ms_, recorded - std::max(since, review.waits_since));
}

void RecordModel::attended_at_rest(const ReviewModel& review, std::int64_t hub_now) {
    const bool waits = review.token.empty() && review.ended_at == 0 && review.away_to.empty();
    if (!opening.in_force || !waits || stopped_looking_ || is_quarantined(review)) return;
    const bool turning = opening.closed(hub_now) != opening.closed(hub_now - settle_ms);
    const bool nobody = opening.closed(hub_now) || !anybody_for(review.needs);
    if (!turning && nobody && review.unattended.empty())
        findings_.add(5, hub_ + " review " + review.case_id + ": left to wait where nobody is");
    if (!turning && !nobody && !review.unattended.empty())
        findings_.add(5, hub_ + " review " + review.case_id + ": somebody is there, and it is said that nobody is");
}

}  // namespace rightplace::sim
