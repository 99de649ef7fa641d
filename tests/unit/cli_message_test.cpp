// A message from outside by its own id: found in the record, told in clear, opened under its own name or its case's.
#include "messages/vault.pb.h"
#include "services/cli/domain/message_view.hpp"
#include "services/cli/domain/queue_view.hpp"
#include "services/cli/domain/waiting_view.hpp"
#include "services/cli/shell/arguments.hpp"
#include "tests/unit/cli_bench.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;

namespace {

constexpr const char* request_id = "4b0cbb07-7d84-4d5f-bb86-3f1f1a1f0001";
const std::string exchange_id = std::string("bars:req:") + request_id;
constexpr const char* bundle_id = "9a0cbb07-7d84-4d5f-bb86-3f1f1a1f0002";

struct OneMessage : Bench {
    OneMessage() {
        vault::ReleaseKeyReply release;
        release.mutable_key()->set_key_id("k1");
        release.mutable_key()->set_key(std::string(key.bytes()));
        release.set_view_recorded(true);
        wire.answer("ReleaseKey", release);
        wire.append(intake::CaseOpened(), "1");
    }
    // As intake records it.
    void hear(const std::string& text, bool accepted, const std::string& case_id = "") {
        intake::ExchangeAnswered said;
        auto& exchange = *said.mutable_exchange();
        exchange.set_request_id(request_id);
        exchange.set_answer_status(accepted ? 200 : 400);
        exchange.set_requester_organisation_ods("RYD");
        if (accepted) exchange.set_message_id(bundle_id);
        if (accepted) exchange.set_kind("response");
        *exchange.mutable_original() = sealing::seal(key, "k1", sealing::Context::original, text, random);
        said.set_accepted(accepted);
        if (!accepted) said.set_refusal_code("REC_BAD_REQUEST");
        said.set_case_id(case_id);
        append(said, exchange_id, case_id);
    }
    void append(const intake::ExchangeAnswered& said, const std::string& id, const std::string& case_id) {
        Event event;
        event.set_event_id("e" + std::to_string(wire.record.size() + 1));
        event.set_seq(wire.record.size() + 1);
        event.set_epoch(1);
        event.set_prev("e" + std::to_string(wire.record.size()));
        event.set_aggregate_type("exchange");
        event.set_aggregate_id(id);
        event.set_case_id(case_id);
        if (!case_id.empty()) event.set_case_number("P-" + case_id);
        *event.mutable_occurred_at() = to_timestamp(1'795'665'000'000);
        event.mutable_payload()->PackFrom(said);
        wire.append(event);
    }
    std::string asked_for() {  // the name under which vault was asked, when it was
        vault::ReleaseKey release;
        for (const auto& query : wire.queries) query.payload().UnpackTo(&release);
        CHECK((release.case_id().empty() || release.key_id() == "k1"));
        return release.case_id();
    }
    int run(const MessageOptions& options) {
        auto with = session();
        return run_message(with, options);
    }

    sealing::Key key{std::string(32, 'k')};
};

std::string bytes_of(const std::string& file) {
    std::ifstream written(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(written), std::istreambuf_iterator<char>()};
}

Arguments parsed(const std::string& typed) {
    std::istringstream words(typed);
    std::vector<std::string> list;
    for (std::string word; words >> word;) list.push_back(word);
    std::vector<const char*> argv;
    for (const auto& word : list) argv.push_back(word.c_str());
    auto arguments = parse_arguments(int(argv.size()), argv.data());
    INFO(typed);
    REQUIRE(std::holds_alternative<Arguments>(arguments));
    return std::get<Arguments>(arguments);
}

}  // namespace

TEST_CASE("a message is told in clear by the exchange's id, its request id or its Bundle id") {
    OneMessage bench;
    bench.hear("secret", true);
    auto by_message = intake::ExchangeAnswered();
    by_message.mutable_exchange()->set_message_id(bundle_id);
    bench.append(by_message, std::string("bars:msg:") + bundle_id, "");  // only says that the id is used
    std::string upper = request_id;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const std::string& id : {exchange_id, std::string(request_id), upper, std::string(bundle_id)}) {
        INFO(id);
        bench.out.str("");
        CHECK(bench.run({id, "", "", "", "", 0}) == Exit::ok);
        const auto text = bench.out.str();
        CHECK_THAT(text, Catch::StartsWith(exchange_id + "  paddock-wood\n"));
        CHECK_THAT(text, Catch::Contains("came            " + format_london(1'795'665'000'000) + ", seq 2\n") &&
                             Catch::Contains("kind            response\n") &&
                             Catch::Contains("from            RYD\n") &&
                             Catch::Contains("answered        accepted (HTTP 200)\n") &&
                             Catch::Contains("case            none"));
        CHECK_THAT(text, Catch::Contains(read_command("paddock-wood", exchange_id)) && !Catch::Contains("--number"));
        CHECK(bench.asked_for().empty());
    }
}

