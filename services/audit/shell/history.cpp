#include "services/audit/shell/history.hpp"

#include <algorithm>
#include <utility>

#include "common/base/limits.hpp"
#include "services/audit/domain/succession.hpp"

namespace rightplace::audit {

using seams::Done;
using seams::JournalError;
using seams::JournalFailure;
using seams::Journalled;
using Page = seams::Journal::Page;

namespace {

JournalFailure unreadable() {
    return {JournalError::corrupt, "an event in the journal cannot be read"};
}

}  // namespace

struct History::OwnSearch {
    std::uint64_t head_seq;
    std::uint64_t to;    // everything above is known already
    std::uint64_t at;    // next to read in this stretch
    OwnHistory stretch;  // of this stretch; the first that holds one of audit's own events gives the count
    OwnHistory found;
    Done<Journalled<OwnHistory>> done;
};

void History::own(const seams::JournalHead& head, Done<Journalled<OwnHistory>> done) {
    auto search = std::make_shared<OwnSearch>();
    search->head_seq = head.seq;
    search->to = head.seq;
    search->at = head.seq < limits::read_max_events ? 1 : head.seq - limits::read_max_events + 1;
    search->done = std::move(done);
    own_page(std::move(search));
}

void History::own_page(std::shared_ptr<OwnSearch> search) {
    const std::uint64_t from = search->at;
    const std::size_t most = std::size_t(std::max<std::uint64_t>(search->to + 1 - from, 1));
    journal_.read(from, most, {}, [this, search, from](Journalled<Page> page) {
        if (!page) return search->done(Failure{page.error()});
        for (const auto& bytes : page.value().events) {
            const auto event = parse_stored(bytes);
            if (!event) return search->done(Failure{unreadable()});
            search->stretch.note(*event);
        }
        search->at = page.value().next_seq;
        if (search->at > from && search->at <= search->to) return own_page(search);
        // This stretch is read. What is nearer to the head counts more.
        if (search->found.version == 0) search->found.version = search->stretch.version;
        if (search->found.checkpoint_seq == 0) {
            search->found.checkpoint_seq = search->stretch.checkpoint_seq;
            for (const auto& [of, seq] : search->stretch.cursors)
                raise(search->found.cursors, of.first, of.second, seq);
        }
        const std::uint64_t before = search->to < limits::read_max_events ? 0 : search->to - limits::read_max_events;
        if (search->found.checkpoint_seq > 0 || before == 0) {
            search->found.upto = search->head_seq;
            return search->done(search->found);
        }
        search->to = before;
        search->at = before < limits::read_max_events ? 1 : before - limits::read_max_events + 1;
        search->stretch = {};
        own_page(search);
    });
}

void History::event_id_at(std::uint64_t seq, Done<Journalled<std::string>> done) {
    journal_.read(seq, 1, {}, [seq, done = std::move(done)](Journalled<Page> page) {
        if (!page) return done(Failure{page.error()});
        if (page.value().events.empty()) return done(std::string());
        const auto event = parse_stored(page.value().events.front());
        if (!event) return done(Failure{unreadable()});
        done(event->seq() == seq ? event->event_id() : std::string());
    });
}

struct History::MarkSearch {
    std::uint64_t low;   // everything below is too old
    std::uint64_t high;  // this one, or the head's next, is new enough
    std::uint64_t end;   // the head
    TimeMs keep_after;
    std::uint64_t lowest_seq;
    std::uint64_t at = 0;
    std::optional<MarkCollector> collector;
    Done<Journalled<std::vector<seams::DoneRestore>>> done;
};

void History::marks(const seams::JournalHead& head, TimeMs keep_after, std::uint64_t lowest_seq,
                    Done<Journalled<std::vector<seams::DoneRestore>>> done) {
    auto search = std::make_shared<MarkSearch>();
    search->low = 1;
    search->high = head.seq + 1;
    search->end = head.seq;
    search->keep_after = keep_after;
    search->lowest_seq = lowest_seq;
    search->done = std::move(done);
    find_first(std::move(search));
}

// Recorded times never go down, for hub time does not.
void History::find_first(std::shared_ptr<MarkSearch> search) {
    if (search->low >= search->high) {
        const std::uint64_t from = std::max<std::uint64_t>(std::min(search->high, search->lowest_seq), 1);
        search->collector.emplace(from);
        search->at = from > limits::commit_max_events ? from - limits::commit_max_events : 1;
        return mark_page(search);
    }
    const std::uint64_t middle = search->low + (search->high - search->low) / 2;
    journal_.read(middle, 1, {}, [this, search, middle](Journalled<Page> page) {
        if (!page) return search->done(Failure{page.error()});
        const auto event = page.value().events.empty() ? std::nullopt : parse_stored(page.value().events.front());
        if (!event) return search->done(Failure{unreadable()});
        const bool keep = to_ms(event->recorded_at()) >= search->keep_after;
        (keep ? search->high : search->low) = keep ? middle : middle + 1;
        find_first(search);
    });
}

void History::mark_page(std::shared_ptr<MarkSearch> search) {
    if (search->at > search->end) return search->done(search->collector->take());
    journal_.read(search->at, limits::read_max_events, {}, [this, search](Journalled<Page> page) {
        if (!page) return search->done(Failure{page.error()});
        if (page.value().events.empty()) return search->done(Failure{unreadable()});
        for (const auto& bytes : page.value().events) {
            const auto event = parse_stored(bytes);
            if (!event) return search->done(Failure{unreadable()});
            search->collector->add(*event);
        }
        search->at = page.value().next_seq;
        mark_page(search);
    });
}

}  // namespace rightplace::audit
