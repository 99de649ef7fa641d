// From what a person wrote to a sealed command.
#include <catch2/catch.hpp>

#include "services/cli/domain/prepare.hpp"

#include "messages/triage.pb.h"

using namespace rightplace;
using namespace rightplace::cli;

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
    it.actor.set_id("j.smith");
    it.deadline_ms = 5'000;
    it.now = 1'795'665'600'000;
    return it;
}

template <typename T>
T payload_of(const Command& command) {
    T payload;
    REQUIRE(command.payload().UnpackTo(&payload));
    return payload;
}

}  // namespace

TEST_CASE("a payload is routed to the service whose package it is in") {
    CHECK(service_for("rightplace.intake.OpenCase").value() == "intake");
    CHECK(service_for("rightplace.triage.ClaimReview").value() == "triage");
    CHECK(service_for("rightplace.referral.SettleDelivery").value() == "referral");
    CHECK(service_for("rightplace.vault.RecordView").value() == "vault");
    CHECK_FALSE(service_for("rightplace.triage.ClaimReveiw").ok());
    CHECK_FALSE(service_for("rightplace.audit.EpochOpened").ok());
}

TEST_CASE("a bare payload becomes a whole command") {
    const auto read =
        read_command(R"({"@type": "type.googleapis.com/rightplace.triage.ClaimReview", "case_id": "c1"})", defaults());
    REQUIRE(read.ok());
    CHECK(read.value().service == "triage");
    CHECK(read.value().command.command_id() == defaults().command_id);
    CHECK(read.value().command.hub() == "ashford");
    CHECK(read.value().command.actor().id() == "j.smith");
    CHECK(read.value().command.deadline_ms() == 5'000);
    CHECK(payload_of<triage::ClaimReview>(read.value().command).case_id() == "c1");
}

TEST_CASE("what a command names itself stays, but the hub on the command line wins") {
    const auto read = read_command(R"({"command_id": "mine", "hub": "paddock-wood", "actor": {"id": "other"},
        "deadline_ms": 999999, "payload": {"@type": "type.googleapis.com/rightplace.triage.ClaimReview"}})",
                                   defaults());
    REQUIRE(read.ok());
    CHECK(read.value().command.command_id() == "mine");
    CHECK(read.value().command.hub() == "ashford");
    CHECK(read.value().command.actor().id() == "other");
    CHECK(read.value().command.deadline_ms() == 60'000);  // never above the bound
}

TEST_CASE("a command that cannot be sent is told what it lacks") {
    auto nowhere = defaults();
    nowhere.hub.clear();
    const std::string claim = R"({"@type": "type.googleapis.com/rightplace.triage.ClaimReview"})";
    CHECK_THAT(read_command(claim, nowhere).error(), Catch::Contains("--hub"));
    CHECK_THAT(read_command("{", defaults()).error(), Catch::Contains("not JSON"));
    CHECK_THAT(read_command("{}", defaults()).error(), Catch::Contains("@type"));
    CHECK_FALSE(
        read_command(R"({"@type": "type.googleapis.com/rightplace.triage.ClaimReview", "caes_id": 1})", defaults())
            .ok());
}

TEST_CASE("a case without an id gets the same one each time the same command is sent") {
    const std::string open = R"({"@type": "type.googleapis.com/rightplace.intake.OpenCase", "facts": {}})";
    const auto once = payload_of<intake::OpenCase>(read_command(open, defaults()).value().command);
    const auto again = payload_of<intake::OpenCase>(read_command(open, defaults()).value().command);
    auto other = defaults();
    other.command_id = "another";
    CHECK_FALSE(once.case_id().empty());
    CHECK(once.case_id() == again.case_id());
    CHECK(once.case_id() != payload_of<intake::OpenCase>(read_command(open, other).value().command).case_id());
}

TEST_CASE("free text is sealed as what it is") {
    CountedRandom random;
    const sealing::Key key(std::string(32, 'k'));
    triage::DecideReview decide;
    decide.set_case_id("c1");
    auto decided = prepare(decide, defaults(), "frail, lives alone");
    seal_plain(decided, {{"k1", key}}, random);
    const auto sealed = payload_of<triage::DecideReview>(decided.command).rationale();
    CHECK(sealing::open(key, sealed, sealing::Context::rationale).value() == "frail, lives alone");
    CHECK_FALSE(sealing::open(key, sealed, sealing::Context::note).ok());

    auto note =
        read_command(R"({"@type": "type.googleapis.com/rightplace.triage.AddNote", "text": "rang back"})", defaults());
    REQUIRE(note.ok());
    seal_plain(note.value(), {{"k2", key}}, random);
    const auto text = payload_of<triage::AddNote>(note.value().command).text();
    CHECK(text.key_id() == "k2");
    CHECK(sealing::open(key, text, sealing::Context::note).value() == "rang back");
}

TEST_CASE("an error about a person does not repeat what was written of them") {
    const auto wrong = read_command(R"({"@type": "type.googleapis.com/rightplace.intake.OpenCase",
        "person": {"name": "Edith", "contacts": [{"rank": "Edith Marrow"}]}})",
                                    defaults());
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().find("Edith") == std::string::npos);
    CHECK(without_values("invalid value \"Edith\" for type\n \"Edith\"") == "invalid value a value for type");
}

TEST_CASE("an event of a kind that this program does not know is still one JSON object") {
    Event event;
    event.set_event_id("e1");
    event.mutable_payload()->set_type_url("type.googleapis.com/rightplace.visits.VisitAssigned");
    event.mutable_payload()->set_value("abcd");
    CHECK(event_to_json(event) ==
          R"({"event_id":"e1","payload":{"@type":"type.googleapis.com/rightplace.visits.VisitAssigned",)"
          R"("base64":"YWJjZA=="}})");
    triage::ReviewClaimed claimed;
    claimed.mutable_holder()->set_organisation_ods("RYD");
    event.mutable_payload()->PackFrom(claimed);
    CHECK_THAT(event_to_json(event), Catch::Contains("\"organisation_ods\":\"RYD\""));
}
