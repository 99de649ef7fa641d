// What a crew, a GP, NHS 111, a community nurse or a control room without BaRS asks, from a JSON object to a command.
#include "services/cli/domain/contacts.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace rightplace;
using namespace rightplace::cli;
using nlohmann::json;

namespace {

class CountedRandom final : public seams::Random {
   public:
    seams::Bytes bytes(std::size_t count) override { return seams::Bytes(count, char(++next_)); }

   private:
    int next_ = 0;
};

Defaults defaults() {
    Defaults it;
    it.command_id = "00112233445566778899aabbccddeeff";
    it.hub = "ashford";
    it.now = 1'795'665'600'000;
    return it;
}

json person() {
    return json::parse(R"({"name": "Edith Testcase", "nhs_number": "9990000018", "contacts": [{"rank": 1,
        "methods": [{"system": "phone", "value": "01632 960019"}]}]})");
}

json crew() {
    return {{"callsign", "SE123"},
            {"requester_staff_id", "crew-7"},
            {"original_plan", "convey"},
            {"category", "C3"},
            {"age_years", 81},
            {"observations", {{"respirations_per_minute", 22}, {"on_oxygen", false}, {"consciousness", "ALERT"}}},
            {"person", person()}};
}

json gp() {
    return {{"requester_staff_id", "gp-7"}, {"sender_organisation_ods", "G99999"}, {"person", person()}};
}

json nhs_111() {
    return {{"cad_number", "111-7"}, {"original_plan", "Dx11"}, {"person", person()}};
}

json validation() {
    return {{"cad_number", "CAD-7"}, {"category", "C3"}, {"sender_organisation_ods", "RYD"}, {"person", person()}};
}

std::vector<std::string> problems(Asker asker, const json& object) {
    const auto read = read_contact(asker, object.dump(), defaults());
    return read ? std::vector<std::string>{} : read.error();
}

std::string all_problems(Asker asker, const json& object) {
    std::string all;
    for (const auto& each : problems(asker, object)) all += each + "\n";
    return all;
}

intake::OpenCase opened(Asker asker, const json& object) {
    const auto read = read_contact(asker, object.dump(), defaults());
    if (!read) FAIL(read.error().front());
    intake::OpenCase open;
    REQUIRE(read.value().command.payload().UnpackTo(&open));
    return open;
}

}  // namespace

TEST_CASE("a crew contact travels sealed, and opens under its key alone") {
    auto read = read_contact(Asker::crew, crew().dump(), defaults());
    REQUIRE(read.ok());
    REQUIRE(read.value().plain.size() == 1);
    CountedRandom random;
    const sealing::Key key(std::string(32, 'k'));
    seal_plain(read.value(), {{"key-7", key}}, random);

    const auto bytes = read.value().command.SerializeAsString();
    CHECK(bytes.find("Edith") == std::string::npos);
    CHECK(bytes.find("960019") == std::string::npos);
    CHECK(read.value().plain.empty());

    intake::OpenCase open;
    REQUIRE(read.value().command.payload().UnpackTo(&open));
    CHECK(open.facts().origin() == intake::CREW_ON_SCENE);
    CHECK(open.facts().callsign() == "SE123");
    CHECK(open.facts().requester_staff_id() == "crew-7");
    CHECK(open.facts().age_known());
    CHECK(open.facts().key_id() == "key-7");
    CHECK(open.facts().observations().respirations_per_minute() == 22);
    CHECK(to_ms(open.facts().clock_start()) == defaults().now);
    const auto unsealed = sealing::open(key, open.person(), sealing::Context::person);
    REQUIRE(unsealed.ok());
    intake::Person who;
    REQUIRE(who.ParseFromString(unsealed.value()));
    CHECK(who.name() == "Edith Testcase");
}

TEST_CASE("each asker has an origin of its own") {
    CHECK(opened(Asker::crew, crew()).facts().origin() == intake::CREW_ON_SCENE);
    CHECK(opened(Asker::gp, gp()).facts().origin() == intake::GP);
    CHECK(opened(Asker::nurse, gp()).facts().origin() == intake::COMMUNITY_NURSE);
    CHECK(opened(Asker::nhs_111, nhs_111()).facts().origin() == intake::NHS_111);
    CHECK(opened(Asker::validation, validation()).facts().origin() == intake::VALIDATION_999);
}

TEST_CASE("everything that is wrong is told at once, each with its field") {
    json wrong = crew();
    wrong.erase("callsign");
    wrong["original_plan"] = "take Edith to hospital";
    wrong["requester_staff_id"] = "Jo from the crew";
    wrong["category"] = "C9";
    wrong["observations"]["pulse_per_minute"] = "fast";
    wrong["observations"]["consciousness"] = "SLEEPY";
    wrong["callsing"] = "SE123";
    wrong.erase("person");
    const auto told = all_problems(Asker::crew, wrong);
    for (const auto* field : {"callsign: missing", "original_plan: no such plan", "requester_staff_id: a code",
                              "category: ", "observations.pulse_per_minute: ", "observations.consciousness: ",
                              "callsing: a crew contact has no such field", "person: missing"}) {
        CHECK_THAT(told, Catch::Contains(field));
    }
    CHECK(problems(Asker::crew, wrong).size() == 8);
    CHECK_THAT(told, !Catch::Contains("Edith") && !Catch::Contains("Jo from"));
}

