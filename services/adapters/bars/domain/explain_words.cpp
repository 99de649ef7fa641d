// An explanation for people: the answer first, then what it rests on.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/bundle.hpp"
#include "services/adapters/bars/domain/explain.hpp"

namespace rightplace::bars {
namespace {

// Text of the message may hold signs that a terminal obeys.
std::string safe(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return text;
}

std::string line(const std::string& label, const std::string& value) {
    return "  " + label + std::string(label.size() < 18 ? 18 - label.size() : 1, ' ') +
           (value.empty() ? "not given" : safe(value)) + "\n";
}

std::string joined(const Tree& list) {
    std::string out;
    for (const auto& one : list) out += (out.empty() ? "" : ", ") + primitive_text(one);
    return out;
}

std::string label_of(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

// The members of an object or the texts of each element, in one line.
std::string in_a_line(const Tree& value) {
    if (!value.is_object()) return value.is_array() ? joined(value) : primitive_text(value);
    std::string out;
    for (const auto& [name, part] : value.items()) {
        const std::string text = part.is_array() ? joined(part) : primitive_text(part);
        if (!text.empty()) out += (out.empty() ? "" : ", ") + label_of(name) + " " + text;
    }
    return out;
}

std::string part(const Tree& explanation, const std::string& name, const std::string& title) {
    if (!explanation.contains(name)) return {};
    std::string out = "\n" + title + "\n";
    for (const auto& [member, value] : explanation[name].items()) {
        const bool list = value.is_array() && !value.empty() && (value[0].is_object() || member == "narrative");
        if (!list) out += line(label_of(member), in_a_line(value));
        if (list) {
            for (const auto& one : value) out += line(label_of(member), in_a_line(one));
        }
    }
    return out;
}

std::string answer(const Tree& said) {
    std::string out = "HTTP " + primitive_text(said["status"]) + "\n";
    if (said["accepted"].get<bool>()) {
        for (const auto& sentence : said["happens"]) out += "  " + primitive_text(sentence) + "\n";
        return out;
    }
    for (const auto& problem : said["problems"]) {
        const std::string path = text_at(problem, "path");
        out += "  " + text_at(problem, "code") + " " + text_at(problem, "issue") + "  " +
               (path.empty() ? "" : safe(path) + ": ") + safe(text_at(problem, "diagnostics")) + "\n";
    }
    return out;
}

}  // namespace

std::string explanation_in_words(const Tree& explanation) {
    std::string out = "Answer: " + answer(explanation["answer"]);
    out += "\nRead as " + text_at(explanation, "format") + ", " + primitive_text(explanation["bytes"]) + " bytes\n";
    out += part(explanation, "message", "The message");
    out += part(explanation, "understood", "Understood");
    out += part(explanation, "identity", "Identity");
    if (explanation.contains("understood") && !explanation.contains("identity")) {
        out += "\nIdentity is left out; --identity prints names, numbers, places and free text.\n";
    }
    if (explanation.contains("warnings")) {
        out += "\nWarnings: " + std::string(explanation["warnings"].empty() ? "none\n" : "\n");
        for (const auto& warning : explanation["warnings"]) {
            out += "  " + text_at(warning, "code") + "  " + safe(text_at(warning, "path")) + "\n";
        }
    }
    out +=
        "\nNot known offline: whether an X-Request-Id or Bundle.id was used before (409, 400), whether the target "
        "is\na hub of the stack (404), and whether the hub can store it (503, 408).\n";
    return out;
}

}  // namespace rightplace::bars
