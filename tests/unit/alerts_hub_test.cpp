// One hub's side of the webhook: where it begins, what it reads again, what it asks for when nothing gets through.
#include "messages/audit.pb.h"
#include "services/adapters/alerts/shell/adapter.hpp"
#include "services/adapters/alerts/shell/hub_side.hpp"
#include "tests/unit/alerts_bench.hpp"

using namespace rightplace;
using namespace rightplace::alerts;
using namespace rightplace::alerts::bench;

namespace {

// A hub's record: what is appended is published, and can be read.
class Record : public seams::FeedSubscriber, public seams::JournalReader {
   public:
    explicit Record(HandClock& clock) : clock_(clock) {}
    void subscribe(std::string, std::function<void(const seams::FeedMessage&)> each) override {
        followers_.push_back(std::move(each));
    }
    void read(seams::Bytes bytes, std::int64_t,
              seams::Done<Result<seams::Bytes, seams::TransportError>> done) override {
        audit::Read read;
        REQUIRE(read.ParseFromString(bytes));
        audit::ReadReply reply;
        reply.set_journal_id(journal_id);
        reply.set_head_seq(stored_.size());
        const auto end = std::min<std::size_t>(stored_.size() + 1, read.from_seq() + read.max_events());
        for (auto seq = std::size_t(read.from_seq()); seq < end; ++seq) reply.add_events(stored_[seq - 1]);
        clock_.after(1, [done, page = reply.SerializeAsString()] { done(page); });
    }
    template <typename T>
    void append(const T& payload) {
        auto event = about_alert(payload, stored_.size() + 1);
        event.set_epoch(1);
        stored_.push_back(event.SerializeAsString());
        const auto those = followers_;  // a copy: one of them may subscribe
        for (const auto& each : those) each({"ashford", false, stored_.back()});
    }
    std::size_t head() const { return stored_.size(); }
    std::string journal_id = "journal-1";

   private:
    HandClock& clock_;
    std::vector<std::function<void(const seams::FeedMessage&)>> followers_;
    std::vector<std::string> stored_;
};

struct Dies : seams::Life {
    void die(const std::string& why) override { FAIL(why); }
};

class Triage : public seams::CommandClient {
   public:
    explicit Triage(HandClock& clock) : clock_(clock) {}
    void ask(std::string service, seams::Bytes bytes, std::int64_t,
             seams::Done<Result<seams::Bytes, seams::TransportError>> done) override {
        CHECK(service == "triage");
        Request request;
        REQUIRE(request.ParseFromString(bytes));
        triage::RaiseAlert raise;
        REQUIRE(request.command().payload().UnpackTo(&raise));
        raised.push_back(raise);
        Response response;
        response.set_request_id(request.request_id());
        response.mutable_reply()->set_status(is_up ? ACCEPTED : UNAVAILABLE);
        clock_.after(1, [done, answer = response.SerializeAsString()] { done(answer); });
    }
    bool is_up = true;
    std::vector<triage::RaiseAlert> raised;

   private:
    HandClock& clock_;
};

struct HubBench {
    HandClock clock;
    HandPartner partner;
    Record record{clock};
    Dies life;
    Triage triage{clock};
    Folder folder;
    std::unique_ptr<HubSide> side;

    void start(const std::string& url = "http://127.0.0.1:1/x") {
        side.reset();
        partner.waiting = nullptr;  // its connection died with it
        side = std::make_unique<HubSide>(
            Receiver{"ashford", url, std::string(32, 's'), folder.path + "/ashford.sent"},
            AdapterWorld{clock, life, record, record, triage, partner, [](const std::string&, const std::string&) {}});
        side->start();
        clock.turn(10);
    }
    void raise(const std::string& kind = "review-breached") {
        triage::AlertRaised raised;
        raised.set_kind(kind);
        record.append(raised);
    }
    std::uint64_t mark() const { return MarkFile(folder.path + "/ashford.sent").read().value()->seq; }
    std::vector<std::string> ids() const {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < partner.sent.size(); ++i) all.push_back(partner.header(i, "webhook-id"));
        return all;
    }
    void answer_all(int status = 200) {
        while (partner.waiting) {
            partner.answer(status);
            clock.turn(status == 200 ? 10 : pause_max_ms);
        }
    }
};

}  // namespace

TEST_CASE("Who begins to listen gets what happens from then on, and nothing twice after a clean end") {
    HubBench bench;
    bench.raise();
    bench.start();
    CHECK(bench.partner.sent.empty());
    CHECK(bench.mark() == 1);
    bench.raise();
    bench.record.append(triage::SignedOn());
    bench.raise();
    bench.answer_all();
    CHECK(bench.ids() == std::vector<std::string>{"event-2", "event-4"});
    CHECK(bench.mark() == 4);
    bench.start();
    CHECK(bench.partner.sent.size() == 2);
}

TEST_CASE("Killed with a message on its way it sends that again, and what came meanwhile after it") {
    HubBench bench;
    bench.start();
    bench.raise();
    bench.raise();
    REQUIRE(bench.ids() == std::vector<std::string>{"event-1"});
    bench.side.reset();
    bench.raise();
    bench.start();
    bench.answer_all();
    CHECK(bench.ids() == std::vector<std::string>{"event-1", "event-1", "event-2", "event-3"});
}