TEST_CASE("what each asker has to say") {
    const auto needs = [](Asker asker, json object, const std::string& field) {
        object.erase(field);
        return problems(asker, object).size() == 1 && problems(asker, object)[0].rfind(field + ": missing", 0) == 0;
    };
    for (const auto* field : {"callsign", "requester_staff_id", "original_plan", "person"})
        CHECK(needs(Asker::crew, crew(), field));
    for (const auto* field : {"requester_staff_id", "sender_organisation_ods", "person"}) {
        CHECK(needs(Asker::gp, gp(), field));
        CHECK(needs(Asker::nurse, gp(), field));
    }
    for (const auto* field : {"cad_number", "original_plan", "person"}) CHECK(needs(Asker::nhs_111, nhs_111(), field));
    for (const auto* field : {"cad_number", "category", "sender_organisation_ods", "person"})
        CHECK(needs(Asker::validation, validation(), field));
    // A callsign is a crew's.
    json of_gp = gp();
    of_gp["callsign"] = "SE123";
    CHECK_THAT(all_problems(Asker::gp, of_gp), Catch::Contains("callsign: a GP's request has no such field"));
}

TEST_CASE("whoever is not with the patient says how to ring them") {
    for (const auto& [asker, object] : {std::pair{Asker::gp, gp()}, std::pair{Asker::nhs_111, nhs_111()},
                                        std::pair{Asker::validation, validation()}}) {
        json silent = object;
        silent["person"].erase("contacts");
        CHECK_THAT(all_problems(asker, silent), Catch::Contains("person.contacts: a telephone number"));
    }
    json nurse = gp();
    nurse["person"] = json::object();
    CHECK(problems(Asker::nurse, nurse).empty());
}

TEST_CASE("a plan is one of the words that are counted, in any spelling") {
    const auto plan = [](const std::string& word) {
        json object = crew();
        object["original_plan"] = word;
        const auto read = read_contact(Asker::crew, object.dump(), defaults());
        intake::OpenCase open;
        if (read) read.value().command.payload().UnpackTo(&open);
        return open.facts().original_plan();
    };
    for (const auto* word : {"convey", "Convey to ED", "CONVEY_TO_ED", "convey-to-ed", "ED"})
        CHECK(plan(word) == "convey-to-ed");
    CHECK(plan("see and treat") == "discharge-on-scene");
    CHECK(plan("medical-sdec") == "medical-sdec");
    CHECK(plan("sdec").empty());  // medical or surgical?
    CHECK(plan("Dx11").empty());  // a crew has a plan of its own
    json object = crew();
    object["original_plan"] = "hospital";
    CHECK_THAT(all_problems(Asker::crew, object),
               Catch::Contains("convey-to-ed (or convey, ed)") && Catch::Contains("home-treatment-team"));
    object = nhs_111();
    object["original_plan"] = "Dx";
    CHECK(problems(Asker::nhs_111, object).size() == 1);
}

TEST_CASE("a 999 call says whether it is a fall or for the community, and a C1 is none of ours") {
    const auto use_case = [](const std::string& word) {
        json object = validation();
        object["use_case"] = word;
        return opened(Asker::validation, object).facts().use_case();
    };
    CHECK(use_case("falls") == "a4t2");
    CHECK(use_case("community") == "a4t3");
    CHECK(use_case("a4t1") == "a4t1");
    json object = validation();
    object["use_case"] = "slips";
    object["category"] = "C1";
    CHECK(problems(Asker::validation, object).size() == 2);
}

TEST_CASE("a 999 call that was sent to another hub says by which ids, and those alone") {
    json object = validation();
    object["sent"] = {{"bundle_id", "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01"},
                      {"request_id", "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a02"},
                      {"correlation_id", "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a03"},
                      {"body_sha256", std::string(64, 'a')}};
    const auto exchange = opened(Asker::validation, object).exchange();
    CHECK(exchange.protocol() == "bars-sent");
    CHECK(exchange.message_id() == "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01");
    CHECK(exchange.request_id() == "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a02");
    CHECK(exchange.correlation_id() == "5d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a03");
    CHECK(exchange.body_sha256() == std::string(64, 'a'));
    CHECK_FALSE(opened(Asker::validation, validation()).has_exchange());
    object["sent"]["bundle_id"] = "a name";
    object["sent"].erase("body_sha256");
    CHECK(problems(Asker::validation, object).size() == 2);
    json doctor = gp();
    doctor["sent"] = object["sent"];
    CHECK_THAT(all_problems(Asker::gp, doctor), Catch::Contains("no such field"));
}

TEST_CASE("what is no object, or for no hub, is told") {
    CHECK(read_contact(Asker::gp, "[]", defaults()).error().size() == 1);
    CHECK(read_contact(Asker::gp, "{", defaults()).error().size() == 1);
    auto nowhere = defaults();
    nowhere.hub.clear();
    CHECK_THAT(read_contact(Asker::gp, gp().dump(), nowhere).error()[0], Catch::Contains("--hub"));
}
