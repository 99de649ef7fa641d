// The commands against a wire that answers as the test says.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "messages/referral.pb.h"
#include "messages/runtime.pb.h"
#include "messages/vault.pb.h"
#include "services/cli/domain/chain.hpp"
#include "services/cli/shell/audit_commands.hpp"
#include "services/cli/shell/commands.hpp"
#include "services/cli/shell/find_stack.hpp"
#include "tests/unit/cli_bench.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* secret = "Edith Marrow";

// A case of hub paddock-wood with a sealed person, a sealed note and a sealed original.
struct SealedCase {
    explicit SealedCase(Bench& bench) : key(std::string(32, 'k')) {
        intake::Person person;
        person.set_name(secret);
        intake::CaseOpened opened;
        *opened.mutable_person() =
            sealing::seal(key, "k1", sealing::Context::person, person.SerializeAsString(), bench.random);
        bench.wire.append(opened, "1");
        triage::NoteAdded note;
        *note.mutable_text() = sealing::seal(key, "k1", sealing::Context::note, "rang back", bench.random);
        bench.wire.append(note, "1");
        bench.wire.append(audit::JournalCheckpoint(), "");
        intake::ExchangeAnswered answered;
        *answered.mutable_exchange()->mutable_original() =
            sealing::seal(key, "k1", sealing::Context::original, original, bench.random);
        bench.wire.append(answered, "1");
        intake::CaseReply reply;
        reply.mutable_state()->set_case_id("1");
        reply.mutable_state()->set_case_number("P-1");
        bench.wire.answer("GetCase", reply);
        vault::ReleaseKeyReply release;
        release.mutable_key()->set_key_id("k1");
        release.mutable_key()->set_key(std::string(key.bytes()));
        release.set_view_recorded(true);
        bench.wire.answer("ReleaseKey", release);
    }
    sealing::Key key;
    std::string original = std::string("<Bundle>\r\n\0caf\xe9", 16);
};

}  // namespace

TEST_CASE("the stack is the one named, else the one marked above the program or the working directory") {
    const TemporaryFolder folder;
    fs::create_directories(folder.path / "checkout/build/bin");
    fs::create_directories(folder.path / "state");
    const auto program = (folder.path / "checkout/build/bin/rightplace").string();
    CHECK_THAT(find_stack({"", program, "/"}).error(),
               Catch::Equals("no running stack found: start one with compose/up, or name it with --state DIR"));
    CHECK_THAT(find_stack({folder.path / "state", program, "/"}).error(), Catch::Contains("compose/up"));
    const auto stack = folder.file("state/stack.textproto", "label: \"demo\"");
    CHECK(find_stack({folder.path / "state", program, "/"}).value() == stack);
    folder.file("checkout/.rightplace-current", (folder.path / "state").string() + "\n");
    CHECK(find_stack({"", program, "/"}).value() == stack);
    CHECK(find_stack({"", "/usr/bin/rightplace", folder.path / "checkout/build"}).value() == stack);
    fs::remove(stack);
    CHECK_FALSE(find_stack({"", program, "/"}).ok());
}

TEST_CASE("send prints the reply and its exit code tells the outcome") {
    Bench bench;
    const TemporaryFolder folder;
    const auto file =
        folder.file("claim.json", R"({"@type": "type.googleapis.com/rightplace.triage.ClaimReview", "case_id": "1"})");
    auto session = bench.session();
    for (const auto& [status, code] : {std::pair{ACCEPTED, 0}, std::pair{DUPLICATE, 0}, std::pair{REFUSED, 2},
                                       std::pair{UNAVAILABLE, 3}, std::pair{UNKNOWN, 4}}) {
        bench.wire.reply.set_status(status);
        CHECK(run_send(session, {file, "", "ashford", "", "id-1"}) == code);
        CHECK(bench.wire.asked.back().first == "triage");
        CHECK(bench.wire.asked.back().second.command_id() == "id-1");
    }
    CHECK_THAT(bench.out.str(), Catch::Contains("\"status\":\"ACCEPTED\""));
    CHECK(run_send(session, {folder.file("none"), "", "ashford", "", ""}) == 1);
    CHECK(run_send(session, {file, "", "ashford", "yesterday", ""}) == 1);
}

