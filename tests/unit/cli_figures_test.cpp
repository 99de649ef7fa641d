// A hub's figures: what counts, what does not, and that two ways of counting agree.
#include <nlohmann/json.hpp>

#include "services/audit/shell/sqlite_journal.hpp"
#include "services/cli/domain/figures_check.hpp"
#include "services/cli/domain/figures_view.hpp"
#include "services/cli/shell/stats.hpp"
#include "tests/unit/audit_fakes.hpp"
#include "tests/unit/cli_bench.hpp"
#include "tests/unit/cli_record.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using rightplace::cli::test::Record;

namespace fakes = rightplace::test;  // of audit

namespace {

constexpr TimeMs minute = 60'000, hour = 60 * minute;
constexpr TimeMs start = 1'790'000'000'000;  // 21 Sep 2026, 15:13 in London

std::int64_t at(const Numbers& numbers, const std::string& name) {
    for (const auto& [each, value] : numbers) {
        if (each == name) return value;
    }
    FAIL("no figure " << name);
    return 0;
}

}  // namespace

TEST_CASE("waiting times count those still waiting, and those who left without") {
    Record record;
    for (int i = 0; i < 10; ++i) record.queue("c" + std::to_string(i), start);
    for (int i = 0; i < 4; ++i) record.claim("c" + std::to_string(i), start + (i + 1) * minute);
    record.add(triage::ReviewCancelled(), "c4", start + 20 * minute);
    const auto claim = record.figures(start + hour).all.to_claim;
    CHECK(claim.over == 4);
    CHECK(claim.left == 1);
    CHECK(claim.still == 5);
    CHECK(claim.median.ms == 20 * minute);  // of those claimed alone it would be two minutes
    CHECK_FALSE(claim.median.at_least);
    CHECK(claim.centile_90.ms == hour);
    CHECK(claim.centile_90.at_least);
    for (int i = 5; i < 10; ++i) record.claim("c" + std::to_string(i), start + 30 * minute);
    const auto later = record.figures(start + hour).all.to_claim;
    CHECK(later.centile_90.ms == 30 * minute);
    CHECK(later.still == 0);
    CHECK(record.differ(start + hour).empty());
}

TEST_CASE("a centile is certain when nobody at or below it waits still") {
    Record record;
    for (int i = 0; i < 10; ++i) {
        record.queue("c" + std::to_string(i), start);
        if (i < 9) record.claim("c" + std::to_string(i), start + (i + 1) * minute);
    }
    const auto claim = record.figures(start + hour).all.to_claim;
    CHECK(claim.median.ms == 5 * minute);
    CHECK_FALSE(claim.median.at_least);
    CHECK(claim.centile_90.ms == 9 * minute);
    CHECK_FALSE(claim.centile_90.at_least);
    CHECK(Record().figures(start).all.to_claim.median.ms == std::nullopt);
}

TEST_CASE("a period takes who came in it, as things stood at its end") {
    Record record;
    record.queue("before", start - 1);
    record.queue("first", start);
    record.queue("last", start + hour - 1);
    record.claim("first", start + minute);
    record.decide("first", start + hour, triage::ADVICE);  // at the very end: not in it any more
    record.queue("after", start + hour);
    const Period period{start, start + hour};
    const auto figures = record.figures(start + 9 * hour, period);
    CHECK(figures.all.contacts == 2);
    CHECK(figures.all.endings.at(Ending::open) == 2);
    CHECK(figures.until == start + hour);
    CHECK(figures.all.to_decision.centile_90.ms == hour);
    CHECK(record.figures(start + 9 * hour, {start, start + hour + 1}).all.endings.at(Ending::decided) == 1);
    CHECK(record.figures(start + 9 * hour).all.contacts == 4);
    CHECK(record.differ(start + 9 * hour, period).empty());
    // Nothing is known of what has not come yet: a period that goes on ends now, and a file's with its last event.
    CHECK(record.figures(start + 2 * hour, {start, start + 9 * hour}).until == start + 2 * hour);
    CHECK(record.figures(0).until == start + hour + 6);
}

