// What is read tolerantly is told, and what counts of several is the safe one.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/checks.hpp"
#include "tests/unit/bars_full_sample.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using bars_sample::resource;

namespace {

using Change = std::function<void(Tree&)>;

Tree changed(const Change& change) {
    Tree bundle = bars_sample::request();
    change(bundle);
    return bundle;
}

intake::CaseFacts facts_of(const Tree& bundle) {
    return map_facts(Message(bundle), bars_sample::Sample().now);
}

bool warns(const Tree& bundle, const std::string& warning) {
    const auto facts = facts_of(bundle);
    return std::any_of(facts.warnings().begin(), facts.warnings().end(),
                       [&](const std::string& one) { return one.starts_with(warning); });
}

std::string shown(const Tree& bundle) {
    std::string out;
    const auto person = map_person(Message(bundle));
    for (const auto& one : person.additional()) out += one.label() + ": " + one.value() + "\n";
    for (const auto& text : person.narrative()) out += text + "\n";
    return out;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Tree arp(const std::string& code) {
    return {
        {"coding", Tree::array({{{"system", "https://fhir.nhs.uk/CodeSystem/arp-priority-codes"}, {"code", code}}})}};
}

void another(Tree& bundle, const Tree& one, const std::string& tail) {
    bundle["entry"].push_back({{"fullUrl", "urn:uuid:00000000-0000-4000-8000-0000000000" + tail}, {"resource", one}});
}

}  // namespace

TEST_CASE("of several categories the most urgent counts, whatever their order, and the others are shown") {
    for (const std::string order : {"last", "first"}) {
        const auto bundle = changed([&](Tree& b) {
            auto& outcomes = resource(b, "CarePlan")["activity"][0]["outcomeCodeableConcept"];
            outcomes.insert(order == "first" ? outcomes.begin() : outcomes.end(), arp("C1"));
        });
        INFO(order);
        CHECK(facts_of(bundle).category() == intake::C1);
        CHECK(warns(bundle, "several-arp-categories CarePlan.activity"));
        CHECK(has(shown(bundle), "another category: C3"));
        CHECK(facts_of(bundle).outcome_codes_size() == 3);  // none of them goes back as an outcome
    }
    const auto twice =
        changed([](Tree& b) { resource(b, "CarePlan")["activity"][0]["outcomeCodeableConcept"].push_back(arp("C3")); });
    CHECK_FALSE(warns(twice, "several-arp-categories"));
}

TEST_CASE("an unknown category shadows no known one, and is seen") {
    const auto bundle = changed([](Tree& b) {
        auto& outcomes = resource(b, "CarePlan")["activity"][0]["outcomeCodeableConcept"];
        outcomes.insert(outcomes.begin(), arp("C9"));
    });
    CHECK(facts_of(bundle).category() == intake::C3);
    CHECK(warns(bundle, "unknown-arp-category CarePlan.activity"));
    CHECK_FALSE(warns(bundle, "several-arp-categories"));
    CHECK(has(shown(bundle), "another category: C9"));
    const auto alone =
        changed([](Tree& b) { resource(b, "CarePlan")["activity"][0]["outcomeCodeableConcept"][3] = arp("C9"); });
    CHECK(facts_of(alone).category() == intake::CATEGORY_UNSPECIFIED);
    CHECK(warns(alone, "no-arp-category"));
    CHECK(has(shown(alone), "C9"));
}

TEST_CASE("counts other than the definition's, and references to nothing, are told") {
    CHECK(warns(changed([](Tree& b) { another(b, resource(b, "Patient"), "01"); }), "too-many-patient Bundle.entry"));
    CHECK(warns(changed([](Tree& b) { another(b, resource(b, "CarePlan"), "01"); }), "too-many-careplan"));
    CHECK(warns(changed([](Tree& b) { bars_sample::remove(b, "HealthcareService"); }), "too-few-healthcareservice"));
    const auto nowhere = [](const std::string& name) {
        return changed([&](Tree& b) {
            Tree& at = resource(b, "ServiceRequest")[name];
            (at.is_array() ? at[0] : at)["reference"] = "urn:uuid:00000000-0000-4000-8000-00000000000e";
        });
    };
    for (const std::string name : {"subject", "encounter", "basedOn", "locationReference"}) {
        INFO(name);
        CHECK_FALSE(warns(bars_sample::request(), "reference-to-nothing"));
        CHECK(warns(nowhere(name), "reference-to-nothing Bundle.entry[1].resource." + name));
    }
    CHECK(warns(changed([](Tree& b) {
                    resource(b, "ServiceRequest").erase("subject");
                    another(b, resource(b, "Patient"), "01");
                }),
                "reference-to-nothing"));
}

TEST_CASE("an update may have fewer, a referral needs two Organizations, a cancellation no plan") {
    const auto reason = [](Tree& b, const char* code) {
        resource(b, "MessageHeader")["reason"]["coding"][0]["code"] = code;
    };
    CHECK_FALSE(
        warns(changed([&](Tree& b) { reason(b, "update"), bars_sample::remove(b, "HealthcareService"); }), "too-few"));
    CHECK(warns(changed([&](Tree& b) { reason(b, "update"), another(b, resource(b, "Patient"), "01"); }),
                "too-many-patient"));
    const auto referral = changed([](Tree& b) {
        resource(b, "ServiceRequest")["category"][0]["coding"][0]["code"] = "referral";
        b["entry"].erase(7), b["entry"].erase(7);
    });
    CHECK(warns(referral, "too-few-organization"));
    CHECK_FALSE(warns(referral, "too-many-location"));  // any number
    CHECK_FALSE(warns(changed([&](Tree& b) {
                          reason(b, "update"), bars_sample::remove(b, "CarePlan");
                          resource(b, "ServiceRequest")["status"] = "revoked";
                      }),
                      "too-many-location"));
}

TEST_CASE("what was entered in error is shown as withdrawn, and as nothing else") {
    Tree bundle = bars_sample::full_request();
    CHECK(has(shown(bundle), "\nA friendly dog.\n"));
    CHECK(has(shown(bundle), "\nHopes to stay at home.\n"));
    resource(bundle, "Flag")["status"] = "entered-in-error";
    for (auto& entry : bundle["entry"]) {
        if (entry["resource"].contains("valueString")) entry["resource"]["status"] = "cancelled";
        if (entry["resource"]["resourceType"] == "MedicationStatement")
            entry["resource"]["status"] = "entered-in-error";
    }
    const auto told = shown(bundle);
    CHECK_FALSE(has(told, "\nA friendly dog.\n"));
    CHECK_FALSE(has(told, "\nHopes to stay at home.\n"));
    CHECK_FALSE(has(told, "\nSaid twice.\n"));
    CHECK_FALSE(has(told, "medication: "));
    CHECK(has(told, "withdrawn by the sender: "));
    CHECK(has(told, "A friendly dog."));
    CHECK(facts_of(bundle).flags_size() == 0);
    CHECK(warns(bundle, "no-scene-safety-flag"));
}

TEST_CASE("an earlier reading of one kind is shown beside the later one that counts") {
    const auto reading = [](int value, TimeMs at) {
        return Tree(
            {{"resourceType", "Observation"},
             {"status", "final"},
             {"code", {{"coding", Tree::array({{{"system", "http://snomed.info/sct"}, {"code", "72313002"}}})}}},
             {"effectiveDateTime", format_utc(at)},
             {"valueQuantity", {{"value", value}, {"unit", "mmHg"}}}});
    };
    const TimeMs now = bars_sample::Sample().now;
    const auto bundle = changed([&](Tree& b) {
        another(b, reading(121, now - 60'000), "01");
        another(b, reading(79, now - 1'200'000), "02");
    });
    CHECK(facts_of(bundle).observations().systolic_mmhg() == 121);
    const auto told = shown(bundle);
    CHECK(has(told, "79, mmHg"));
    CHECK(has(told, format_utc(now - 1'200'000)));
    CHECK_FALSE(has(told, "121, mmHg"));
}

TEST_CASE("a place outside the United Kingdom is told: swapped degrees, an easting of 0.33424") {
    const auto with = [](const Change& change) { return changed([&](Tree& b) { change(resource(b, "Location")); }); };
    CHECK_FALSE(warns(bars_sample::request(), "place-outside-the-uk"));
    CHECK(warns(with([](Tree& l) {
                    l["position"] = {{"longitude", 51.1762}, {"latitude", 0.3955}};
                }),
                "place-outside-the-uk Bundle.entry[9].resource.position"));
    for (const std::string odd : {"0.33424", "567", "TQ 671 449", "9567100"}) {
        INFO(odd);
        CHECK(warns(with([&](Tree& l) { l["extension"][0]["extension"][1]["valueString"] = odd; }),
                    "place-outside-the-uk Bundle.entry[9].resource.extension"));
    }
    // Lerwick, and Londonderry.
    CHECK_FALSE(warns(with([](Tree& l) {
                          l["position"] = {{"longitude", -1.1493}, {"latitude", 60.1530}};
                      }),
                      "place-outside-the-uk"));
    CHECK_FALSE(warns(with([](Tree& l) {
                          l["position"] = {{"longitude", -7.3218}, {"latitude", 54.9966}};
                      }),
                      "place-outside-the-uk"));
}

TEST_CASE("the ways to reach a contact are ranked, exactly one first") {
    const auto with = [](const Change& change) {
        return changed([&](Tree& b) { change(resource(b, "Patient")["contact"][1]["telecom"]); });
    };
    const std::string told = "contact-method-ranks Bundle.entry[5].resource.contact[1].telecom";
    CHECK_FALSE(warns(bars_sample::request(), "contact-method-ranks"));
    CHECK(warns(with([](Tree& t) { t[0].erase("rank"); }), told));
    CHECK(warns(with([](Tree& t) { t[0]["rank"] = 2; }), told));
    CHECK(warns(with([](Tree& t) { t.push_back(t[0]); }), told));
    CHECK_FALSE(warns(with([](Tree& t) { t.push_back(t[0]), t[1]["rank"] = 2; }), told));
}