TEST_CASE("More than can be held is read again when the receiver is back: all of it, in order, once") {
    HubBench bench;
    bench.start();
    const auto all = 2 * outbox_max_messages + 50;
    for (std::size_t i = 0; i < all; ++i) bench.raise();
    CHECK(bench.side->outbox()->waiting() == outbox_max_messages);
    bench.partner.answer(503);
    bench.clock.turn(pause_max_ms);
    bench.answer_all();
    std::vector<std::string> expected{"event-1"};
    for (std::size_t i = 1; i <= all; ++i) expected.push_back("event-" + std::to_string(i));
    CHECK(bench.ids() == expected);
    CHECK(bench.mark() == all);
    bench.raise();
    bench.answer_all();
    CHECK(bench.mark() == all + 1);
}

TEST_CASE("Without a URL nothing is sent and nothing kept for later; it says so") {
    HubBench bench;
    bench.start("");
    bench.raise();
    bench.clock.turn(mark_every_ms);
    CHECK(bench.mark() == 1);
    CHECK_THAT(bench.side->status().note(), Catch::Contains("no webhook is configured"));
    CHECK(bench.side->status().trouble().empty());
    bench.start();
    CHECK(bench.partner.sent.empty());
    CHECK(bench.side->status().note().empty());
}

TEST_CASE("A mark of another journal, or past its end, is worth nothing: it begins at the end") {
    HubBench bench;
    for (int i = 0; i < 3; ++i) bench.raise();
    const MarkFile file(bench.folder.path + "/ashford.sent");
    const auto mark = GENERATE(Mark{"journal-0", 1}, Mark{"journal-1", 99});
    REQUIRE(file.write(mark));
    bench.start();
    CHECK(bench.partner.sent.empty());
    CHECK(bench.mark() == 3);
    bench.raise();
    CHECK(bench.ids() == std::vector<std::string>{"event-4"});
}

TEST_CASE("People are told once that nothing gets through, and never about a message that says so") {
    HubBench bench;
    bench.start();
    bench.raise();
    bench.triage.is_up = false;
    for (std::int64_t i = 0; i < 30; ++i) {
        bench.partner.answer(0);
        bench.clock.turn(pause_max_ms);
    }
    REQUIRE(bench.triage.raised.size() > 1);  // asked again, the same, until it is done
    for (const auto& each : bench.triage.raised)
        CHECK(each.SerializeAsString() == bench.triage.raised[0].SerializeAsString());
    CHECK(bench.triage.raised[0].kind() == "webhook-not-getting-through");
    CHECK_THAT(bench.side->status().trouble(), Catch::Contains("does not answer"));
    bench.triage.is_up = true;
    bench.clock.turn(2 * pause_max_ms);
    bench.triage.raised.clear();
    bench.answer_all();
    CHECK(bench.side->status().trouble().empty());
    bench.raise("webhook-not-getting-through");
    bench.answer_all(400);
    CHECK(bench.triage.raised.empty());
    bench.raise();
    bench.answer_all();
    bench.raise();
    bench.answer_all(400);
    CHECK(bench.triage.raised.size() == 1);
}

TEST_CASE("A mark that cannot be read, or a secret that cannot be used, stops nothing else and is said") {
    HubBench bench;
    for (int i = 0; i < 3; ++i) bench.raise();
    std::ofstream(bench.folder.path + "/ashford.sent") << "torn";
    bench.start();
    CHECK(bench.mark() == 3);
    CHECK_THAT(bench.side->status().trouble(), Catch::Contains("could not be read"));
    bench.raise();
    CHECK(bench.ids() == std::vector<std::string>{"event-4"});

    HubSide off(Receiver{"ashford", "", "", bench.folder.path + "/off.sent", "its webhook does not start: 0644"},
                AdapterWorld{bench.clock, bench.life, bench.record, bench.record, bench.triage, bench.partner,
                             [](const std::string&, const std::string&) {}});
    CHECK(off.status().trouble() == "its webhook does not start: 0644");
    CHECK(off.status().note().empty());
}

TEST_CASE("The adapter answers how it is, and refuses to be asked anything else") {
    HubBench bench;
    Adapter adapter({Receiver{"ashford", "http://127.0.0.1:1/x", std::string(32, 's'), bench.folder.path + "/a.sent"}},
                    AdapterWorld{bench.clock, bench.life, bench.record, bench.record, bench.triage, bench.partner,
                                 [](const std::string&, const std::string&) {}});
    std::string why_not;
    CHECK_FALSE(adapter.ready(why_not));
    CHECK(why_not == "ashford: following the journal");
    Request request;
    request.mutable_query()->mutable_payload()->PackFrom(runtime::GetStatus());
    Response response;
    REQUIRE(response.ParseFromString(adapter.answer_status(request)));
    runtime::StatusReply status;
    REQUIRE(response.query_reply().payload().UnpackTo(&status));
    CHECK(status.service() == "alerts");
    CHECK(status.hubs(0).hub() == "ashford");
    request.mutable_query()->mutable_payload()->PackFrom(triage::GetQueue());
    REQUIRE(response.ParseFromString(adapter.answer_status(request)));
    CHECK(response.query_reply().refusal().code() == UNKNOWN_COMMAND);
    CHECK(adapter.remark().empty());
}
