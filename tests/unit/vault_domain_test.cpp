#include <catch2/catch.hpp>

#include "common/clinical/roles.hpp"
#include "common/runtime/domain.hpp"
#include "messages/vault.pb.h"
#include "services/vault/domain/match.hpp"
#include "services/vault/domain/roles.hpp"
#include "services/vault/domain/vault.hpp"

using namespace rightplace;
using namespace rightplace::vault;

namespace {

const runtime::AggregateId identity{"identity", "case-1"};

struct Bench {
    VaultDomain domain;
    runtime::Aggregate aggregate;
    RecordView view;
    Command envelope;
    runtime::Context context;

    Bench() {
        view.set_case_id("case-1");
        view.set_purpose("direct-care");
        view.set_session("console-7");
        *view.mutable_viewed_at() = to_timestamp(5'000);
        envelope.mutable_actor()->set_id("staff-1");
        envelope.mutable_actor()->set_role("paramedic-practitioner");
        context.now = 9'000;
    }
    runtime::Decided decide() {
        runtime::States states;
        states.put(identity, aggregate, 0, "");
        return domain.decide(states, view, envelope, context);
    }
    std::size_t look() {  // events it led to
        const auto decided = decide();
        REQUIRE(decided.ok());
        for (const auto& event : decided.value().events) {
            aggregate.state = domain.evolve("identity", aggregate.state.get(), Event{}, *event.payload);
            ++aggregate.version;
        }
        return decided.value().events.size();
    }
    RefusalCode refused() { return decide().error().refusal.code(); }
};

}  // namespace

TEST_CASE("one IdentityViewed per person, case, purpose and session") {
    Bench bench;
    const auto decided = bench.decide();
    REQUIRE(decided.ok());
    const auto& viewed = static_cast<const IdentityViewed&>(*decided.value().events.at(0).payload);
    CHECK(viewed.by().id() == "staff-1");
    CHECK(to_ms(viewed.viewed_at()) == 5'000);
    CHECK(bench.look() == 1);
    CHECK(bench.look() == 0);
    bench.view.set_session("console-8");
    CHECK(bench.look() == 1);
    bench.view.set_purpose("call-back");
    CHECK(bench.look() == 1);
    bench.envelope.mutable_actor()->set_id("staff-2");
    CHECK(bench.look() == 1);
    CHECK(bench.look() == 0);
    CHECK(static_cast<const IdentityState&>(*bench.aggregate.state).views() == 4);
}

TEST_CASE("a view of a message of no case is kept under the message's id, and names no case") {
    VaultDomain domain;
    Bench bench;
    const std::string id = "bars:req:4b0cbb07-7d84-4d5f-bb86-3f1f1a1f0001";
    bench.view.set_case_id(id);
    runtime::States states;
    states.put({"identity", id}, {}, 0, "");
    CHECK(domain.needs(bench.view, bench.context).at(0) == runtime::AggregateId{"identity", id});
    const auto decided = domain.decide(states, bench.view, bench.envelope, bench.context);
    REQUIRE(decided.ok());
    CHECK(decided.value().events.at(0).aggregate == runtime::AggregateId{"identity", id});
    CHECK(decided.value().events.at(0).case_id.empty());
    bench.view.set_case_id("case-1");
    CHECK(bench.decide().value().events.at(0).case_id == "case-1");
}

TEST_CASE("who may not look is told for what they may") {
    CHECK_THAT(why_not("coordinator"), Catch::Contains("it may for: call-back."));
    CHECK_THAT(why_not("gp"), Catch::Contains("direct-care, call-back."));
    CHECK_THAT(why_not("operator"), Catch::Contains("Ask a clinician"));
}

TEST_CASE("a view is never later than its record") {
    Bench bench;
    *bench.view.mutable_viewed_at() = to_timestamp(90'000);
    const auto decided = bench.decide();
    CHECK(to_ms(static_cast<const IdentityViewed&>(*decided.value().events.at(0).payload).viewed_at()) == 9'000);
}

TEST_CASE("a view without case, session, person, purpose or right is refused") {
    Bench bench;
    SECTION("session") {
        bench.view.clear_session();
        CHECK(bench.refused() == INVALID);
    }
    SECTION("person") {
        bench.envelope.mutable_actor()->clear_id();
        CHECK(bench.refused() == INVALID);
    }
    SECTION("purpose") {
        bench.view.set_purpose("curiosity");
        CHECK(bench.refused() == INVALID);
    }
    SECTION("right") {
        bench.view.set_purpose("audit");
        CHECK(bench.refused() == FORBIDDEN);
    }
    SECTION("case") {
        bench.view.clear_case_id();
        CHECK(bench.refused() == INVALID);
    }
}

TEST_CASE("only vault itself records views") {
    VaultDomain domain;
    CHECK(domain.may("vault", "rightplace.vault.RecordView"));
    for (const auto role : {"cli", "clinician", "governance", "bars", "audit", "triage"}) {
        CHECK_FALSE(domain.may(role, "rightplace.vault.RecordView"));
    }
}

TEST_CASE("direct care is the clinicians', and every clinician's") {
    std::size_t clinicians = 0;
    for (const auto& rule : role_rules) {
        INFO(rule.role);
        CHECK(rule.direct_care == clinical::is_clinician(rule.role));
        clinicians += rule.direct_care ? 1 : 0;
    }
    CHECK(clinicians == clinical::clinician_roles.size());
}

TEST_CASE("roles and purposes: care for clinicians, complaint and audit for governance, delivery for no person") {
    for (const auto role : {"paramedic-practitioner", "ed-consultant", "gp", "nurse"}) {
        CHECK(may_release(role, "direct-care"));
        CHECK(may_release(role, "call-back"));
        CHECK_FALSE(may_release(role, "complaint"));
        CHECK_FALSE(may_release(role, "audit"));
    }
    CHECK(may_release("coordinator", "call-back"));
    CHECK_FALSE(may_release("coordinator", "direct-care"));
    CHECK(may_release("governance-lead", "complaint"));
    CHECK_FALSE(may_release("governance-lead", "direct-care"));
    CHECK_FALSE(may_release("auditor", "complaint"));
    for (const auto& rule : role_rules) {
        CHECK_FALSE(may_release(rule.role, "delivery"));
        CHECK_FALSE(may_release(rule.role, "curiosity"));
        CHECK_FALSE(rule.why.empty());
    }
    for (const auto purpose : purposes) CHECK_FALSE(may_release("system", purpose));
}

TEST_CASE("a sending system may read its own request back, through an adapter, and do nothing else") {
    for (const auto purpose : purposes) CHECK(may_release("sender", purpose) == (purpose == "sender-read"));
    for (const auto& rule : role_rules) CHECK_FALSE(may_release(rule.role, "sender-read"));
    CHECK(may_release_to("bars", "sender-read"));
    for (const auto program : {"cli", "clinician", "governance", "bench", "triage"}) {
        CHECK_FALSE(may_release_to(program, "sender-read"));
    }
}

TEST_CASE("transport keys: delivery for adapters alone, people's purposes for people's programs") {
    CHECK(may_release_to("bars", "delivery"));
    CHECK_FALSE(may_release_to("bars", "direct-care"));
    CHECK_FALSE(may_release_to("cli", "delivery"));
    CHECK(may_release_to("clinician", "direct-care"));
    CHECK_FALSE(may_release_to("clinician", "audit"));
    CHECK(may_release_to("governance", "audit"));
    CHECK_FALSE(may_release_to("governance", "direct-care"));
    for (const auto purpose : purposes) CHECK_FALSE(may_release_to("triage", purpose));
    CHECK(may_allocate("bars"));
    CHECK_FALSE(may_allocate("audit"));
    CHECK(may_read_high_water("audit"));
    CHECK_FALSE(may_read_high_water("bars"));
}

TEST_CASE("NHS numbers: one form, and only those that pass modulus 11") {
    CHECK(normal_nhs_number("999 000 0018") == "9990000018");
    CHECK(normal_nhs_number("999-000-0026") == "9990000026");
    for (const auto wrong :
         {"9111111111", "1000000000", "3478526985", "0000000000", "", "999000001", "99900000180", "9990000018x"}) {
        CHECK_FALSE(normal_nhs_number(wrong));
    }
}

TEST_CASE("telephones: one form for the ways people in the UK write one number") {
    for (const auto written : {"01580 123456", "+441580123456", "0044 1580 123456", "+44 (0)1580-123456",
                               "(01580) 123456", "441580123456"}) {
        CHECK(normal_telephone(written) == "441580123456");
    }
    CHECK(normal_telephone("+33 1 23 45 67 89") == "33123456789");
    for (const auto wrong : {"", "123456", "999", "0", "00000000000", "07700 ext 9", "+4412345678901234567"}) {
        CHECK_FALSE(normal_telephone(wrong));
    }
}

TEST_CASE("months are London's, and January follows December") {
    CHECK(month_of(*parse_instant("2026-11-26T03:04:05Z")) == "202611");
    CHECK(month_of(*parse_instant("2026-06-30T23:30:00Z")) == "202607");  // summer time
    CHECK(month_before("202601") == "202512");
    CHECK(month_before("202611") == "202610");
}
