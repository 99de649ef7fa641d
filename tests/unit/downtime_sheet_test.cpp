#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/base/limits.hpp"
#include "services/triage/domain/downtime_sheet.hpp"
#include "services/triage/shell/sheet_writer.hpp"

using namespace rightplace;
using namespace rightplace::triage;

namespace {

constexpr TimeMs now = 1'790'000'000'000;
constexpr TimeMs minute = 60'000;

SheetHead head() {
    return {"ashford", "", now, 42, 500};
}

ReviewState& add(QueueReply& queue, const std::string& number, TimeMs breach) {
    auto& review = *queue.add_reviews();
    review.set_case_number(number);
    review.set_status(QUEUED);
    review.set_category(intake::C3);
    *review.mutable_breach_at() = to_timestamp(breach);
    review.mutable_facts()->set_origin(intake::VALIDATION_999);
    return review;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("The downtime sheet has every open case, what is owed, and a line to write on") {
    QueueReply queue;
    auto& claimed = add(queue, "A-1", now + 12 * minute);
    claimed.set_status(IN_CONSULTATION);
    claimed.mutable_claim()->mutable_holder()->set_id("pp-7");
    claimed.mutable_claim()->mutable_holder()->set_role("paramedic-practitioner");
    claimed.mutable_facts()->set_cad_number("CAD-4711");
    claimed.mutable_facts()->set_age_known(true);
    claimed.mutable_facts()->set_age_years(81);
    claimed.mutable_news2()->set_band("low");
    claimed.mutable_news2()->set_total(3);
    claimed.mutable_news2()->mutable_parts()->set_pulse(3);
    auto& flag = *claimed.mutable_facts()->add_flags();
    flag.set_category("SS");
    flag.set_code("U");
    claimed.set_returned(true);
    *claimed.mutable_welfare_call_due() = to_timestamp(now - 2 * minute);
    claimed.add_opinions()->set_of_role("ed-consultant");
    auto& crew = add(queue, "A-2", now - 5 * minute);
    crew.mutable_facts()->set_origin(intake::CREW_ON_SCENE);
    crew.mutable_facts()->set_callsign("SE123");
    crew.set_contact_attempts(2);

    const auto sheet = downtime_sheet(head(), queue);
    CHECK(has(sheet, "ashford"));
    CHECK(has(sheet, "up to event 42."));
    CHECK(has(sheet, "2 open, by breach time"));
    CHECK(has(sheet, "A-1   C3   breach " + format_london(now + 12 * minute) + ", 12 min left\n"));
    CHECK(has(sheet, "incident CAD-4711; 81 y; NEWS2 3+ incomplete; SCENE UNSAFE\n"));
    CHECK(has(sheet,
              "in consultation by pp-7 (paramedic-practitioner); GIVEN BACK TO THE SENDER; "
              "opinion asked of ed-consultant; call promised by"));
    CHECK(has(sheet, ", 2 min OVER\n"));
    CHECK(has(sheet, "crew on scene, crew SE123; age not known; NEWS2 -"));
    CHECK(has(sheet, "5 min OVER"));
    CHECK(has(sheet, "contact attempts: 2"));
    CHECK(sheet.find("A-1") < sheet.find("A-2"));
    CHECK(has(sheet, "done: ____"));
    CHECK_FALSE(has(sheet, "no real patients"));
}

TEST_CASE("A sheet says when nothing newer was heard, whose stack it is, and that nobody waits") {
    auto at = head();
    at.label = "demo";
    at.age_ms = limits::heartbeat_max_age_ms + 7'000;
    const auto sheet = downtime_sheet(at, {});
    CHECK(has(sheet, "[demo: no real patients]"));
    CHECK(has(sheet, "NOTHING NEWER WAS HEARD for 9 s"));
    CHECK(has(sheet, "No open cases."));
}

TEST_CASE("What came from outside cannot break the sheet's lines") {
    QueueReply queue;
    add(queue, "A-1", now).mutable_facts()->set_cad_number("1\nA-9   C1   breach never\x1b[2J" + std::string(500, 'x'));
    const auto sheet = downtime_sheet(head(), queue);
    CHECK(has(sheet, "incident 1?A-9   C1   breach never?[2J"));
    CHECK_FALSE(has(sheet, std::string(100, 'x')));
}

TEST_CASE("A sheet is written whole, and a failure leaves the last one where it is") {
    char made[] = "/tmp/rp-sheet-XXXXXX";
    const std::string folder = ::mkdtemp(made);
    const std::string path = folder + "/ashford.txt";
    const auto content = [&] {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    REQUIRE(write_whole(path, "first").ok());
    REQUIRE(write_whole(path, "second, and longer").ok());
    CHECK(content() == "second, and longer");
    CHECK(::access((path + ".new").c_str(), F_OK) != 0);

    std::filesystem::create_symlink("/dev/full", path + ".new");  // a disk that takes no more
    const auto full = write_whole(path, "third");
    REQUIRE_FALSE(full.ok());
    CHECK(has(full.error(), "No space left"));
    CHECK(content() == "second, and longer");
    CHECK(has(write_whole(folder + "/nowhere/x.txt", "x").error(), "cannot create"));
    std::filesystem::remove_all(folder);
}