TEST_CASE("what another hub did with a case is that hub's") {
    Record record;
    record.queue("gone", start);
    record.transfer("gone", start + 10 * minute);
    triage::ReviewTakenOver there;
    there.mutable_at()->set_hub("ashford");
    record.add(there, "gone", start + 12 * minute);
    triage::ReviewBreached breach;
    breach.mutable_at()->set_hub("ashford");
    record.add(breach, "gone", start + 15 * minute);
    record.decide("gone", start + 20 * minute, triage::UCR, "ashford");
    const auto numbers = headline(record.figures(start + hour).all);
    CHECK(at(numbers, "transferred_away") == 1);
    for (const auto* none : {"decided", "decided_ucr", "breached", "claim_had", "conveyance_avoided", "crew_decided"}) {
        INFO(none);
        CHECK(at(numbers, none) == 0);
    }
    CHECK(at(numbers, "decision_left_without") == 1);
    CHECK(at(numbers, "decision_median_ms") == 10 * minute);
    CHECK(record.differ(start + hour).empty());
}

TEST_CASE("a decision that was taken back is not counted, and its patient waits on") {
    Record record;
    record.queue("slip", start);
    record.claim("slip", start + minute);
    record.decide("slip", start + 2 * minute, triage::CONVEY_TO_ED);
    record.reopen("slip", start + 3 * minute);
    CHECK(at(headline(record.figures(start + hour).all), "open") == 1);
    CHECK(at(headline(record.figures(start + hour).all), "decision_still_waiting") == 1);
    record.decide("slip", start + 4 * minute, triage::UCR);
    const auto numbers = headline(record.figures(start + hour).all);
    CHECK(at(numbers, "decided") == 1);
    CHECK(at(numbers, "decided_convey_to_ed") == 0);
    CHECK(at(numbers, "conveyance_avoided") == 1);
    CHECK(at(numbers, "decision_median_ms") == 4 * minute);
    CHECK(record.differ(start + hour).empty());
}

TEST_CASE("a case that is given back is the same contact, and waits on; one received is a contact here") {
    Record record;
    record.queue("back", start);
    record.transfer("back", start + 10 * minute);
    record.receive("back", start + 20 * minute);
    record.receive("come", start + 20 * minute);
    CHECK(at(headline(record.figures(start + hour).all), "open") == 2);
    record.claim("back", start + 25 * minute);
    record.decide("back", start + 30 * minute, triage::MEDICAL_SDEC);
    const auto figures = record.figures(start + hour);
    CHECK(figures.all.contacts == 2);
    CHECK(figures.all.received == 1);
    CHECK(figures.by_category.at(intake::C2).contacts == 1);  // as it came, after what the other hub made of it
    CHECK(figures.by_origin.at(intake::CREW_ON_SCENE).to_decision.median.ms == 30 * minute);
    CHECK(figures.by_origin.at(intake::VALIDATION_999).to_decision.still == 1);
    CHECK(record.differ(start + hour).empty());
}

TEST_CASE("conveyance is avoided only where it was planned, and by a decision for another place") {
    Record record;
    const auto one = [&](const std::string& id, const std::string& plan, triage::Pathway pathway) {
        record.queue(id, start, intake::CREW_ON_SCENE, plan);
        if (pathway != triage::PATHWAY_UNSPECIFIED) record.decide(id, start + 10 * minute, pathway);
    };
    one("a", "CONVEY_TO_ED", triage::UCR);
    one("b", "convey-to-ed", triage::DISCHARGE_ON_SCENE);
    one("no plan", "", triage::UCR);
    one("another plan", "DISCHARGE_ON_SCENE", triage::UCR);
    one("a code", "Dx0122", triage::UCR);
    one("conveyed", "CONVEY_TO_ED", triage::CONVEY_TO_ED);
    one("dispatched", "CONVEY_TO_ED", triage::AMBULANCE_RESPONSE);
    one("waits", "CONVEY_TO_ED", triage::PATHWAY_UNSPECIFIED);
    const auto figures = record.figures(start + hour);
    CHECK(figures.all.conveyance_avoided == 2);
    CHECK(figures.all.planned_to_convey == 5);
    CHECK(figures.all.plans.at("CONVEY_TO_ED").at({Ending::decided, triage::UCR}) == 1);
    CHECK(figures.all.plans.at("CONVEY_TO_ED").at({Ending::open, triage::PATHWAY_UNSPECIFIED}) == 1);
    CHECK(figures.all.plans.at("Dx0122").at({Ending::decided, triage::UCR}) == 1);
    CHECK(record.differ(start + hour).empty());
}

