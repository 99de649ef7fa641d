#include "tests/sim/scenario/pour.hpp"

#include "messages/audit.pb.h"
#include "services/audit/shell/sqlite_journal.hpp"
#include "tests/sim/sim_journal.hpp"

namespace rightplace::sim {
namespace {

constexpr std::size_t at_once = 2'000;  // events in one write

using HeadDone = seams::Done<seams::Journalled<seams::JournalHead>>;

class Keeping final : public seams::Journal {
   public:
    Keeping(std::unique_ptr<seams::Journal> journal, std::shared_ptr<Kept> kept)
        : journal_(std::move(journal)), kept_(std::move(kept)) {}
    void head(HeadDone done) override { journal_->head(std::move(done)); }
    void touch(HeadDone done) override { journal_->touch(std::move(done)); }
    void append(std::uint64_t epoch, std::vector<seams::Bytes> stored, HeadDone done) override {
        const auto keeping = keep(stored, std::move(done));
        journal_->append(epoch, std::move(stored), keeping);
    }
    void open_epoch(std::uint64_t expected, seams::Bytes stored, HeadDone done) override {
        const auto keeping = keep({stored}, std::move(done));
        journal_->open_epoch(expected, std::move(stored), keeping);
    }
    void read(std::uint64_t from, std::size_t most, std::string case_id,
              seams::Done<seams::Journalled<Page>> done) override {
        journal_->read(from, most, std::move(case_id), std::move(done));
    }

   private:
    HeadDone keep(const std::vector<seams::Bytes>& stored, HeadDone done) {
        return [kept = kept_, stored, done = std::move(done)](seams::Journalled<seams::JournalHead> written) {
            if (written) kept->events.insert(kept->events.end(), stored.begin(), stored.end());
            done(std::move(written));
        };
    }
    std::unique_ptr<seams::Journal> journal_;
    std::shared_ptr<Kept> kept_;
};

}  // namespace

RealRecord record_kept(const std::string& hub, const std::string& journal_id, std::shared_ptr<Kept> kept) {
    RealRecord record;
    record.open = [hub, journal_id, kept](seams::Clock& clock) -> std::unique_ptr<seams::Journal> {
        return std::make_unique<Keeping>(std::make_unique<SimJournal>(clock, hub, journal_id), kept);
    };
    record.eyes = {[kept]() -> const std::vector<seams::Bytes>& { return kept->events; },
                   [kept] { return kept->events.size(); }};
    return record;
}

Result<bool, std::string> pour(const std::vector<seams::Bytes>& events, const std::string& path,
                               const std::string& hub) {
    SimClock clock;
    const auto file = audit::SqliteJournal::open(path, hub, clock);
    if (!file.ok()) return Failure{file.error().detail};
    std::string wrong;
    const auto written = [&wrong](const seams::Journalled<seams::JournalHead>& head) {
        if (!head.ok() && wrong.empty()) wrong = head.error().detail;
    };
    std::vector<seams::Bytes> batch;
    std::uint64_t epoch = 0;
    const auto write = [&] {
        if (!batch.empty()) file.value()->append(epoch, std::exchange(batch, {}), written);
        clock.run(0);
    };
    for (const auto& stored : events) {
        Event event;
        INVARIANT(event.ParseFromString(stored));  // the judge has read it
        const bool opens = event.payload().Is<audit::EpochOpened>();
        if (opens || batch.size() == at_once) write();
        if (opens) {
            file.value()->open_epoch(epoch, stored, written);
        } else {
            batch.push_back(stored);
        }
        epoch = event.epoch();
    }
    write();
    if (!wrong.empty()) return Failure{wrong};
    return true;
}

}  // namespace rightplace::sim
