// A hub's policy as a file: what check, diff and adopt say.
#include <google/protobuf/text_format.h>

#include "common/clinical/hub_policy.hpp"
#include "services/cli/domain/policy_view.hpp"
#include "services/cli/shell/arguments.hpp"
#include "tests/unit/cli_bench.hpp"
#include "tests/unit/shipped_policy.hpp"

using namespace rightplace;
using namespace rightplace::cli;
using namespace rightplace::cli::test;

namespace {

const std::string figures =
    "name: \"ashford\"\nbreach { category: \"C3\" minutes: 120 source: \"standard\" }\n"
    "default_breach_minutes: 30 default_breach_source: \"s\"\nclaim_lease_seconds: 120 claim_lease_source: \"s\"\n"
    "repeat_window_hours: 96 repeat_window_source: \"s\"\n";

policy::HubPolicy parsed(const std::string& text) {
    return clinical::parse_policy(text).value();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("a policy's changes are told in words, one for each rule, with the new source") {
    using Changes = std::vector<std::string>;
    const auto before = parsed(figures);
    CHECK(policy_changes(before, parsed(figures + "# a comment\n")).empty());
    CHECK(policy_changes(before, parsed(replaced(figures, "120 source: \"standard\"", "90 source: \"local\""))) ==
          Changes{"breach of C3: 90 minutes instead of 120 minutes (source: local)"});
    CHECK(policy_changes(before, parsed(replaced(figures, "standard", "local"))) ==
          Changes{"breach of C3: the same 120 minutes, by another source: local"});
    const auto own = parsed(figures + "breach { category: \"C5\" minutes: 60 source: \"t\" }");
    CHECK(policy_changes(before, own) ==
          Changes{"breach of C5: a rule of its own, 60 minutes instead of the default 30 minutes (source: t)"});
    CHECK(policy_changes(own, before) ==
          Changes{"breach of C5: no rule of its own any more, the default 30 minutes instead of 60 minutes"});
    auto other = before;
    other.set_name("paddock-wood");
    other.set_default_breach_minutes(1);
    other.set_claim_lease_seconds(60);
    other.set_repeat_window_hours(24);
    CHECK(policy_changes(before, other).size() == 4);
    CHECK(policy_changes(before, parsed(figures + "undo_minutes: 5 undo_source: \"t\"")) ==
          Changes{"an outcome can be undone for: the same 5 minutes, by another source: t"});
    CHECK(policy_changes(before, parsed(figures + "reopen_hours: 1 reopen_source: \"t\"")) ==
          Changes{"a case can be reopened for: 1 hour instead of 24 hours (source: t)"});
}

TEST_CASE("who must be there for a case, and when, is told in words as well") {
    using Changes = std::vector<std::string>;
    const auto attended = [](const std::string& inside) {
        return parsed(figures + "attendance { source: \"s\" " + inside + " }");
    };
    const std::string gp = "skill { origin: \"gp\" role: \"gp\" source: \"t\" } ";
    const std::string young = "skill { age_below: 16 role: \"ed-consultant\" role: \"gp\" source: \"t\" } ";
    const auto none = parsed(figures);
    CHECK(policy_changes(none, attended("hours { opens: \"08:00\" closes: \"18:00\" source: \"t\" }")) ==
          Changes{"attendance: a case that nobody is there for no longer waits for its breach",
                  "opening hours: 08:00 to 18:00, every day (source: t)"});
    CHECK(policy_changes(attended(""), none) == Changes{"attendance: a case waits for its breach, whoever is there"});
    const std::string dover = "hours { site: \"Dover\" opens: \"08:00\" closes: \"08:00\" day: \"Sat\" source: \"t\" }";
    CHECK(policy_changes(attended(""), attended(dover)) ==
          Changes{"opening hours: Dover round the clock, Sat (source: t)"});
    CHECK(policy_changes(attended(gp), attended(young)) ==
          Changes{"who may take: no longer gp: gp (source: t)",
                  "who may take: any origin, younger than 16: ed-consultant or gp (source: t)"});
    CHECK(policy_changes(attended(gp + young), attended(young + gp)) ==
          Changes{"who may take: the same rules, in another order"});
    CHECK(policy_changes(attended("offer_to_hub: \"x\""), attended("")) ==
          Changes{"what nobody is there for: offered to no hub instead of x"});
}

TEST_CASE("a hub that stands in, and is closed when ours is, is warned of") {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder.path / "ashford");
    std::filesystem::create_directories(folder.path / "paddock-wood");
    const auto hours = [](const std::string& closes, const std::string& to) {
        return "attendance { source: \"s\" " + (to.empty() ? "" : "offer_to_hub: \"" + to + "\" ") +
               "hours { opens: \"08:00\" closes: \"" + closes + "\" source: \"s\" } }";
    };
    const auto ours = folder.file("ashford/policy.textproto", figures + hours("18:00", "paddock-wood"));
    const auto alone = folder.file("ashford/alone", figures + hours("18:00", ""));
    const auto other = replaced(figures, "ashford", "paddock-wood");
    folder.file("paddock-wood/policy.textproto", other + hours("18:00", ""));
    std::ostringstream out, err;
    CHECK(run_policy_check({ours, {}, "", "", false}, out, err) == 0);
    CHECK_THAT(out.str(), Catch::Contains("WARNING: closed cases are offered to paddock-wood, which is closed then as "
                                          "well: every day 18:00 to 08:00"));
    out.str("");
    CHECK(run_policy_diff({"", {alone, ours}, "", "", false}, out, err) == 0);
    CHECK_THAT(out.str(), Catch::Contains("WARNING"));
    out.str("");
    CHECK(run_policy_check({alone, {}, "", "", false}, out, err) == 0);
    CHECK_THAT(out.str(), !Catch::Contains("WARNING"));

    Bench bench;
    triage::PolicyReply in_force;
    in_force.mutable_state()->set_version("v");
    in_force.mutable_state()->set_text(other + hours("18:00", ""));
    bench.wire.answer("GetPolicy@paddock-wood", in_force);
    auto session = bench.session();
    CHECK(run_policy_adopt(session, {ours, {}, "ashford", "", false}) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("WARNING"));
    // Open by then.
    in_force.mutable_state()->set_text(
        replaced(other + hours("18:00", ""), "08:00\" closes: \"18:00", "18:00\" closes: \"08:00"));
    bench.wire.answer("GetPolicy@paddock-wood", in_force);
    bench.out.str("");
    CHECK(run_policy_adopt(session, {ours, {}, "ashford", "", false}) == 0);
    CHECK_THAT(bench.out.str(), !Catch::Contains("WARNING"));
}

TEST_CASE("a policy's windows have bounds, need a source, and are told in words") {
    for (const std::string window : {"handover_minutes: 45 handover_source", "shift_max_hours: 12 shift_max_source",
                                     "given_back_head_start_minutes: 30 given_back_head_start_source",
                                     "transfer_confirm_seconds: 30 transfer_confirm_source"}) {
        INFO(window);
        const auto changed = policy_changes(parsed(figures), parsed(figures + window + ": \"t\""));
        REQUIRE(changed.size() == 1);
        CHECK_THAT(changed[0], Catch::Contains("instead of") && Catch::Contains("source: t"));
        CHECK_FALSE(clinical::parse_policy(figures + window.substr(0, window.rfind(' '))));
        CHECK_FALSE(clinical::parse_policy(figures + replaced(window, ": ", ": 999") + ": \"t\""));
    }
}

TEST_CASE("check names every problem with its line, and runs the examples") {
    const TemporaryFolder folder;
    std::ostringstream out, err;
    const auto good = folder.file("good", figures + "example { says: \"plain\" category: \"C3\" breach_minutes: 120 }");
    CHECK(run_policy_check({good, {}, "", "", false}, out, err) == 0);
    CHECK_THAT(out.str(), Catch::Contains("A policy of ashford") &&
                              Catch::Contains("1 breach rules, 0 pathway rules, 0 priority rules, 1 examples"));
    const auto wrong = folder.file("wrong", figures +
                                                "example { says: \"plain\" category: \"C3\" breach_minutes: 90 }\n"
                                                "example { says: \"none\" breach_minutes: 31 }");
    CHECK(run_policy_check({wrong, {}, "", "", false}, out, err) == 1);
    CHECK_THAT(err.str(), Catch::Contains(":6: example \"plain\": breach after 120 minutes, not 90") &&
                              Catch::Contains(":7: example \"none\": breach after 30 minutes, not 31"));
    CHECK(run_policy_check({folder.file("none"), {}, "", "", false}, out, err) == 1);
    CHECK_THAT(err.str(), Catch::Contains("cannot be read"));
    CHECK(run_policy_diff({"", {good, wrong}, "", "", false}, out, err) == 1);
    CHECK(run_policy_diff({"", {good, good}, "", "", false}, out, err) == 0);
    CHECK_THAT(out.str(), Catch::Contains("No rule differs."));
}

TEST_CASE("diff is told the old rules first, and then the new") {
    const TemporaryFolder folder;
    const auto before = folder.file("before", figures);
    const auto after = folder.file("after", replaced(figures, "120 source", "90 source"));
    std::array<std::string, 5> words{"rightplace", "policy", "diff", before, after};
    std::array<char*, 6> argv{};
    for (std::size_t i = 0; i < words.size(); ++i) argv[i] = words[i].data();
    const auto parsed = parse_arguments(int(words.size()), argv.data());
    REQUIRE(std::holds_alternative<Arguments>(parsed));
    std::ostringstream out, err;
    CHECK(run_policy_diff(std::get<Arguments>(parsed).policy, out, err) == 0);
    CHECK_THAT(out.str(), Catch::Contains("breach of C3: 90 minutes instead of 120"));
}

TEST_CASE("adopt sends the file's text as it stands, and only when it is sound") {
    Bench bench;
    const TemporaryFolder folder;
    auto session = bench.session();
    CHECK(run_policy_adopt(session, {folder.file("bad", "name: \"ashford\""), {}, "ashford", "", false}) == 1);
    CHECK(bench.wire.asked.empty());
    CHECK(run_policy_adopt(session, {folder.file("good", figures), {}, "ashford", "id-1", false}) == 0);
    REQUIRE(bench.wire.asked.size() == 1);
    triage::AdoptPolicy adopt;
    REQUIRE(bench.wire.asked[0].second.payload().UnpackTo(&adopt));
    CHECK(adopt.text() == figures);
    CHECK(bench.wire.asked[0].second.hub() == "ashford");
    CHECK_THAT(bench.out.str(), Catch::Contains(clinical::policy_version(figures)));
    bench.wire.reply.set_status(DUPLICATE);  // of a text that may have been another
    bench.out.str("");
    CHECK(run_policy_adopt(session, {folder.file("good", figures), {}, "ashford", "id-1", false}) == 0);
    CHECK_THAT(bench.out.str(), !Catch::Contains("In force"));
    bench.wire.reply.set_status(REFUSED);
    CHECK(run_policy_adopt(session, {folder.file("good", figures), {}, "ashford", "id-2", false}) == 2);
}

TEST_CASE("the policy in force can be read, and a file held against it") {
    Bench bench;
    const TemporaryFolder folder;
    auto session = bench.session();
    const auto file = folder.file("new", replaced(figures, "120 source", "90 source"));
    const PolicyOptions stricter{file, {file}, "ashford", "", false};
    CHECK(run_policy_show(session, stricter) == 3);
    triage::PolicyReply reply;
    bench.wire.answer("GetPolicy", reply);
    CHECK(run_policy_diff_in_force(session, stricter) == 3);  // none is adopted yet
    reply.mutable_state()->set_text(figures);
    reply.mutable_state()->set_version("v1");
    bench.wire.answer("GetPolicy", reply);
    CHECK(run_policy_show(session, stricter) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("in force at ashford: version v1\n" + figures));
    CHECK(run_policy_diff_in_force(session, stricter) == 0);
    CHECK_THAT(bench.out.str(), Catch::Contains("breach of C3: 90 minutes instead of 120"));
}

namespace {

// Changes each thing that is said in `part`, has a look, and changes it back; `where` names it.
void altered_each(google::protobuf::Message& part, const std::string& where,
                  const std::function<void(const std::string& where)>& look) {
    const auto* reflection = part.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection->ListFields(part, &fields);
    for (const auto* field : fields) {
        if (field->name().ends_with("example")) continue;  // they test, and rule nothing
        const auto at = where + "." + field->name();
        const int count = field->is_repeated() ? reflection->FieldSize(part, field) : 1;
        for (int i = 0; i < count; ++i) {
            if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
                auto& inner = field->is_repeated() ? *reflection->MutableRepeatedMessage(&part, field, i)
                                                   : *reflection->MutableMessage(&part, field);
                altered_each(inner, at, look);
            } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING && field->is_repeated()) {
                const auto before = reflection->GetRepeatedString(part, field, i);
                reflection->SetRepeatedString(&part, field, i, before + "x");
                look(at);
                reflection->SetRepeatedString(&part, field, i, before);
            } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
                const auto before = reflection->GetString(part, field);
                reflection->SetString(&part, field, before + "x");
                look(at);
                reflection->SetString(&part, field, before);
            } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32 &&
                       !field->is_repeated()) {
                const auto before = reflection->GetUInt32(part, field);
                reflection->SetUInt32(&part, field, before + 1);
                look(at);
                reflection->SetUInt32(&part, field, before);
            }
        }
    }
}

}  // namespace

TEST_CASE("whatever is changed in a shipped policy, a difference is told") {
    for (const auto* hub : {"paddock-wood", "ashford"}) {
        const auto shipped = parsed(testing::shipped_policy(hub));
        auto changed = shipped;
        int looked = 0;
        altered_each(changed, hub, [&](const std::string& where) {
            ++looked;
            INFO(where);
            CHECK_FALSE(policy_changes(shipped, changed).empty());
        });
        CHECK(looked > 200);
    }
}
