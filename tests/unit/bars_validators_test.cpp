// Every kind of message that goes out, in both formats, before two FHIR R4 validators that others have made and that
// share no code (tests/conformance/validators). They miss different things; neither may find anything.
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "services/adapters/bars/domain/answers.hpp"
#include "services/adapters/bars/domain/problem.hpp"
#include "services/adapters/bars/domain/render_delivery.hpp"
#include "services/adapters/bars/domain/response_reading.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

namespace fs = std::filesystem;

const OwnCase own{"3d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a01", "P-261126-0007-K"};
const TimeMs sent = bars_sample::Sample().now + 600'000;

struct Ran {
    int status = -1;
    std::string output;
};
Ran run(const std::string& command) {
    Ran ran;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    while (const auto size = std::fread(buffer, 1, sizeof buffer, pipe)) ran.output.append(buffer, size);
    ran.status = ::pclose(pipe);
    return ran;
}

const std::string here = std::string(SOURCE_DIR) + "/tests/conformance/validators";

// Without them nothing is proved, so that they cannot be installed is a failure, with its reason.
std::string validators() {
    const auto ran = run(here + "/install");
    INFO(ran.output);
    REQUIRE(ran.status == 0);
    return ran.output.substr(0, ran.output.find('\n'));
}

struct Finding {
    std::string file, by, where, what;
    // The same fault in another message: places are counted differently there.
    std::string kind() const { return by + " " + what; }
};
using Documents = std::map<std::string, std::string>;  // file name -> bytes

class Folder {
   public:
    Folder() {
        auto name = (fs::temp_directory_path() / "rp-validators-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
    }
    std::string path() const { return path_.string(); }

   private:
    fs::path path_;
};

std::vector<Finding> findings_of(const Documents& documents) {
    const Folder folder;
    for (const auto& [name, bytes] : documents) folder.write(name, bytes);
    const auto ran = run("node " + here + "/validate.mjs " + validators() + " " + folder.path() + "/*");
    INFO(ran.output);
    REQUIRE(ran.status == 0);
    REQUIRE(ran.output.find("checked " + std::to_string(documents.size()) + " by fhir ") != std::string::npos);
    std::vector<Finding> found;
    std::istringstream lines(ran.output);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("checked ")) continue;
        std::istringstream parts(line);
        Finding one;
        std::getline(parts, one.file, '\t');
        std::getline(parts, one.by, '\t');
        std::getline(parts, one.where, '\t');
        std::getline(parts, one.what);
        found.push_back(one);
    }
    return found;
}

void nothing_new(const std::vector<Finding>& found, const std::set<std::string>& known) {
    for (const auto& one : found) {
        if (known.contains(one.kind())) continue;
        FAIL_CHECK(one.file << ": " << one.by << " says of " << one.where << ": " << one.what);
    }
}

ResponseFrame frame() {
    return {own, "2000072489", "9a7c2b10-0000-4000-8000-000000000001", sent, sent - 60'000, true};
}

std::map<std::string, Outcome> outcomes() {
    std::map<std::string, Outcome> all;
    const auto add = [&](const std::string& name, intake::Category category, bool ambulance) -> Outcome& {
        auto& one = all[name];
        one.category = category;
        one.ambulance_needed = ambulance;
        one.summary = "Seen by video & advised <at home>.";
        one.decided = sent - 1'000;
        return one;
    };
    add("unchanged", intake::C3, true);
    add("upgraded", intake::C2, true).emergency = true;
    auto& asked = add("upgraded-and-asked", intake::C1, true);
    asked.emergency = true;
    asked.ambulance_reference = "S2601280042";
    add("downgraded", intake::C4, true).late = true;
    add("advice", intake::C5, false);
    add("referred-on", intake::CATEGORY_UNSPECIFIED, false).summary.clear();
    auto& lifted = add("lifted", intake::CATEGORY_UNSPECIFIED, false).outcome_codes.emplace_back();
    lifted.set_system("https://fhir.nhs.uk/CodeSystem/response-outcome-codes");
    lifted.set_code("PATLIFT");
    return all;
}

void add_messages(Documents& all, const std::string& from, const Tree& request) {
    for (const auto format : {Format::json, Format::xml}) {
        const std::string end = format == Format::json ? ".json" : ".xml";
        const auto put = [&](const std::string& name, std::string bytes) {
            all[from + "-" + name + end] = std::move(bytes);
        };
        put("acknowledgement", acknowledgement(request, own, sent, format));
        put("interim", interim_response(request, frame(), format));
        put("rejection-FC", rejecting_response(request, frame(), triage::FC, "", format));
        put("rejection-OTH", rejecting_response(request, frame(), triage::OTH, "No crew for that.", format));
        put("breach", render_breach_return(std::make_shared<const Tree>(request), own, "2000072489", sent, format));
        for (const auto& [name, outcome] : outcomes())
            put("full-" + name, full_response(request, frame(), outcome, format));
    }
}

}  // namespace

TEST_CASE("two validators find nothing in any message of ours") {
    Documents all;
    add_messages(all, "sample", bars_sample::request());
    auto nameless = bars_sample::request();
    bars_sample::remove(nameless, "Organization");
    Documents short_ones;
    add_messages(short_ones, "nameless", nameless);
    for (auto& [name, bytes] : short_ones) {
        if (name.find("-full-") == std::string::npos) all[name] = bytes;
    }
    for (const auto format : {Format::json, Format::xml}) {
        const std::string end = format == Format::json ? ".json" : ".xml";
        all["refusal" + end] = operation_outcome(
            {broken_rule("Bundle.entry[2].resource.status", "The status is not one that may be."), already_received()},
            format);
        all["fault" + end] = operation_outcome({internal_error()}, format);
    }
    nothing_new(findings_of(all), {});
}

TEST_CASE("the validators see a fault where there is one") {
    auto request = bars_sample::request();
    bars_sample::resource(request, "Encounter")["status"] = "lost";        // no code of FHIR's
    bars_sample::resource(request, "CarePlan").erase("intent");            // must be there
    bars_sample::resource(request, "Flag")["colour"] = "red";              // is not in FHIR
    bars_sample::resource(request, "Patient")["birthDate"] = "yesterday";  // no date
    std::map<std::string, int> by;
    for (const auto& one : findings_of({{"broken.json", request.dump()}})) ++by[one.by];
    CHECK(by["fhir"] >= 3);
    CHECK(by["medplum"] >= 3);
}

// What a sender wrote is echoed as it is, faults included: those are found in its own message too.
TEST_CASE("of answers to the published requests the validators say nothing that they do not say of the request") {
    if (!bars_files::present()) return;
    for (const char* name : {"VALREQ01-new", "VALREQ02-update-lower"}) {
        const auto text = bars_files::read(bars_files::examples / "bars" / (std::string(name) + ".xml"));
        const auto request = read_document(text, Format::xml);
        REQUIRE(request.ok());
        std::set<std::string> known;
        for (const auto& one : findings_of({{"request.json", write_document(*request.value(), Format::json)},
                                            {"request.xml", write_document(*request.value(), Format::xml)}})) {
            known.insert(one.kind());
        }
        Documents all;
        add_messages(all, name, *request.value());
        nothing_new(findings_of(all), known);
        for (const auto& [file, bytes] : all) {
            const auto read = read_document(bytes, file.ends_with(".xml") ? Format::xml : Format::json);
            REQUIRE(read.ok());
            INFO(file);
            CHECK(wrong_counts(Message(*read.value())).empty());
        }
    }
}
