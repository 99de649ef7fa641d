// The fold: its look-up by key against the slow way (every aggregate asked for its keys), and what does not fit.
#include "common/runtime/fold.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <random>
#include <stdexcept>

#include "services/intake/domain/intake_domain.hpp"

using namespace rightplace;
using namespace rightplace::runtime;

namespace {

using Ids = std::vector<std::string>;

const intake::IntakeDomain domain;

std::string one_of(std::mt19937& dice, const Ids& values) {
    return values[dice() % values.size()];
}

intake::CaseFacts any_facts(std::mt19937& dice) {
    intake::CaseFacts facts;
    facts.set_journey_id(one_of(dice, {"", "j1", "j2"}));
    facts.set_cad_number(one_of(dice, {"", "77", "78"}));
    facts.set_sender_organisation_ods(one_of(dice, {"RYD", "RX1"}));
    for (auto tokens = dice() % 3; tokens > 0; --tokens) facts.add_match_tokens(one_of(dice, {"", "t1", "t2"}));
    return facts;
}

template <typename Payload>
Event about(const Aggregate* before, const std::string& case_id, const Payload& payload) {
    Event event;
    event.set_service("intake");
    event.set_aggregate_type("case");
    event.set_aggregate_id(case_id);
    event.set_aggregate_version((before == nullptr ? 0 : before->version) + 1);
    event.mutable_payload()->PackFrom(payload);
    return event;
}

Ids quickly(const Fold& fold, const std::string& type, const std::string& key) {
    Ids ids;
    fold.each_with_key(type, key, [&](const AggregateId& id, const Aggregate&) { ids.push_back(id.id); });
    return ids;
}

Ids slowly(const Fold& fold, const std::string& type, const std::string& key) {
    Ids ids;
    fold.each(type, [&](const AggregateId& id, const Aggregate& aggregate) {
        const auto keys = domain.lookup_keys(type, *aggregate.state);
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) ids.push_back(id.id);
    });
    return ids;
}

}  // namespace

TEST_CASE("an aggregate is found by each key of its present state and by none of an earlier one") {
    std::mt19937 dice(7);
    Fold fold("ashford", domain);
    std::size_t found = 0;
    for (int i = 0; i < 400; ++i) {
        const auto case_id = "case-" + std::to_string(dice() % 12);
        const auto* before = fold.find({"case", case_id});
        if (before == nullptr) {
            intake::CaseOpened opened;
            *opened.mutable_facts() = any_facts(dice);
            fold.apply(about(before, case_id, opened));
        } else {
            intake::CaseUpdated updated;
            *updated.mutable_facts() = any_facts(dice);
            fold.apply(about(before, case_id, updated));
        }
        for (const char* key : {"journey:", "journey:j1", "journey:j2", "cad:RYD:77", "cad:RX1:77", "cad:RYD:78",
                                "token:", "token:t1", "token:t2"}) {
            const auto ids = quickly(fold, "case", key);
            REQUIRE(ids == slowly(fold, "case", key));
            found += ids.size();
        }
        REQUIRE(quickly(fold, "exchange", "journey:j1").empty());
    }
    REQUIRE(fold.quarantined().empty());
    CHECK(found > 400);  // or this test looks at nothing
}

namespace {

constexpr const char* poisonous = "666";

// Breaks on one CAD number, by the invariant of its rule or by what a library throws.
class Breaking final : public intake::IntakeDomain {
   public:
    std::shared_ptr<const Message> evolve(std::string_view type, const Message* before, const Event& event,
                                          const Message& payload) const override {
        intake::CaseUpdated updated;
        if (event.payload().UnpackTo(&updated)) {
            INVARIANT(updated.facts().cad_number() != poisonous);
            if (updated.facts().journey_id() == poisonous) throw std::out_of_range("a library's");
        }
        return intake::IntakeDomain::evolve(type, before, event, payload);
    }
};

intake::CaseUpdated updated_to(const std::string& cad, const std::string& journey = "j1") {
    intake::CaseUpdated updated;
    updated.mutable_facts()->set_cad_number(cad);
    updated.mutable_facts()->set_journey_id(journey);
    return updated;
}

}  // namespace

TEST_CASE("a rule that breaks on an event quarantines that aggregate, as it was before; the others go on") {
    const Breaking breaking;
    Fold fold("ashford", breaking);
    std::uint64_t seq = 0;
    const auto apply = [&](const std::string& case_id, const auto& payload) {
        auto event = about(fold.find({"case", case_id}), case_id, payload);
        event.set_seq(++seq);
        event.set_event_id("e" + std::to_string(seq));
        fold.apply(event);
    };
    for (const char* id : {"good", "bad", "worse"}) apply(id, intake::CaseOpened());
    apply("bad", updated_to("77"));
    const auto before = fold.find({"case", "bad"})->state->SerializeAsString();
    apply("bad", updated_to(poisonous));
    apply("worse", updated_to("78", poisonous));
    apply("bad", updated_to("78"));  // stands on what nobody could fold
    apply("good", updated_to("78"));
    REQUIRE(fold.quarantined().size() == 2);
    const auto& bad = fold.quarantined().at({"case", "bad"});
    CHECK(bad.event_id == "e5");
    CHECK(bad.seq == 5);
    CHECK(bad.good_version == 2);
    CHECK(fold.quarantined().at({"case", "worse"}).good_version == 1);
    CHECK(fold.find({"case", "bad"})->version == 4);
    CHECK(fold.find({"case", "bad"})->state->SerializeAsString() == before);
    const auto& good = static_cast<const intake::CaseState&>(*fold.find({"case", "good"})->state);
    CHECK(good.facts().cad_number() == "78");
}

TEST_CASE("a missing version, or an event of a type that this build does not know, quarantines too") {
    Fold fold("ashford", domain);
    fold.apply(about(nullptr, "gap", intake::CaseOpened()));
    auto event = about(fold.find({"case", "gap"}), "gap", updated_to("77"));
    event.set_aggregate_version(3);
    fold.apply(event);
    CHECK(fold.quarantined().at({"case", "gap"}).good_version == 1);
    event = about(nullptr, "newer", intake::CaseOpened());
    event.mutable_payload()->set_type_url("type.googleapis.com/rightplace.intake.NotYetThought");
    fold.apply(event);
    CHECK(fold.quarantined().at({"case", "newer"}).good_version == 0);
}

TEST_CASE("a broken invariant unwinds inside a domain call, and only there") {
    {
        const DomainScope outer;
        {
            const DomainScope inner;
            CHECK_THROWS_AS(INVARIANT(1 == 2), BrokenInvariant);
        }
        CHECK_THROWS_AS(INVARIANT(1 == 2), BrokenInvariant);  // the outer one still stands
        CHECK_NOTHROW(INVARIANT(1 == 1));
    }
    const auto child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        INVARIANT(1 == 2);
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
}
