// Nothing of a message is lost: every leaf of it is understood, shown, or known to be only in the original.
#include <google/protobuf/message.h>
#include <catch2/catch.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "services/adapters/bars/domain/checks.hpp"
#include "services/adapters/bars/domain/leaves.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "services/cli/domain/case_view.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_full_sample.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;

namespace {

// A resource by itself stands as the only one of a Bundle.
Tree as_bundle(const Tree& tree) {
    if (text_at(tree, "resourceType") == "Bundle") return tree;
    return {{"resourceType", "Bundle"}, {"entry", Tree::array({{{"resource", tree}}})}};
}

std::vector<Tree> samples() {
    return {bars_sample::request(), bars_sample::full_request(), bars_sample::request_in_words(),
            bars_sample::shadowed_request()};
}

struct Understood {
    std::string rule;
    intake::CaseFacts facts;
    intake::Person person;
    intake::ReplyTo reply_to;
};

Understood understand(const Tree& bundle) {
    Understood out;
    RequestHeaders headers;
    headers.request_id = headers.correlation_id = "0e3371d1-1c15-4862-9552-d9560f8292ba";
    headers.target_service_id = bars_sample::Sample().target_service_id;
    const auto judged =
        judge_request(write_document(bundle, Format::json), headers, {"paddock-wood", bars_sample::Sample().now});
    const Message message(bundle);
    out.facts = map_facts(message, bars_sample::Sample().now);
    out.person = map_person(message);
    if (!judged) {
        for (const auto& problem : judged.error()) out.rule += problem.path + problem.diagnostics;
        return out;
    }
    out.facts = judged.value().facts;
    out.reply_to = judged.value().reply_to;
    return out;
}

// The bytes of one field, "facts.category"; of none when it is not there.
std::string field_of(const Understood& all, const std::string& name) {
    if (name == "rule") return all.rule;
    const auto dot = name.find('.');
    const std::string where = name.substr(0, dot), which = name.substr(dot + 1);
    const google::protobuf::Message& from = where == "facts" ? static_cast<const google::protobuf::Message&>(all.facts)
                                            : where == "person"
                                                ? static_cast<const google::protobuf::Message&>(all.person)
                                                : static_cast<const google::protobuf::Message&>(all.reply_to);
    const auto* field = from.GetDescriptor()->FindFieldByName(which);
    if (field == nullptr) throw std::logic_error("no field " + name);
    std::unique_ptr<google::protobuf::Message> only(from.New());
    only->CopyFrom(from);
    std::vector<const google::protobuf::FieldDescriptor*> set;
    only->GetReflection()->ListFields(*only, &set);
    for (const auto* one : set) {
        if (one != field) only->GetReflection()->ClearField(only.get(), one);
    }
    return only->SerializeAsString();
}

// Other values that could stand there.
std::vector<Tree> others(const Tree& value) {
    if (value.is_boolean()) return {Tree(!value.get<bool>())};
    if (value.is_number_integer()) return {Tree(value.get<int>() + 1)};
    if (!value.is_string()) return {Tree(47.5)};
    return {Tree(value.get<std::string>() + "x"), Tree("entered-in-error"), Tree("1950-01-01"),
            Tree("2026-12-24T12:00:00.000Z"), Tree("86e3371d-1c15-4862-9552-d9560f8292ba")};
}

bool changes(const Tree& bundle, const Leaf& leaf, const std::string& field) {
    const nlohmann::ordered_json::json_pointer place(leaf.pointer);
    const auto before = understand(bundle);
    for (const auto& other : others(bundle.at(place))) {
        Tree mutated = bundle;
        mutated[place] = other;
        const auto after = understand(mutated);
        std::size_t from = 0;
        while (from <= field.size()) {
            const auto to = std::min(field.find('|', from), field.size());
            const std::string one = field.substr(from, to - from);
            if (field_of(before, one) != field_of(after, one)) return true;
            from = to + 1;
        }
    }
    return false;
}

std::string pattern_of(const LeafRow& row) {
    std::string out;
    for (const auto& part : row.pattern) out += (out.empty() ? "" : ".") + part;
    return out;
}

void check_all_known(const Tree& tree, const std::string& name) {
    std::set<std::string> unknown;
    const Tree bundle = as_bundle(tree);
    for (const auto& leaf : leaves_of(Message(bundle))) {
        if (leaf.of() == LeafClass::unknown) unknown.insert(leaf.path);
    }
    for (const auto& path : unknown) UNSCOPED_INFO(path);
    INFO(name << ": leaves that no row of leaf_map.tsv fits");
    CHECK(unknown.empty());
}

}  // namespace