TEST_CASE("a late decision counts once, with its breach; crews' minutes are those of crews decided") {
    Record record;
    record.queue("late", start, intake::VALIDATION_999, "C3");
    triage::ReviewBreached breached;
    breached.set_returned(true);
    record.add(breached, "late", start + 20 * minute);
    record.decide("late", start + 30 * minute, triage::ADVICE);
    record.queue("crew-1", start);
    record.queue("crew-2", start);
    record.queue("crew-3", start);
    record.decide("crew-1", start + 10 * minute, triage::GP_IN_ED);
    record.decide("crew-2", start + 20 * minute, triage::CONVEY_TO_ED);
    record.add(triage::ReviewRejected(), "crew-3", start + 5 * minute);
    record.add(triage::NoteAdded(), "unknown", start + 5 * minute);  // of a review that this record does not begin
    record.queue("elsewhere", start + 6 * minute);
    record.events.back().set_aggregate_type("case");  // not a review
    const auto figures = record.figures(start + hour);
    CHECK(figures.all.contacts == 4);
    CHECK(figures.all.breached == 1);
    CHECK(figures.all.given_back == 1);
    CHECK(figures.all.endings.at(Ending::decided) == 3);
    CHECK(figures.all.crews.contacts == 3);
    CHECK(figures.all.crews.decided == 2);
    CHECK(figures.all.crews.decided_ms == 30 * minute);
    CHECK(record.differ(start + hour).empty());
}

