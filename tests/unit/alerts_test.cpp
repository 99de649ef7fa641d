// The webhook: what is said, how it is signed, when it is sent again, what survives on disk.
#include <nlohmann/json.hpp>

#include "common/base/hash.hpp"
#include "services/adapters/alerts/domain/signature.hpp"
#include "services/adapters/alerts/shell/mark_file.hpp"
#include "services/adapters/alerts/shell/outbox.hpp"
#include "services/adapters/alerts/shell/secret.hpp"
#include "tests/unit/alerts_bench.hpp"

using namespace rightplace;
using namespace rightplace::alerts;
using namespace rightplace::alerts::bench;

namespace {

struct OutboxBench {
    HandClock clock;
    HandPartner partner;
    std::vector<std::uint64_t> marks;
    std::vector<std::string> stuck, given_up, logged;
    int emptied = 0;
    bool disk_full = false;
    Outbox outbox{"http://127.0.0.1:1/x",
                  std::string(32, 's'),
                  {clock, partner,
                   [this](std::uint64_t seq) {
                       if (!disk_full) marks.push_back(seq);
                   },
                   [this](const Message& first) { stuck.push_back(first.id); },
                   [this](const Message& first) {
                       given_up.push_back(first.id);
                       return first.kind != "untold";
                   },
                   [this] { ++emptied; },
                   [this](const std::string& what, const std::string& id) { logged.push_back(what + " " + id); }}};
};

}  // namespace