TEST_CASE("every leaf of our own samples is in the table") {
    for (const auto& sample : samples()) check_all_known(sample, "sample");
}

TEST_CASE("every leaf of every published message is in the table") {
    if (!bars_files::present()) return;
    const std::set<std::string> never_received{"CapabilityStatement", "OperationOutcome", "MessageDefinition"};
    std::size_t read = 0;
    for (const auto& [extension, format] : {std::pair{".xml", Format::xml}, std::pair{".json", Format::json}}) {
        for (const auto& path : bars_files::all("bars", extension)) {
            const auto document = read_document(bars_files::read(path), format);
            if (!document) {
                std::cout << path.filename() << " is not FHIR R4: " << document.error().what << "\n";
                continue;
            }
            if (never_received.count(text_at(*document.value(), "resourceType")) > 0) continue;
            check_all_known(*document.value(), path.filename());
            ++read;
        }
    }
    CHECK(read >= 25);
}

TEST_CASE("an element that nobody thought of is shown under its own path") {
    Tree bundle = bars_sample::request();
    bars_sample::resource(bundle, "ServiceRequest")["asNeededBoolean"] = true;
    const Message message(bundle);
    intake::Person person;
    add_additional(message, person);
    bool shown = false;
    for (const auto& one : person.additional()) shown |= one.label() == "ServiceRequest.asNeededBoolean";
    CHECK(shown);
}

TEST_CASE("what the table calls understood is: each such leaf of the samples changes its field") {
    for (const auto& sample : samples()) {
        REQUIRE(understand(sample).rule.empty());
        for (const auto& leaf : leaves_of(Message(sample))) {
            if (leaf.of() != LeafClass::understood) continue;
            INFO(leaf.path << " does not change " << leaf.row->says);
            CHECK(changes(sample, leaf, leaf.row->says));
        }
    }
}

TEST_CASE("every row of understood leaves is met by a sample") {
    std::set<const LeafRow*> met;
    for (const auto& sample : samples()) {
        for (const auto& leaf : leaves_of(Message(sample))) met.insert(leaf.row);
    }
    for (const auto& row : leaf_rows()) {
        if (row.of != LeafClass::understood) continue;
        INFO(pattern_of(row) << " is in no sample, so nothing proves it");
        CHECK(met.count(&row) == 1);
    }
}

TEST_CASE("what the table calls additional is shown by case --reveal, as it came") {
    for (const auto& sample : samples()) {
        for (const auto& leaf : leaves_of(Message(sample))) {
            if (leaf.of() != LeafClass::additional) continue;
            Tree marked = sample;
            auto& value = marked[nlohmann::ordered_json::json_pointer(leaf.pointer)];
            value = value.is_string()    ? Tree("made-up mark")
                    : value.is_boolean() ? Tree(!value.get<bool>())
                                         : Tree(4711);
            cli::Revealed revealed;
            revealed.person = map_person(Message(marked));
            const std::string shown = cli::render_revealed(revealed, {});
            INFO(leaf.path);
            CHECK(shown.find(primitive_text(value)) != std::string::npos);
            CHECK(shown.find(leaf.row->says) != std::string::npos);
        }
    }
}

TEST_CASE("what is shown of a message has an end, and says so") {
    Tree bundle = bars_sample::request();
    for (int i = 0; i < 300; ++i) {
        bundle["entry"].push_back({{"resource", {{"resourceType", "Task"}, {"description", std::string(1000, 'x')}}}});
    }
    intake::Person person;
    add_additional(Message(bundle), person);
    CHECK(person.ByteSizeLong() < 250'000);
    CHECK(person.additional(person.additional_size() - 1).label() == "more");
}
