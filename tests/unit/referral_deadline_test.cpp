// By when a referral is accepted and the patient reached: said once when it is over, whoever comes late.
#include "common/clinical/deliveries.hpp"
#include "common/clinical/referral_rules.hpp"
#include "services/referral/domain/referral_domain.hpp"
#include "tests/unit/domain_harness.hpp"

using namespace rightplace;
using namespace rightplace::referral;
using rightplace::test::Harness;
using rightplace::test::Outcome;

namespace {

using Names = std::vector<std::string>;
const ReferralDomain domain;
constexpr TimeMs minute = 60'000;

policy::HubPolicy rules() {
    policy::HubPolicy policy;
    auto& ucr = *policy.add_referral();
    ucr.set_pathway("ucr");
    ucr.set_accept_minutes(30);
    ucr.set_reach_minutes(120);
    return policy;
}
const policy::HubPolicy by_policy = rules();

struct Hub : Harness {
    Hub() : Harness(domain) { policy = &by_policy; }

    const TimeMs begun = now;
    const std::string id = clinical::referral_id("c1", "e1");

    Outcome decide(triage::Pathway pathway = triage::UCR, TimeMs happened = 0) {
        auto decided = std::make_shared<triage::ReviewDecided>();
        decided->set_pathway(pathway);
        decided->set_refer_to_service_id("s1");
        return react(said(decided, "e1", happened == 0 ? now : happened)).at(0);
    }
    test::Recorded said(std::shared_ptr<const runtime::Message> payload, const std::string& event_id, TimeMs happened) {
        Event event;
        event.set_event_id(event_id);
        event.set_case_id("c1");
        event.set_case_number("A-1");
        event.set_seq(7);
        *event.mutable_occurred_at() = to_timestamp(happened);
        *event.mutable_recorded_at() = to_timestamp(now);
        return {event, std::move(payload)};
    }
    template <typename T>
    Outcome tell(T command) {
        command.set_referral_id(id);
        return run(command);
    }
    Outcome complete() {
        CompleteReferral command;
        command.set_outcome("seen");
        return tell(command);
    }
    const ReferralState& referral() { return state<ReferralState>("referral", id); }
    // What the store's timers ask for that are due by now.
    std::vector<Outcome> fire() {
        std::vector<Outcome> all;
        for (const auto& entry : index("referral", id)) {
            const auto name = runtime::parse_timer_member(entry.member);
            if (entry.queue != runtime::due_queue("referral") || !name || entry.score > double(now)) continue;
            all.push_back(run(*domain.on_timer(name->aggregate, name->kind, TimeMs(entry.score)), "", "system"));
        }
        return all;
    }
    std::size_t timers() { return index("referral", id).size(); }
};

const ReferralOverdue& overdue(const Outcome& outcome, std::size_t at = 0) {
    return runtime::must_be<ReferralOverdue>(*outcome.events.at(at).payload);
}

}  // namespace

TEST_CASE("What policy decided about a referral's times is in its event, counted from the decision") {
    Hub hub;
    CHECK(hub.decide().names() == Names{"ReferralRequested"});
    CHECK(to_ms(hub.referral().accept_by()) == hub.begun + 30 * minute);
    CHECK(to_ms(hub.referral().reach_by()) == hub.begun + 120 * minute);
    CHECK(hub.timers() == 2);
    Hub other;
    other.decide(triage::MEDICAL_SDEC);
    CHECK(to_ms(other.referral().accept_by()) == hub.begun + clinical::accept_minutes_without_policy * minute);
    CHECK_FALSE(other.referral().has_reach_by());
}

TEST_CASE("A referral that nobody accepts is overdue once, and the patient whom no team reaches once more") {
    Hub hub;
    hub.decide();
    hub.now = hub.begun + 30 * minute - 1;
    CHECK(hub.fire().empty());
    hub.now += 1;
    const auto first = hub.fire();
    REQUIRE(first.size() == 1);
    CHECK(first[0].names() == Names{"ReferralOverdue"});
    CHECK(overdue(first[0]).deadline() == ACCEPTANCE);
    CHECK(overdue(first[0]).pathway() == triage::UCR);
    CHECK_FALSE(overdue(first[0]).written_up());
    CHECK(first[0].events[0].event.case_number() == "A-1");
    CHECK(hub.fire().empty());
    hub.now = hub.begun + 120 * minute;
    const auto second = hub.fire();
    REQUIRE(second.size() == 1);
    CHECK(overdue(second[0]).deadline() == PATIENT_REACHED);
    CHECK(hub.timers() == 0);
}

TEST_CASE("Accepting stops one clock and not the two hours; the team's arrival stops both") {
    Hub hub;
    hub.decide();
    CHECK(hub.tell(AcceptReferral()).names() == Names{"ReferralAccepted"});
    hub.now = hub.begun + 119 * minute;
    CHECK(hub.fire().empty());
    CHECK(hub.tell(RecordPatientReached()).names() == Names{"PatientReached"});
    CHECK(hub.tell(RecordPatientReached()).events.empty());
    hub.now = hub.begun + 130 * minute;
    CHECK(hub.timers() == 0);
    CHECK(hub.complete().names() == Names{"ReferralCompleted"});
}

