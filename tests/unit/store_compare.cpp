// Random commands against both stores: every answer must be the same. Times are shown to the quarter hour:
// the two clocks differ by milliseconds, the times asked for by hours.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "common/base/limits.hpp"
#include "tests/unit/store_bench.hpp"

using namespace rightplace;
using namespace rightplace::testing;

namespace {

constexpr int seeds = 12;
constexpr int steps = 250;
constexpr std::int64_t quarter = hour / 4;

struct Dice {
    std::mt19937 engine;
    std::uint64_t upto(std::uint64_t most) { return engine() % (most + 1); }
    bool rarely() { return upto(9) == 0; }
};

std::string show_time(TimeMs at) {
    return at == 0 ? "-" : std::to_string((at - noon + quarter / 2) / quarter);
}
std::string show(bool value) {
    return value ? "yes" : "no";
}
std::string show(std::uint64_t value) {
    return std::to_string(value);
}
std::string show(const Head& head) {
    return "head " + show(head.epoch) + "/" + show(head.seq) + "/" + head.prev + "/" + show(head.journalled) + "/" +
           show_time(head.hub_now) + "/" + show(head.open);
}
std::string show(const Lease& lease) {
    return lease.aggregate.type + "|" + lease.aggregate.id + "|" + lease.token + "|" + show_time(lease.expires);
}
std::string show(const Committed& committed) {
    return show(committed.epoch) + "/" + show(committed.first_seq) + "/" + show(committed.head_seq) + "/" +
           show_time(committed.recorded);
}
std::string show(const StoreSituation& situation) {
    return show(situation.head) + " " + show(situation.process_epoch) + "/" + show(situation.process_seq) + "/" +
           show(situation.log_first);
}
std::string show(const Due& due) {
    return due.member + "@" + std::to_string(due.due);
}
std::string show(const CursorRestore& cursor) {
    return cursor.service + "<" + cursor.source_hub + ":" + show(cursor.seq);
}
std::string show(const LogEntry& entry) {
    Event event;
    event.ParseFromString(entry.stored);
    return show(entry.seq) + "=" + show(event.seq()) + "/" + show(event.epoch()) + "/" + event.prev() + "/" +
           event.event_id() + "/" + show_time(to_ms(event.recorded_at()));
}
template <typename T>
std::string show(const std::vector<T>& values) {
    std::vector<std::string> lines;
    for (const auto& value : values) lines.push_back(show(value));
    if constexpr (!std::is_same_v<T, Due> && !std::is_same_v<T, LogEntry>) std::ranges::sort(lines);  // no order
    std::string all = "[";
    for (const auto& line : lines) all += line + " ";
    return all + "]";
}
std::string show(const Loaded& loaded) {
    std::string all = show(loaded.head);
    if (loaded.done)
        all += " done " + show(loaded.done->epoch) + "/" + show(loaded.done->first_seq) + "/" + loaded.done->receipt;
    for (const auto& record : loaded.records) {
        all += " " + show(record.version) + "." + std::to_string(record.fold) + ":" + record.state;
        for (const auto& entry : record.index)
            all += "," + entry.queue + "/" + entry.member + "/" + std::to_string(entry.score);
    }
    for (const auto& lease : loaded.leases) all += lease ? " " + show(*lease) : " none";
    return all;
}
template <typename T>
std::string show(const Stored<T>& outcome) {
    return outcome.ok() ? show(outcome.value()) : "error " + std::to_string(int(outcome.error().error));
}

// One world of few names, so that commands meet. Both benches are asked the same.
class Duel {
   public:
    explicit Duel(unsigned seed) : dice_{std::mt19937(seed)} {}

    void step() {
        switch (dice_.upto(19)) {
            case 0:
                return befall();
            case 1:
                return both([](Bench& b) { return show(b.wipe()); });
            case 2:
                return open();
            case 3:
            case 4:
            case 5:
                return beat();
            case 6:
                return ready();
            case 7:
                return restore();
            case 8:
                return renew();
            case 9:
                return look();
            case 10:
                return cursor();
            case 11:
                return marks();
            default:
                return commit();
        }
    }
    void look_everywhere() {
        both([](Bench& b) { return show(b.load({hub, "c1", {review, {"review", "r2"}, {"visit", "r1"}}})); });
        both([](Bench& b) { return show(b.situation()) + show(b.cursors()) + show(b.tail(0)); });
        both([](Bench& b) { return show(b.expired("review")) + show(b.due("q1", 9)) + show(b.due("q2", 9)); });
    }

   private:
    void both(const std::function<std::string(Bench&)>& ask) {
        const std::string of_redis = ask(real_);
        REQUIRE(of_redis == ask(sim_));
    }

    AggregateId aggregate() { return {dice_.upto(2) == 0 ? "visit" : "review", dice_.upto(1) == 0 ? "r1" : "r2"}; }
    std::uint64_t epoch() { return dice_.rarely() ? dice_.upto(6) : epoch_; }
    TimeMs some_time() { return noon + hours_ * hour + std::int64_t(dice_.upto(6)) * hour - 2 * hour + 2 * quarter; }
    std::string token() { return "t" + show(dice_.upto(2)); }
    Record record() {
        Record made{aggregate(), 1 + dice_.upto(4), std::uint32_t(1 + (dice_.rarely() ? 1 : 0)), {}, {}};
        if (!dice_.rarely()) made.state = "s" + show(dice_.upto(3));
        for (std::uint64_t i = dice_.upto(2); i > 0; --i)
            made.index.push_back({"q" + show(1 + dice_.upto(1)), made.aggregate.type + made.aggregate.id + show(i),
                                  double(some_time())});
        return made;
    }