TEST_CASE("nothing plain is sent when vault gives no key") {
    Bench bench;
    const TemporaryFolder folder;
    const auto crew = folder.file("crew.json", R"({"callsign": "SE1", "original_plan": "convey",
                                                    "requester_staff_id": "crew-1",
                                                    "person": {"name": "Edith Marrow"}})");
    auto session = bench.session();
    CHECK(run_send(session, {"", crew, "ashford", "", ""}) == 3);
    CHECK(bench.wire.asked.empty());

    vault::AllocateKeysReply keys;
    auto& key = *keys.add_keys();
    key.set_key_id("k1");
    key.set_key(std::string(32, 'k'));
    bench.wire.answer("AllocateKeys", keys);
    CHECK(run_send(session, {"", crew, "ashford", "", ""}) == 0);
    REQUIRE(bench.wire.asked.size() == 1);
    CHECK(bench.wire.asked[0].first == "intake");
    CHECK(bench.wire.asked[0].second.SerializeAsString().find("Edith") == std::string::npos);
}

TEST_CASE("who asks a hub where nobody is hears so at once, in words") {
    Bench bench;
    const TemporaryFolder folder;
    const auto nurse = folder.file("nurse.json", R"({"requester_staff_id": "n-1", "sender_organisation_ods": "X99999",
                                                      "person": {}})");
    vault::AllocateKeysReply keys;
    keys.add_keys()->set_key_id("k1");
    keys.mutable_keys(0)->set_key(std::string(32, 'k'));
    bench.wire.answer("AllocateKeys", keys);
    intake::HubFoundClosed closed;
    *closed.mutable_opens_at() = to_timestamp(1'795'680'000'000);
    bench.wire.append(intake::CaseOpened(), "c1");
    bench.wire.append(closed, "c1");
    auto& event = *bench.wire.reply.mutable_receipt()->add_events();
    event.set_name("HubFoundClosed");
    event.set_case_id("c1");
    event.set_seq(2);
    auto session = bench.session();
    CHECK(run_send(session, {"", nurse, "ashford", "", "", Asker::nurse}) == 0);
    CHECK_THAT(bench.err.str(), Catch::Contains("The hub is closed until " + format_london(1'795'680'000'000) +
                                                "; nobody has been asked. Act on your own plan"));
    bench.wire.reply.clear_receipt();
    bench.err.str("");
    triage::QueueReply queue;
    queue.mutable_hours()->add_sites()->set_open(true);
    bench.wire.answer("GetQueue", queue);
    CHECK(run_send(session, {"", nurse, "ashford", "", "", Asker::nurse}) == 0);
    CHECK_THAT(bench.err.str(), Catch::Contains("Nobody is signed on at ashford"));
    bench.err.str("");
    queue.add_on_shift();
    bench.wire.answer("GetQueue", queue);
    CHECK(run_send(session, {"", nurse, "ashford", "", "", Asker::nurse}) == 0);
    CHECK(bench.err.str().empty());
}

TEST_CASE("what was done on paper is sent with the time when it was done, never a time to come") {
    Bench bench;
    intake::CaseReply found;
    found.mutable_state()->set_case_id("c1");
    bench.wire.answer("GetCase", found);
    auto session = bench.session();
    VerbOptions claim;
    claim.verb = "claim";
    claim.id_or_number = "c1";
    claim.hub = "ashford";
    claim.occurred_at = "2026-11-25T03:04:05Z";
    CHECK(run_verb(session, claim) == 0);
    REQUIRE(bench.wire.asked.size() == 1);
    CHECK(format_utc(to_ms(bench.wire.asked[0].second.occurred_at())) == "2026-11-25T03:04:05.000Z");
    for (const auto* wrong : {"2036-11-25T03:04:05Z", "yesterday"}) {
        claim.occurred_at = wrong;
        CHECK(run_verb(session, claim) == 1);
    }
    CHECK(bench.wire.asked.size() == 1);
    claim.occurred_at.clear();
    CHECK(run_verb(session, claim) == 0);
    CHECK_FALSE(bench.wire.asked[1].second.has_occurred_at());
}