TEST_CASE("Whoever does not see the patient declines: the two hours run on, until another team takes the patient") {
    Hub hub;
    hub.decide();
    hub.tell(AcceptReferral());
    CompleteReferral unseen;
    unseen.set_outcome("no-capacity");
    CHECK(hub.tell(unseen).refusal->field() == "outcome");
    DeclineReferral decline;
    decline.set_reason("they are busy");
    CHECK(hub.tell(decline).refusal->field() == "reason");
    decline.set_reason("no-capacity");
    CHECK(hub.tell(decline).names() == Names{"ReferralDeclined"});
    CHECK(hub.tell(decline).events.empty());
    CHECK_FALSE(hub.referral().accepted());
    CHECK_FALSE(hub.referral().ended());
    hub.now = hub.begun + 31 * minute;
    CHECK(hub.fire().empty());  // people know already that nobody has accepted
    hub.now = hub.begun + 120 * minute;
    const auto late = hub.fire();
    REQUIRE(late.size() == 1);
    CHECK(overdue(late[0]).deadline() == PATIENT_REACHED);
    CHECK(hub.tell(AcceptReferral()).names() == Names{"ReferralAccepted"});
    CHECK(hub.referral().declined_reason().empty());
    hub.tell(RecordPatientReached());
    CHECK(hub.tell(decline).refusal->field() == "referral_id");  // the patient has been seen
}

TEST_CASE("Whoever comes when the timer is late does not hide that the time was over") {
    Hub hub;
    hub.decide();
    hub.now = hub.begun + 121 * minute;
    CHECK(hub.complete().names() == Names{"ReferralOverdue", "ReferralOverdue", "ReferralCompleted"});
    Hub in_time;
    in_time.decide();
    in_time.now = in_time.begun + 31 * minute;
    in_time.occurred_at = in_time.begun + 29 * minute;  // and the timer has not fired yet
    CHECK(in_time.tell(AcceptReferral()).names() == Names{"ReferralAccepted"});
}

TEST_CASE("A timer of another time, ahead of its time, or of what is over does nothing") {
    Hub hub;
    hub.decide();
    const auto timer = [&](TimeMs due) {
        MissReferralDeadline miss;
        miss.set_deadline(ACCEPTANCE);
        *miss.mutable_due() = to_timestamp(due);
        return hub.tell(miss);
    };
    CHECK(timer(hub.begun + 30 * minute).events.empty());
    hub.now = hub.begun + 40 * minute;
    CHECK(timer(hub.begun + 29 * minute).events.empty());
    hub.occurred_at = hub.begun + minute;
    hub.tell(AcceptReferral());
    CHECK(timer(hub.begun + 30 * minute).events.empty());
}

TEST_CASE("A decision taken back, or a case closed, ends the wait") {
    Hub hub;
    hub.decide();
    auto reopened = std::make_shared<triage::ReviewReopened>();
    reopened->set_outcome_event_id("e1");
    reopened->set_pathway(triage::UCR);
    CHECK(hub.react(hub.said(reopened, "e2", hub.now)).at(0).names() == Names{"ReferralWithdrawn"});
    CHECK(hub.timers() == 0);
    Hub closed;
    closed.decide();
    closed.now = closed.begun + 31 * minute;  // the closing was in time, and was heard of late
    const auto event = closed.said(std::make_shared<triage::ReviewClosed>(), "e2", closed.begun + minute);
    CHECK(closed.react(event).at(0).names() == Names{"ReferralEnded"});
    CHECK(closed.timers() == 0);
    CHECK(closed.react(event).empty());
    CHECK(closed.complete().code() == WRONG_STATE);
}

TEST_CASE("What was decided on paper is overdue as it is written down; the rest of its time runs") {
    Hub hub;
    const auto asked = hub.decide(triage::UCR, hub.begun - 40 * minute);
    CHECK(asked.names() == Names{"ReferralRequested", "ReferralOverdue"});
    CHECK(overdue(asked, 1).written_up());
    CHECK(hub.fire().empty());
    hub.now = hub.begun + 80 * minute;
    CHECK_FALSE(overdue(hub.fire().at(0)).written_up());
}

TEST_CASE("A decision that referral hears of late is overdue for everybody to hear") {
    Hub hub;
    const auto decided = std::make_shared<triage::ReviewDecided>();
    decided->set_pathway(triage::UCR);
    const auto event = hub.said(decided, "e1", hub.now);
    hub.now += 200 * minute;
    CHECK(hub.react(event).at(0).names() == Names{"ReferralRequested"});
    REQUIRE(hub.fire().size() == 2);
    CHECK(hub.referral().acceptance_overdue());
    CHECK(hub.referral().reach_overdue());
}

TEST_CASE("A referral of before there were deadlines has none") {
    Event event;
    event.set_aggregate_id("r1");
    ReferralRequested old;
    old.set_pathway(triage::UCR);
    const auto state = domain.evolve("referral", nullptr, event, old);
    CHECK(domain.index({"referral", "r1"}, *state).empty());
    CHECK(domain.may("cli", "rightplace.referral.RecordPatientReached"));
    CHECK_FALSE(domain.may("cli", "rightplace.referral.MissReferralDeadline"));
}
