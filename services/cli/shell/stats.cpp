#include "services/cli/shell/stats.hpp"

#include <ostream>

#include "services/audit/replay.hpp"
#include "services/cli/domain/figures_check.hpp"
#include "services/cli/domain/figures_view.hpp"
#include "services/cli/shell/telling.hpp"

namespace rightplace::cli {
namespace {

OrWhy<Period> period_of(const StatsOptions& options) {
    ReplayOptions bounds;
    bounds.from = options.from;
    bounds.to = options.to;
    const auto filter = filter_of(bounds);
    if (!filter) return Failure{filter.error()};
    const Period period{filter.value().from, filter.value().to};
    if (period.from && period.to && *period.from >= *period.to) {
        return Failure{std::string("--from must be before --to")};
    }
    return period;
}

// What is counted as the record goes by; the whole of it is kept only to be counted again.
struct Count {
    Count(const StatsOptions& wanted, const Period& of) : options(wanted), period(of), tally(of) {}
    void see(const Event& event) {
        tally.add(event);
        if (options.check) record.push_back(event);
    }
    int conclude(const std::string& source, TimeMs now, std::ostream& out, std::ostream& err,
                 const Style& style) const {
        const auto figures = tally.figures(now);
        if (!options.check) {
            out << (options.json ? figures_to_json(source, figures) + "\n" : render_figures(source, figures, style))
                << std::flush;
            return Exit::ok;
        }
        const auto numbers = every_number(figures);
        const auto differ = differences(numbers, recount(record, period, now));
        for (const auto& sentence : differ) err << "DIFFERS: " << sentence << "\n";
        if (differ.empty()) out << "checked: " << numbers.size() << " figures agree" << std::endl;
        return differ.empty() ? Exit::ok : Exit::usage;
    }
    const StatsOptions& options;
    Period period;
    Tally tally;
    std::vector<Event> record;
};

constexpr auto no_figures = "No figures are given of a record that is not sound: `rightplace audit verify` says more.";

}  // namespace

int run_stats(Session& session, const StatsOptions& options) {
    const auto period = period_of(options);
    if (!period) return fail(session, Exit::usage, period.error());
    Count count(options, period.value());
    Telling telling(session.out, {}, Telling::Form::silent);
    const auto end = read_record(session, options.hub, 1, "", [&](const std::string& stored) {
        Event event;
        const bool sound = telling.see(stored) && event.ParseFromString(stored);
        if (sound) count.see(event);
        return sound && !session.stopped();
    });
    if (!end) return fail(session, Exit::unavailable, end.error());
    if (session.stopped()) return fail(session, Exit::usage, "Stopped before the end of the record: no figures.");
    telling.compare_head(end.value().head_seq(), end.value().root());
    if (telling.conclude_replay(session.err) != 0) return fail(session, Exit::usage, no_figures);
    return count.conclude("hub " + options.hub, session.now(), session.out, session.err, session.style);
}

int run_stats_file(const StatsOptions& options, std::ostream& out, std::ostream& err, const Style& style) {
    const auto explain = [&](const std::string& why) {
        err << printable(why) << std::endl;
        return Exit::usage;
    };
    const auto period = period_of(options);
    if (!period) return explain(period.error());
    const auto verified = audit::verify_journal(options.journal);
    if (!verified) return explain(options.journal + ": " + verified.error());
    if (!verified.value().sound()) {
        const auto& fault = *verified.value().fault;
        err << "THE RECORD IS NOT SOUND: seq " << fault.seq << ": " << printable(fault.what) << std::endl;
        return explain(no_figures);
    }
    Count count(options, period.value());
    const auto told = audit::replay_journal(options.journal, {}, [&](const audit::ReplayRow& row) {
        Event event;
        if (event.ParseFromString(row.stored)) count.see(event);
        return true;
    });
    if (!told) return explain(options.journal + ": " + told.error());
    return count.conclude("hub " + verified.value().hub + ", journal " + options.journal, 0, out, err, style);
}

}  // namespace rightplace::cli