TEST_CASE("the original of a message of no case comes byte for byte, by the command that the alert names") {
    OneMessage bench;
    const TemporaryFolder folder;
    const std::string original("<Bundle>\r\n\0caf\xe9", 16);
    bench.hear(original, true);
    triage::QueueReply queue;
    auto& alert = *queue.add_alerts();
    alert.set_alert_id("a1");
    alert.set_kind("response-received");
    alert.set_subject(exchange_id);
    const auto listed = render_alerts("paddock-wood", queue, 1'795'665'600'000, Style{});
    CHECK_THAT(listed, Catch::Contains("about " + exchange_id));
    const auto at = listed.find("read it: ") + 9;
    const auto typed = listed.substr(at, listed.find('\n', at) - at);
    CHECK_THAT(render_queue("paddock-wood", queue, {1, 0}, 1'795'665'600'000, Style{}), Catch::Contains(typed));
    auto message = parsed(typed).message;
    CHECK(message.id == exchange_id);
    CHECK(message.hub == "paddock-wood");
    CHECK(message.purpose == "direct-care");
    CHECK(message.original == std::string(request_id) + ".message");
    message.original = folder.file("original");
    CHECK(bench.run(message) == Exit::ok);
    CHECK(bytes_of(message.original) == original);
    CHECK((fs::status(message.original).permissions() & fs::perms(0777)) == fs::perms(0600));
    CHECK(bench.asked_for() == exchange_id);
    CHECK(bench.run(message) == Exit::usage);  // never over a file
    queue.mutable_alerts(0)->set_kind("review-breached");
    CHECK_THAT(render_alerts("paddock-wood", queue, 1'795'665'600'000, Style{}), !Catch::Contains("read it"));
}

TEST_CASE("of a message that names a case, the case's name is the one that its key is asked under") {
    OneMessage bench;
    const TemporaryFolder folder;
    bench.hear("said of a case", true, "1");
    const auto options = parsed("rightplace message " + exchange_id + " --original " + folder.file("original") +
                                " --purpose complaint --session s7");
    CHECK(options.command == "message");
    CHECK(bench.run(options.message) == Exit::ok);
    CHECK(bench.asked_for() == "1");
    CHECK(bytes_of(options.message.original) == "said of a case");
    CHECK(bench.run({exchange_id, "", "", "", "", 0}) == Exit::ok);
    CHECK_THAT(bench.out.str(), Catch::Contains("case            P-1\n"));
}

TEST_CASE("of several that came under one id the latest is opened, unless another is named") {
    OneMessage bench;
    const TemporaryFolder folder;
    bench.hear("broken", false);
    bench.hear("mended", true);
    CHECK(bench.run({request_id, "", "audit", "", folder.file("latest"), 0}) == Exit::ok);
    CHECK(bytes_of(folder.file("latest")) == "mended");
    CHECK(bench.run({request_id, "", "audit", "", folder.file("first"), 1}) == Exit::ok);
    CHECK(bytes_of(folder.file("first")) == "broken");
    CHECK(bench.run({request_id, "", "audit", "", folder.file("third"), 3}) == Exit::usage);
    CHECK(bench.run({request_id, "", "", "", "", 0}) == Exit::ok);
    CHECK_THAT(bench.out.str(), Catch::Contains("--number 1  " + exchange_id) &&
                                    Catch::Contains("refused REC_BAD_REQUEST (HTTP 400)") &&
                                    Catch::Contains("--number 2  " + exchange_id));
}

TEST_CASE("what is wrong with reading a message is said, with what to do") {
    OneMessage bench;
    const TemporaryFolder folder;
    bench.hear("secret", false);
    const auto file = folder.file("original");
    const auto said = [&](const MessageOptions& options, int code) {
        bench.err.str("");
        CHECK(bench.run(options) == code);
        CHECK_FALSE(fs::exists(file));
        return bench.err.str();
    };
    CHECK_THAT(said({exchange_id, "", "", "", file, 0}, Exit::usage), Catch::Contains("--purpose"));
    CHECK_THAT(said({"bars:req:none", "", "audit", "", file, 0}, Exit::usage),
               Catch::Contains("no message bars:req:none at any hub") && Catch::Contains("rightplace alerts"));
    bench.wire.answers["ReleaseKey"].Clear();
    bench.wire.answers["ReleaseKey"].mutable_refusal()->set_code(FORBIDDEN);
    bench.wire.answers["ReleaseKey"].mutable_refusal()->set_sentence("It may for: audit.");
    CHECK_THAT(said({exchange_id, "", "direct-care", "", file, 0}, Exit::refused),
               Catch::Contains("cannot be opened") && Catch::Contains("It may for: audit."));
    bench.wire.audit_up = false;
    CHECK_THAT(said({exchange_id, "ashford", "audit", "", file, 0}, Exit::unavailable),
               Catch::Contains("ashford cannot be searched"));
    bench.wire.audit_up = true;
    bench.append(intake::ExchangeAnswered(), "bars:req:bare", "");
    CHECK_THAT(said({"bars:req:bare", "", "audit", "", file, 0}, Exit::refused), Catch::Contains("no original"));
}

TEST_CASE("the record says in which message somebody looked, and by which command an alert's is read") {
    vault::IdentityViewed viewed;
    viewed.mutable_by()->set_id("j.smith");
    viewed.set_purpose("direct-care");
    Event event;
    event.set_aggregate_type("identity");
    event.set_aggregate_id(exchange_id);
    event.mutable_payload()->PackFrom(viewed);
    CHECK_THAT(describe(event), Catch::EndsWith("for direct-care, in message " + exchange_id));
    event.set_case_id("1");
    CHECK_THAT(describe(event), Catch::EndsWith("for direct-care"));
    triage::AlertRaised raised;
    raised.set_kind("response-received");
    raised.set_subject(exchange_id);
    event.mutable_payload()->PackFrom(raised);
    CHECK(describe(event) == "ALERT raised: response-received, `rightplace message " + exchange_id + "`");
}
