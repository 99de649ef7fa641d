// The adapter's keys and its breach watch, by themselves.
#include <catch2/catch.hpp>

#include "common/base/limits.hpp"
#include "services/adapters/bars/shell/adapter.hpp"
#include "tests/unit/audit_fakes.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using rightplace::test::ManualClock;

namespace {

constexpr auto case_id = "6f1c8f0e-0f3e-8a53-9c55-0f5c6e1d0a01";

class Vault : public seams::CommandClient {
   public:
    explicit Vault(ManualClock& clock) : clock_(clock) {}
    void ask(std::string, seams::Bytes bytes, std::int64_t,
             seams::Done<Result<seams::Bytes, seams::TransportError>> done) override {
        Request request;
        REQUIRE(request.ParseFromString(bytes));
        Response response;
        auto& reply = *response.mutable_query_reply();
        vault::AllocateKeys allocate;
        vault::ReleaseKey release;
        if (request.query().payload().UnpackTo(&allocate)) {
            if (allocated >= at_most) return;  // it does not answer
            vault::AllocateKeysReply keys;
            for (std::uint32_t i = 0; i < allocate.count(); ++i) *keys.add_keys() = key(std::to_string(++allocated));
            reply.mutable_payload()->PackFrom(keys);
        } else if (request.query().payload().UnpackTo(&release)) {
            ++released;
            vault::ReleaseKeyReply keys;
            *keys.mutable_key() = key(release.key_id());
            reply.mutable_payload()->PackFrom(keys);
        }
        clock_.after(1, [done, answer = response.SerializeAsString()] { done(answer); });
    }
    std::size_t allocated = 0, released = 0, at_most = 1'000'000;

   private:
    static vault::CaseKey key(const std::string& id) {
        vault::CaseKey made;
        made.set_key_id(id);
        made.set_key(sha256(id));
        return made;
    }
    ManualClock& clock_;
};

struct Silent : seams::HttpPartner {
    void post(seams::HttpRequest, seams::Done<seams::HttpAnswer>) override {}
};

// A service that never answers.
class Mute : public seams::CommandClient {
   public:
    explicit Mute(ManualClock& clock) : clock_(clock) {}
    void ask(std::string, seams::Bytes, std::int64_t timeout_ms,
             seams::Done<Result<seams::Bytes, seams::TransportError>> done) override {
        clock_.after(timeout_ms, [done] { done(Failure{seams::TransportError::timed_out}); });
    }

   private:
    ManualClock& clock_;
};

// Visits to one part of the door, and what each was told.
struct Visitors {
    ManualClock clock;
    test::Chance chance;
    Vault vault{clock};
    KeyRing keys{clock, vault, "paddock-wood"};
    std::vector<http::Response> told;