TEST_CASE("HMAC-SHA256 as RFC 4231 has it") {
    CHECK(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("A signature is what Python's hmac makes of the convention's id, time and body") {
    const auto secret = secret_from_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    REQUIRE(secret);
    CHECK(signature(*secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, "{\"test\": 2432232314}") ==
          "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    CHECK(secret_from_text(secret_to_text(std::string(32, '\xfe'))) == std::string(32, '\xfe'));
    for (const auto* bad : {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_M*KQ9r8G"})
        CHECK_FALSE(secret_from_text(bad));
    CHECK_FALSE(secret_from_text(secret_to_text(std::string(65, 'x'))));
}

TEST_CASE("A message says which alert, how far it has gone up and when, and nothing of who") {
    triage::AlertRaised raised;
    raised.set_kind("review-breached");
    raised.set_subject("c1");
    *raised.mutable_escalates_at() = to_timestamp(1'790'000'300'000);
    const auto first = message_of(about_alert(raised));
    REQUIRE(first);
    CHECK(first->id == "event-7");
    CHECK(first->seq == 7);
    auto body = nlohmann::json::parse(first->body);
    CHECK(body["type"] == "alert.raised");
    CHECK(body["timestamp"] == format_utc(1'790'000'000'000));
    CHECK(body["data"] == nlohmann::json{{"hub", "ashford"},
                                         {"seq", 7},
                                         {"alert_id", "a1"},
                                         {"kind", "review-breached"},
                                         {"subject", "c1"},
                                         {"level", 1},
                                         {"case_id", "c1"},
                                         {"case_number", "A-1"},
                                         {"label", "synthetic"},
                                         {"raised_at", format_utc(1'790'000'000'000)},
                                         {"escalates_at", format_utc(1'790'000'300'000)}});
    triage::AlertEscalated escalated;
    escalated.set_kind("review-breached");
    escalated.set_level(3);
    escalated.set_again(2);
    *escalated.mutable_raised_at() = to_timestamp(1);
    body = nlohmann::json::parse(message_of(about_alert(escalated))->body);
    CHECK(body["type"] == "alert.escalated");
    CHECK(body["data"]["level"] == 3);
    CHECK(body["data"]["again"] == 2);
    triage::AlertTaken taken;
    taken.mutable_by()->set_id("j.smith");
    taken.mutable_by()->set_role("nurse");
    taken.set_kind("review-breached");
    const auto last = message_of(about_alert(taken));
    CHECK(nlohmann::json::parse(last->body)["type"] == "alert.taken");
    CHECK(nlohmann::json::parse(last->body)["data"]["taken_by_role"] == "nurse");
    CHECK(last->body.find("j.smith") == std::string::npos);
    triage::AlertTaken typed = taken;
    typed.mutable_by()->set_role("Edith Marrow");
    CHECK(nlohmann::json::parse(message_of(about_alert(typed))->body)["data"]["taken_by_role"] == "other");
    CHECK(message_of(about_alert(taken))->body == last->body);
    triage::AlertSettled over;
    over.set_kind("answer-unconfirmed");
    over.set_why("confirmed");
    *over.mutable_raised_at() = to_timestamp(1);
    body = nlohmann::json::parse(message_of(about_alert(over))->body);
    CHECK(body["type"] == "alert.settled");
    CHECK(body["data"]["why"] == "confirmed");
    CHECK(body["data"]["level"] == 1);
    CHECK_FALSE(message_of(about_alert(triage::SignedOn())));
    auto elsewhere = about_alert(raised);
    elsewhere.set_aggregate_type("review");
    CHECK_FALSE(message_of(elsewhere));
}

TEST_CASE("What an answer means, and how long a pause is") {
    for (const int status : {200, 202, 204, 299}) CHECK(outcome_of(status) == Outcome::delivered);
    for (const int status : {0, 408, 425, 429, 500, 503}) CHECK(outcome_of(status) == Outcome::again);
    for (const int status : {301, 401, 403, 404, 405, 407}) CHECK(outcome_of(status) == Outcome::again);
    for (const int status : {400, 409, 410, 413, 422}) CHECK(outcome_of(status) == Outcome::refused);
    CHECK(pause_ms(1) == pause_first_ms);
    CHECK(pause_ms(3) == 4 * pause_first_ms);
    CHECK(pause_ms(1'000'000) == pause_max_ms);
}

TEST_CASE("Messages go out one after the other, the same one under the same id until it is taken") {
    OutboxBench bench;
    bench.outbox.put(message(1));
    bench.outbox.put(message(2));
    REQUIRE(bench.partner.sent.size() == 1);
    bench.partner.answer(503);
    bench.clock.turn(pause_first_ms - 1);
    CHECK(bench.partner.sent.size() == 1);
    bench.clock.turn(1);
    REQUIRE(bench.partner.sent.size() == 2);
    bench.partner.answer(0);
    bench.clock.turn(2 * pause_first_ms);
    REQUIRE(bench.partner.sent.size() == 3);
    CHECK(bench.marks.empty());
    bench.partner.answer(204);
    CHECK(bench.marks == std::vector<std::uint64_t>{1});
    REQUIRE(bench.partner.sent.size() == 4);
    bench.partner.answer(200);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(bench.partner.header(i, "webhook-id") == (i < 3 ? "event-1" : "event-2"));
        CHECK(bench.partner.sent[i].body == (i < 3 ? "{\"n\":1}" : "{\"n\":2}"));
        const auto timestamp = std::stoll(bench.partner.header(i, "webhook-timestamp"));
        CHECK(bench.partner.header(i, "webhook-signature") == signature(std::string(32, 's'),
                                                                        bench.partner.header(i, "webhook-id"),
                                                                        timestamp, bench.partner.sent[i].body));
    }
    CHECK(bench.marks == std::vector<std::uint64_t>{1, 2});
    CHECK(bench.outbox.counts().delivered == 2);
    CHECK(bench.outbox.counts().failed == 2);
    CHECK(bench.emptied == 0);  // never inside an answer
    bench.clock.turn(0);
    CHECK(bench.emptied == 1);
}

TEST_CASE("A message that is refused for good lets the next ones pass, and people are told once") {
    OutboxBench bench;
    for (std::uint64_t seq = 1; seq <= 3; ++seq) bench.outbox.put(message(seq));
    const auto refuse = [&](int times) {
        for (int i = 0; i < times; ++i) {
            bench.partner.answer(400);
            bench.clock.turn(pause_max_ms);
        }
    };
    refuse(refusals_max);
    CHECK(bench.marks == std::vector<std::uint64_t>{1});
    CHECK(bench.given_up == std::vector<std::string>{"event-1"});
    CHECK_THAT(bench.outbox.trouble(), Catch::Contains("refused") && Catch::Contains("answers 400"));
    refuse(refusals_max);
    CHECK(bench.given_up.size() == 1);  // as long as nothing is taken
    CHECK(bench.outbox.counts().given_up == 2);
    CHECK(bench.logged.size() == 2);
    bench.partner.answer(200);
    CHECK(bench.outbox.trouble().empty());
    bench.outbox.put(message(4));
    refuse(refusals_max);
    CHECK(bench.given_up.size() == 2);
    CHECK(bench.stuck.empty());
}

TEST_CASE("A receiver that is down holds up nothing but its own hub's messages, and people are told once") {
    OutboxBench bench;
    bench.outbox.put(message(1));
    const auto fail_for = [&](std::int64_t ms) {
        for (const auto end = bench.clock.now + ms; bench.clock.now < end;) {
            bench.partner.answer(0);
            bench.clock.turn(pause_max_ms);
        }
    };
    fail_for(trouble_after_ms - pause_max_ms);
    CHECK(bench.stuck.empty());
    CHECK(bench.outbox.trouble().empty());
    fail_for(10 * trouble_after_ms);
    CHECK(bench.stuck == std::vector<std::string>{"event-1"});
    CHECK_THAT(bench.outbox.trouble(), Catch::Contains("does not answer") && Catch::Contains("1 message waits"));
    for (std::uint64_t seq = 2; !bench.outbox.full(); ++seq) bench.outbox.put(message(seq));
    CHECK(bench.outbox.waiting() == outbox_max_messages);
    bench.partner.answer(200);
    CHECK_FALSE(bench.outbox.full());
    CHECK(bench.outbox.trouble().empty());
    CHECK(bench.given_up.empty());
}

TEST_CASE("What cannot be noted on disk holds nothing up") {
    OutboxBench bench;
    bench.disk_full = true;
    bench.outbox.put(message(1));
    bench.outbox.put(message(2));
    bench.partner.answer(200);
    CHECK(bench.partner.sent.size() == 2);
    CHECK(bench.outbox.waiting() == 1);
    bench.disk_full = false;
    bench.partner.answer(200);
    CHECK(bench.marks == std::vector<std::uint64_t>{2});
}

TEST_CASE("How late a message is goes by its record, not by when this process first tried it") {
    OutboxBench bench;
    auto late = message(1);
    late.recorded_at = bench.clock.wall_ms() - 8 * 3'600'000;
    bench.outbox.put(late);
    CHECK(bench.outbox.stuck_ms() == 8 * 3'600'000);
    bench.partner.answer(0);
    CHECK(bench.stuck == std::vector<std::string>{"event-1"});
}

TEST_CASE("A refused message that people are not told of leaves the telling to the next one") {
    OutboxBench bench;
    auto untold = message(1);
    untold.kind = "untold";
    bench.outbox.put(untold);
    bench.outbox.put(message(2));
    for (int i = 0; i < 2 * refusals_max; ++i) {
        bench.partner.answer(400);
        bench.clock.turn(pause_max_ms);
    }
    CHECK(bench.given_up == std::vector<std::string>{"event-1", "event-2"});
}

TEST_CASE("The mark is read as it was written; what is none is said") {
    const Folder folder;
    const MarkFile file(folder.path + "/ashford.sent");
    REQUIRE(file.read());
    CHECK_FALSE(file.read().value());
    REQUIRE(file.write({"journal-1", 17}));
    REQUIRE(file.write({"journal-1", 18}));
    CHECK(file.read().value()->journal_id == "journal-1");
    CHECK(file.read().value()->seq == 18);
    CHECK_FALSE(std::filesystem::exists(folder.path + "/ashford.sent.new"));
    CHECK_THAT(MarkFile(folder.file("torn", "journal-1")).read().error(), Catch::Contains("torn"));
    CHECK_FALSE(MarkFile("/nowhere/at/all").write({"j", 1}));
}

TEST_CASE("The secret is made once, for its owner only, and read again") {
    class Counting : public seams::Random {
       public:
        seams::Bytes bytes(std::size_t count) override { return std::string(count, char('a' + calls++)); }
        int calls = 0;
    } random;
    const Folder folder;
    const auto path = folder.path + "/ashford.secret";
    const auto made = read_or_make_secret(path, random);
    REQUIRE(made);
    CHECK(made.value().size() == 32);
    CHECK(read_or_make_secret(path, random).value() == made.value());
    struct stat about {};
    REQUIRE(stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const auto error = [&](const std::string& file) { return read_or_make_secret(file, random).error(); };
    CHECK_THAT(error(folder.file("open", secret_to_text(std::string(32, 'x')), 0644)), Catch::Contains("0600"));
    CHECK_THAT(error(folder.file("short", "whsec_c2hvcnQ=")), Catch::Contains("24 to 64 bytes"));
    CHECK_THAT(error("/nowhere/at/all"), Catch::Contains("/nowhere/at/all"));
}