TEST_CASE("a case shows no identity until it is revealed, with a purpose") {
    Bench bench;
    const SealedCase sealed(bench);
    auto session = bench.session();
    CHECK(run_case(session, {"P-1", "", false, false, "", "", ""}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("Note added (sealed)") && !Catch::Contains("Edith"));
    CHECK(run_case(session, {"P-1", "", true, false, "", "", ""}) == 0);
    CHECK_THAT(bench.out.str(), !Catch::Contains("Edith"));
    CHECK(run_case(session, {"P-1", "", false, true, "", "", ""}) == 1);
    CHECK_THAT(bench.err.str(), Catch::Contains("--purpose"));

    bench.wire.queries.clear();
    CHECK(run_case(session, {"P-1", "", false, true, "call-back", "s1", ""}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("Edith Marrow") && Catch::Contains("rang back"));
    int releases = 0;
    for (const auto& query : bench.wire.queries) {
        vault::ReleaseKey release;
        if (!query.payload().UnpackTo(&release)) continue;
        ++releases;
        CHECK(release.case_id() == "1");
        CHECK(release.purpose() == "call-back");
        CHECK(release.session() == "s1");
        CHECK(query.actor().role() == "ed-consultant");
    }
    CHECK(releases == 1);  // one key, asked for once
}

TEST_CASE("vault's refusal leaves the case readable and the exit code says so") {
    Bench bench;
    const SealedCase sealed(bench);
    bench.wire.answers["ReleaseKey"].Clear();
    bench.wire.answers["ReleaseKey"].mutable_refusal()->set_code(FORBIDDEN);
    auto session = bench.session();
    CHECK(run_case(session, {"P-1", "", false, true, "audit", "", ""}) == 2);
    CHECK_THAT(bench.out.str(), Catch::Contains("P-1") && Catch::Contains("FORBIDDEN") && !Catch::Contains("Edith"));
}

TEST_CASE("the original comes back byte for byte, to a new file that only its owner reads") {
    Bench bench;
    const SealedCase sealed(bench);
    const TemporaryFolder folder;
    auto session = bench.session();
    const auto file = folder.file("original.xml");
    CHECK(run_case(session, {"P-1", "", false, false, "complaint", "", file}) == 0);
    std::ifstream written(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(written), std::istreambuf_iterator<char>()};
    CHECK(bytes == sealed.original);
    CHECK((fs::status(file).permissions() & fs::perms(0777)) == fs::perms(0600));
    CHECK(run_case(session, {"P-1", "", false, false, "complaint", "", file}) == 1);  // never over a file
}

TEST_CASE("a case is found in the record when intake is silent, and what is missing is said") {
    Bench bench;
    const SealedCase sealed(bench);
    bench.wire.answers.erase("GetCase");
    auto session = bench.session();
    CHECK(run_case(session, {"P-1", "", false, false, "", "", ""}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("! the case cannot be shown") &&
                                    Catch::Contains("! the review cannot be shown") && Catch::Contains("Case opened"));
    bench.wire.audit_up = false;
    CHECK(run_case(session, {"P-1", "", false, false, "", "", ""}) != 0);
}

TEST_CASE("a verb looks up the asker's own claim, and only that") {
    Bench bench;
    const SealedCase sealed(bench);
    triage::ReviewReply review;
    auto& claim = *review.mutable_state()->mutable_claim();
    claim.set_token("t1");
    claim.mutable_holder()->set_id("j.smith");
    bench.wire.answer("GetReview", review);
    auto session = bench.session();
    VerbOptions decide;
    decide.verb = "decide";
    decide.id_or_number = "P-1";
    decide.pathway = "medical-sdec";
    CHECK(run_verb(session, decide) == 0);
    REQUIRE(bench.wire.asked.size() == 1);
    triage::DecideReview sent;
    REQUIRE(bench.wire.asked[0].second.payload().UnpackTo(&sent));
    CHECK(sent.token() == "t1");
    CHECK(sent.case_id() == "1");
    CHECK(sent.pathway() == triage::MEDICAL_SDEC);
    CHECK(bench.wire.asked[0].second.hub() == "paddock-wood");

    claim.mutable_holder()->set_id("a.jones");
    bench.wire.answer("GetReview", review);
    CHECK(run_verb(session, decide) == 2);
    CHECK_THAT(bench.err.str(), Catch::Contains("held by a.jones"));
    claim.mutable_taken_from()->set_id("j.smith");
    claim.set_reason_code("shift-end");
    bench.wire.answer("GetReview", review);
    CHECK(run_verb(session, decide) == 2);
    CHECK_THAT(bench.err.str(), Catch::Contains("a.jones has taken this review over from you: shift-end"));
    CHECK(bench.wire.asked.size() == 1);
}

TEST_CASE("A decision on a claim that is over still brings its text to triage, which keeps it") {
    Bench bench;
    const SealedCase sealed(bench);
    triage::ReviewReply review;
    vault::AllocateKeysReply keys;
    keys.add_keys()->set_key_id("k1");
    keys.mutable_keys(0)->set_key(std::string(32, 'k'));
    bench.wire.answer("AllocateKeys", keys);
    review.mutable_state()->mutable_claim()->set_token("t2");
    review.mutable_state()->mutable_claim()->mutable_holder()->set_id("a.jones");
    bench.wire.answer("GetReview", review);
    auto session = bench.session();
    VerbOptions decide;
    decide.verb = "decide";
    decide.id_or_number = "P-1";
    decide.pathway = "medical-sdec";
    decide.text = "what was found";
    run_verb(session, decide);
    CHECK_THAT(bench.err.str(), Catch::Contains("held by a.jones") && Catch::Contains("kept as a note"));
    REQUIRE(bench.wire.asked.size() == 1);
    triage::DecideReview sent;
    REQUIRE(bench.wire.asked[0].second.payload().UnpackTo(&sent));
    CHECK(sent.token() != "t2");
    CHECK_FALSE(sent.rationale().ciphertext().empty());
}

TEST_CASE("take-over, downgrade, opinions and welfare calls need no claim, and say what was typed") {
    Bench bench;
    auto session = bench.session();
    const SealedCase sealed(bench);
    VerbOptions options;
    options.id_or_number = "P-1";
    options.reason = "shift-end";
    options.category = "C4";
    options.of_role = "ed-consultant";
    options.view = "dissent";
    options.minutes = 30;
    const auto sent = [&](const std::string& verb, auto payload) {
        options.verb = verb;
        REQUIRE(run_verb(session, options) == 0);
        REQUIRE(bench.wire.asked.back().second.payload().UnpackTo(&payload));
        CHECK(payload.case_id() == "1");
        return payload;
    };
    CHECK(sent("take-over", triage::TakeOverReview()).reason_code() == "shift-end");
    const auto lower = sent("downgrade", triage::DowngradeReview());
    CHECK(lower.to_category() == intake::C4);
    CHECK(lower.reason_code() == "shift-end");
    CHECK(sent("ask-opinion", triage::AskSecondOpinion()).of_role() == "ed-consultant");
    CHECK(sent("opinion", triage::GiveSecondOpinion()).view() == "dissent");
    CHECK(sent("welfare", triage::PlanWelfareCall()).within_minutes() == 30);
}

TEST_CASE("the queue as JSON says how old it is") {
    Bench bench;
    bench.wire.answer("GetQueue", triage::QueueReply(), 5'000);
    auto session = bench.session();
    CHECK(run_queue(session, {"ashford", true}) == 0);
    const auto json = nlohmann::json::parse(bench.out.str());
    CHECK(json["stale"] == true);
    CHECK(json["hub"] == "ashford");
    bench.wire.answers.clear();
    CHECK(run_queue(session, {"ashford", false}) == 3);
}

TEST_CASE("watch gives every event once, one JSON object per line, and stops when told") {
    Bench bench;
    for (int i = 0; i < 8; ++i) bench.wire.append(intake::CaseClosed(), std::to_string(i));
    bench.stop_after = 6;
    auto session = bench.session();
    CHECK(run_watch(session, {"ashford", 3, true, false}) == 0);
    std::istringstream lines(bench.out.str());
    std::string line;
    for (int seq = 3; seq <= 8; ++seq) {
        REQUIRE(std::getline(lines, line));
        CHECK(nlohmann::json::parse(line)["seq"] == std::to_string(seq));
    }
    CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("verify believes no root, no order and no head that it cannot work out itself") {
    Bench bench;
    for (int i = 0; i < 10; ++i) bench.wire.append(intake::CaseClosed(), std::to_string(i));
    auto session = bench.session();
    const auto root = to_hex(bench.wire.true_root());
    CHECK(run_verify(session, {"ashford", "", root + "@10", false}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("sound. 10 events") && Catch::Contains(root + "@10"));
    CHECK(run_verify(session, {"ashford", "", root + "@9", false}) == 1);
    CHECK(run_verify(session, {"ashford", "", root + "@11", false}) == 1);
    SECTION("another root") {
        bench.wire.said_root = std::string(32, 'x');
    }
    SECTION("an altered event") {
        bench.wire.said_root = bench.wire.true_root();
        Event event;
        event.ParseFromString(bench.wire.record[4]);
        event.set_service("other");
        bench.wire.record[4] = event.SerializeAsString();
    }
    SECTION("two events changed places") {
        std::swap(bench.wire.record[2], bench.wire.record[3]);
    }
    CHECK(run_verify(session, {"ashford", "", "", false}) == 1);
    CHECK(run_verify(session, {"ashford", "", "", true}) == 1);
}

TEST_CASE("replay takes what the filter names, and says when the record is not sound") {
    Bench bench;
    bench.wire.append(intake::CaseOpened(), "1");
    bench.wire.append(intake::CaseOpened(), "2");
    bench.wire.append(intake::CaseClosed(), "1");
    auto session = bench.session();
    CHECK(run_replay(session, {"ashford", "", "P-1", "CaseOpened", "", "", true}) == 0);
    CHECK(bench.lines() == 1);
    const auto json = nlohmann::json::parse(bench.out.str());
    CHECK(json["case_id"] == "1");
    bench.wire.said_root = std::string(32, 'x');
    CHECK(run_replay(session, {"ashford", "", "", "", "", "", false}) == 1);
    CHECK_THAT(bench.err.str(), Catch::Contains("NOT SOUND"));
    CHECK(run_replay(session, {"ashford", "", "", "", "soon", "", false}) == 1);
}