TEST_CASE("the hour of arrival is London's, summer and winter") {
    Record record;
    const auto summer = parse_instant("2026-07-01T08:30:00Z").value();
    const auto winter = parse_instant("2026-12-01T08:30:00Z").value();
    record.queue("summer", summer);
    record.queue("winter", winter);
    const auto by_hour = record.figures(winter).by_hour;
    CHECK(by_hour.at(9).contacts == 1);
    CHECK(by_hour.at(8).contacts == 1);
    CHECK(record.differ(winter).empty());
    // Around both of the nights when the clocks change, the second count takes the same hour.
    for (const auto* turn : {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"}) {
        Record night;
        const auto moment = parse_instant(turn).value();
        for (const TimeMs off : {-hour, TimeMs{-1}, TimeMs{0}, hour}) night.queue(std::to_string(off), moment + off);
        CHECK(night.differ(moment + 2 * hour).empty());
        CHECK(night.figures(moment + 2 * hour).by_hour.size() == (moment < summer ? 3 : 2));
    }
}

TEST_CASE("figures are told in words and in JSON with stable names") {
    Record record;
    record.queue("a", start);
    record.claim("a", start + minute);
    record.decide("a", start + 12 * minute, triage::MEDICAL_SDEC);
    record.queue("b", start + 5 * minute);
    const auto words = render_figures("hub ashford", record.figures(start + hour), Style{});
    CHECK_THAT(words, Catch::Contains("hub ashford, from the beginning up to 21 Sep 2026 16:13, London time"));
    CHECK_THAT(words, Catch::Contains("medical SDEC    1         50 %   1"));
    CHECK_THAT(words, Catch::Contains("plan: convey to ED"));
    CHECK_THAT(words, Catch::Contains("at least 55 min"));
    CHECK_THAT(words, Catch::Contains("avoided: 1 of the 2 who were to be conveyed (50 %)"));
    CHECK_THAT(words, Catch::Contains("2 contacts, 1 decided, 1 waiting; they waited 1 h in all so far"));
    const auto json = nlohmann::json::parse(figures_to_json("hub ashford", record.figures(start + hour)));
    CHECK(json["all"]["decided_by_pathway"]["medical_sdec"] == 1);
    CHECK(json["by_origin"]["crew_on_scene"]["time_to_claim"]["still_waiting"] == 1);
    CHECK(json["by_category"]["c3"]["time_to_decision"]["centile_90"]["at_least"] == true);
    CHECK(json["by_hour_of_arrival"]["15"]["contacts"] == 2);
    CHECK(json["original_plan_by_ending"]["convey_to_ed"]["open"] == 1);
    CHECK(json["crews_on_scene"]["minutes_to_decision_average"] == 12.0);
    CHECK_THAT(render_figures("hub ashford", Record().figures(start), Style{}), Catch::Contains("No contact came"));
}

TEST_CASE("stats reads the record through audit, and trusts none that is not sound") {
    cli::test::Bench bench;
    Record record;
    record.queue("a", start);
    record.claim("a", start + minute);
    for (const auto& event : record.events) bench.wire.append(event);
    auto session = bench.session();
    StatsOptions options;
    options.hub = "ashford";
    SECTION("in words") {
        CHECK(run_stats(session, options) == Exit::ok);
        CHECK_THAT(bench.out.str(), Catch::Contains("crew on scene") && Catch::Contains("at least"));
    }
    SECTION("checked") {
        options.check = true;
        CHECK(run_stats(session, options) == Exit::ok);
        CHECK(bench.out.str() == "checked: 176 figures agree\n");
    }
    SECTION("audit is down") {
        bench.wire.audit_up = false;
        CHECK(run_stats(session, options) == Exit::unavailable);
    }
    SECTION("altered") {
        bench.wire.said_root = std::string(32, 'x');
        CHECK(run_stats(session, options) == Exit::usage);
        CHECK_THAT(bench.err.str(), Catch::Contains("NOT SOUND") && Catch::Contains("No figures"));
        CHECK(bench.out.str().empty());
    }
    SECTION("a period that is none") {
        options.from = "2026-09-21T10:00:00Z";
        options.to = "2026-09-21T10:00:00Z";
        CHECK(run_stats(session, options) == Exit::usage);
        CHECK_THAT(bench.err.str(), Catch::Contains("--from must be before --to"));
    }
    SECTION("an instant that is none") {
        options.from = "yesterday";
        CHECK(run_stats(session, options) == Exit::usage);
        CHECK_THAT(bench.err.str(), Catch::Contains("an instant such as"));
    }
}

TEST_CASE("stats of a journal file need no stack") {
    fakes::TempFolder folder;
    const auto path = folder.file("journal.db");
    REQUIRE(audit::create_journal(path, fakes::hub).ok());
    {
        fakes::ManualClock clock;
        auto opened = audit::SqliteJournal::open(path, fakes::hub, clock);
        REQUIRE(opened.ok());
        opened.value()->open_epoch(0, fakes::history(1).front(), [](auto) {});
        clock.advance(0);
    }
    std::ostringstream out, err;
    StatsOptions options;
    options.journal = path;
    CHECK(run_stats_file(options, out, err, Style{}) == Exit::ok);
    CHECK_THAT(out.str(), Catch::Contains(std::string("hub ") + fakes::hub) && Catch::Contains("No contact"));
    options.check = true;
    CHECK(run_stats_file(options, out, err, Style{}) == Exit::ok);
    options.journal = path + "x";
    CHECK(run_stats_file(options, out, err, Style{}) == Exit::usage);
    CHECK_THAT(err.str(), Catch::Contains("no journal"));
}
