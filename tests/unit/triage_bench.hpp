// What the tests of triage's rules share: a hub of one review, without a store.
#pragma once

#include "common/clinical/hub_policy.hpp"
#include "services/triage/domain/triage_domain.hpp"
#include "tests/unit/domain_harness.hpp"

namespace rightplace::triage::bench {

using test::Harness;
using test::Outcome;
using test::sealed;
using Names = std::vector<std::string>;
constexpr TimeMs minute = 60'000;

inline std::string policy_text(const std::string& hub) {
    return "name: \"" + hub +
           "\" default_breach_minutes: 30 default_breach_source: \"s\" claim_lease_seconds: 60 "
           "claim_lease_source: \"s\" repeat_window_hours: 96 repeat_window_source: \"s\" "
           "breach { category: \"C3\" minutes: 120 source: \"s\" }";
}

inline const TriageDomain domain({{"ashford", policy_text("ashford")}});
inline const policy::HubPolicy rules = clinical::parse_policy(policy_text("ashford")).value();

inline QueueReview queue(TimeMs breach) {
    QueueReview command;
    command.set_case_id("c1");
    command.set_case_number("A-1");
    command.mutable_facts()->set_origin(intake::VALIDATION_999);
    command.mutable_facts()->set_category(intake::C3);
    command.mutable_facts()->set_original_plan("convey");
    command.mutable_reply_to()->set_protocol("bars");
    *command.mutable_facts()->mutable_breach_at() = to_timestamp(breach);
    return command;
}

struct Hub : Harness {
    Hub() : Harness(domain) { policy = &rules; }

    template <typename T>
    T about() {
        T command;
        command.set_case_id("c1");
        return command;
    }
    const ReviewState& review() { return state<ReviewState>("review", "c1"); }
    Outcome claim(const std::string& who) { return run(about<ClaimReview>(), who, "role-" + who); }
    std::string token() { return review().claim().token(); }
    Outcome decide(const std::string& with_token, Pathway pathway = ADVICE) {
        auto command = about<DecideReview>();
        command.set_token(with_token);
        command.set_pathway(pathway);
        *command.mutable_rationale() = sealed("why");
        return run(command, "x", "ed-consultant");
    }
    Outcome consult() {
        auto command = about<StartConsultation>();
        command.set_token(token());
        return run(command, "x", "ed-consultant");
    }
    Outcome breach() {
        auto command = about<BreachReview>();
        *command.mutable_due() = review().breach_at();
        return run(command);
    }
};

}  // namespace rightplace::triage::bench
