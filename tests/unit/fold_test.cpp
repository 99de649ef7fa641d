// The fold's look-up by key against the slow way: every aggregate asked for its keys.
#include "common/runtime/fold.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

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