    Visitors() { clock.advance(10); }
    VisitPtr visit() {
        const auto made = std::make_shared<Visit>(clock, [this](http::Response said) { told.push_back(said); });
        made->log = [](const std::string&, const std::string&) {};
        made->hub = "paddock-wood";
        made->headers.request_id = made->headers.correlation_id = derived_uuid({"visit", std::to_string(++visits)});
        return made;
    }
    bool last_is_throttled() const {
        const auto& body = told.back().body;
        return told.back().status == 429 && body.find("throttled") != std::string::npos &&
               body.find("REC_TOO_MANY_REQUESTS") != std::string::npos;
    }
    int visits = 0;
};

WatchFile empty_file(const std::string& path) {
    auto opened = WatchFile::open(path, 4, 8'192);
    REQUIRE(opened.ok());
    return std::move(opened.value());
}

struct WatchBench {
    ManualClock clock;
    test::Chance chance;
    test::TempFolder folder;
    Silent partner;
    sealing::Key key{std::string(sealing::key_bytes, 'k')};
    BreachWatch watch{empty_file(folder.file("watch")), key, outside()};

    BreachWatch::Outside outside() {
        return {clock,
                chance,
                partner,
                [this](const std::string&) { return clock.wall_ms(); },
                [](const std::string&) { return true; },
                [](const WatchRecord&, const std::string&) { return std::optional<seams::HttpRequest>(); },
                [](const seams::HttpAnswer&) { return referral::OK; },
                [](const std::string&, const referral::RecordReturn&, const std::function<void(bool)>&) {},
                [](const std::string&, const std::string&) {}};
    }
    void arm(TimeMs breach_at) {
        WatchRecord record;
        record.set_case_id(case_id);
        record.set_breach_at_ms(breach_at);
        REQUIRE(watch.arm(record, "the return", Sealed()));
    }
    BookedCase booked(TimeMs breach_at) const {
        BookedCase made;
        made.case_id = case_id;
        made.breach_at = breach_at;
        made.original.set_key_id("1");
        return made;
    }
};

}  // namespace

TEST_CASE("A watch is moved earlier, and never later, whoever arms it last") {
    WatchBench bench;
    const auto late = bench.clock.wall_ms() + 60'000, early = late - 30'000;
    CHECK_FALSE(bench.watch.armed_for(case_id));
    bench.arm(late);
    bench.arm(early);
    CHECK(bench.watch.armed_for(case_id) == early);
    bench.arm(late);  // a re-arm that set out before the update
    CHECK(bench.watch.armed_for(case_id) == early);
    bench.clock.advance(31'500);
    CHECK_FALSE(bench.watch.armed_for(case_id));  // it is going back
    CHECK(bench.watch.knows(case_id));
    bench.arm(late);
    CHECK_FALSE(bench.watch.armed_for(case_id));
}

TEST_CASE("A watch is armed anew when the journal knows an earlier time, though no reply ever said so") {
    WatchBench bench;
    const auto late = bench.clock.wall_ms() + 60'000;
    CHECK(is_to_be_armed(bench.booked(late), bench.watch));  // not watched at all
    bench.arm(late);
    CHECK_FALSE(is_to_be_armed(bench.booked(late), bench.watch));
    CHECK(is_to_be_armed(bench.booked(late - 1), bench.watch));
    CHECK_FALSE(is_to_be_armed(bench.booked(late + 1), bench.watch));  // the journal is behind the watch
    auto begun = bench.booked(late - 1);
    begun.consulting = true;
    CHECK_FALSE(is_to_be_armed(begun, bench.watch));
    bench.watch.return_now(case_id);
    CHECK_FALSE(is_to_be_armed(bench.booked(late - 1), bench.watch));
}

TEST_CASE("However many messages are refused, the keys of cases are untouched") {
    ManualClock clock;
    Vault vault(clock);
    KeyRing keys(clock, vault, "paddock-wood");
    clock.advance(10);
    REQUIRE(keys.left() == limits::key_block_size);
    vault.at_most = vault.allocated;  // vault falls silent
    std::size_t refused = 0;
    while (keys.take_for_refusal()) ++refused;
    CHECK(refused == refusal_key_block_size);
    CHECK(keys.left() == limits::key_block_size);
    CHECK(keys.take());
    vault.at_most = 1'000'000;
    clock.advance(limits::command_deadline_default_ms + limits::key_refill_retry_ms + 10);
    CHECK(keys.take());
}

TEST_CASE("Keys that are remembered have a bound; one that was dropped is vault's to release again") {
    ManualClock clock;
    Vault vault(clock);
    KeyRing keys(clock, vault, "paddock-wood");
    clock.advance(10);
    const auto first = keys.take();
    REQUIRE(first);
    const auto known = [&](const std::string& id) {
        const auto before = vault.released;
        bool got = false;
        keys.of_case("paddock-wood", case_id, id, [&](const CaseKey& released) { got = released.key.has_value(); });
        clock.advance(10);
        CHECK(got);
        return vault.released == before;
    };
    CHECK(known(first->id));
    for (std::size_t taken = 0; taken < keys_known_max;) {
        if (keys.take()) ++taken;
        clock.advance(10);
        REQUIRE(keys.known() <= keys_known_max);
    }
    CHECK(keys.known() == keys_known_max);
    CHECK_FALSE(known(first->id));
    CHECK(known(first->id));
}

TEST_CASE("Refusals at once have a bound; whoever comes beyond it is to come again, and is told by 429") {
    Visitors door;
    Mute intake(door.clock);
    bus::Asker asker(door.clock, intake);
    Refusing refusing(door.chance, asker, door.keys);
    const auto refuse = [&] { refusing.refuse(door.visit(), {broken_rule("Bundle.id", "Bundle.id is odd.")}); };
    for (std::size_t i = 0; i < refusals_at_once_max; ++i) refuse();
    door.clock.advance(10);
    CHECK(door.told.empty());  // on their way to the journal
    refuse();
    REQUIRE(door.told.size() == 1);
    CHECK(door.last_is_throttled());
    door.clock.advance(limits::bars_answer_ms + 10);
    CHECK(door.told.size() == 1 + refusals_at_once_max);
    CHECK_FALSE(door.last_is_throttled());
    refuse();
    CHECK(door.told.size() == 1 + refusals_at_once_max);  // it is taken
}

TEST_CASE("Reads at once have a bound; whoever comes beyond it is to come again, and is told by 429") {
    Visitors door;
    const CaseBook book;
    Reading reading({door.clock, door.chance, door.keys, [](const std::string&) { return "paddock-wood"; },
                     [&](const std::string&) { return &book; }, "1"});
    const auto read = [&] { reading.service_request(door.visit(), "/" + std::string(case_id), {}); };
    for (std::size_t i = 0; i < reads_at_once_max; ++i) read();
    CHECK(door.told.empty());  // an unknown id is looked for a little longer
    read();
    REQUIRE(door.told.size() == 1);
    CHECK(door.last_is_throttled());
    door.clock.advance(limits::bars_read_settle_ms + limits::bars_key_again_ms);
    CHECK(door.told.size() == 1 + reads_at_once_max);
    CHECK(door.told.back().status == 404);
    read();
    CHECK(door.told.size() == 1 + reads_at_once_max);
}