    void befall() {
        const auto which = dice_.upto(5);
        const auto happen = [&](Bench& bench) {
            if (which == 0) bench.flush_all();
            if (which == 1) REQUIRE(bench.load_library().ok());
            if (which > 1) bench.age_beat(limits::heartbeat_max_age_ms + 500);
        };
        happen(real_);
        happen(sim_);
    }
    void open() {
        const bool wanted = dice_.upto(3) != 0;
        if (wanted) both([](Bench& b) { return show(b.load_library()) + show(b.wipe()); });
        const std::uint64_t next = wanted ? epoch_ + 1 : dice_.upto(8);
        const OpenRequest request{hub, next, dice_.upto(5), "prev", noon + hours_ * hour};
        both([&](Bench& b) { return show(b.open(request)); });
        epoch_ = std::max(epoch_, next);
        both([&](Bench& b) { return show(b.beat(epoch_, 0, noon + hours_ * hour)); });
        both([&](Bench& b) { return show(b.ready("triage", epoch_, 1)); });
    }
    void beat() {
        hours_ += std::int64_t(dice_.upto(2));
        if (dice_.rarely()) hours_ += 24 * 8;  // marks grow old
        const auto of = epoch();
        const auto journalled = dice_.rarely() ? dice_.upto(40) : 0;
        both([&](Bench& b) { return show(b.beat(of, journalled, noon + hours_ * hour)); });
    }
    void ready() {
        const auto of = epoch();
        const auto fold = std::uint32_t(1 + dice_.upto(1));
        const std::string service = dice_.upto(1) == 0 ? "intake" : "triage";
        both([&](Bench& b) { return show(b.ready(service, of, fold)) + show(b.is_ready(service, of, 1)); });
    }
    void restore() {
        RestoreRequest request{hub, "triage", epoch(), {record()}, {}, 3 * hour + 2 * quarter};
        if (dice_.upto(1) == 0) request.leases.push_back({aggregate(), token(), 0});
        both([&](Bench& b) { return show(b.restore(request)); });
    }
    void renew() {
        const Lease lease{aggregate(), token(), some_time()};
        const auto of = epoch();
        both([&](Bench& b) { return show(b.renew(of, lease)); });
    }
    void look() {
        const std::string command_id = dice_.upto(1) == 0 ? "" : "c" + show(dice_.upto(30));
        const LoadRequest wanted{hub, command_id, {aggregate(), aggregate()}};
        both([&](Bench& b) { return show(b.load(wanted)); });
    }
    void cursor() {
        const std::string source = dice_.upto(2) == 0 ? "ashford" : hub;
        const auto seq = dice_.upto(20);
        both([&](Bench& b) { return show(b.save_cursor("triage", source, seq)); });
        both([&](Bench& b) { return show(b.read_cursor("triage", source)); });
    }
    void marks() {
        const DoneRestore mark{"c" + show(dice_.upto(30)), {1, dice_.upto(9), "restored"}};
        both([&](Bench& b) { return show(b.restore_marks({mark}, {{"referral", hub, 3}})); });
    }
    void commit() {
        std::vector<std::string> ids;
        for (std::uint64_t i = dice_.upto(3); i > 0; --i) ids.push_back("e" + show(++events_));
        CommitRequest commit = request(ids, dice_.rarely() ? "" : "c" + show(dice_.upto(30)));
        commit.epoch = epoch();
        commit.fold = dice_.rarely() ? 2 : 1;
        commit.seen_seq = dice_.rarely() ? dice_.upto(60) : 0;
        commit.deadline = dice_.rarely() ? some_time() : noon + (hours_ + 1) * hour;
        for (std::uint64_t i = dice_.upto(2); i > 0; --i) {
            commit.guards.push_back({Guard::Kind(dice_.upto(2)), aggregate(), dice_.upto(3), "s" + show(dice_.upto(2)),
                                     dice_.rarely()   ? "intake"
                                     : dice_.rarely() ? ""
                                                      : "triage"});
        }
        for (std::uint64_t i = dice_.upto(2); i > 0; --i) commit.sets.push_back(record());
        commit.lease = {LeaseChange::Kind(dice_.upto(2)), {aggregate(), dice_.rarely() ? "" : token(), some_time()}};
        both([&](Bench& b) { return show(b.commit(commit)); });
    }

    RealBench real_;
    SimBench sim_;
    Dice dice_;
    std::uint64_t epoch_ = 1;
    std::int64_t hours_ = 0;
    std::uint64_t events_ = 0;
};

}  // namespace

TEST_CASE("both stores answer a random sequence alike", "[store]") {
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        Duel duel(seed);
        for (int step = 1; step <= steps; ++step) {
            INFO("seed " << seed << ", step " << step);
            duel.step();
            if (step % 5 == 0) duel.look_everywhere();
        }
    }
}
