#include "services/adapters/bars/domain/fhir_document.hpp"

#include <nlohmann/json.hpp>

#include "common/base/invariant.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/fhir_shapes.hpp"
#include "services/adapters/bars/domain/fhir_types.hpp"

namespace rightplace::bars {
namespace {

using Fault = std::optional<DocumentError>;

Fault check_content(const Tree& object, std::string_view type, const std::string& path, int depth);

// XML cannot carry other control characters, and FHIR strings may not.
bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == '\x7f';
    });
}

Fault check_primitive(const Tree& value, std::string_view type, const std::string& path) {
    if (type == "boolean") {
        if (!value.is_boolean()) return DocumentError{path, "must be true or false"};
    } else if (type == "decimal") {
        if (!value.is_number() && !value.is_binary()) return DocumentError{path, "must be a number"};
    } else if (type == "integer" || type == "positiveInt" || type == "unsignedInt") {
        if (!value.is_number_integer()) return DocumentError{path, "must be a whole number"};
        const std::int64_t least = type == "integer" ? INT32_MIN : type == "positiveInt" ? 1 : 0;
        const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT32_MAX
                                                     : value.get<std::int64_t>() <= INT32_MAX;
        if (!fits || value.get<std::int64_t>() < least) return DocumentError{path, "is out of range"};
    } else {
        if (!value.is_string()) return DocumentError{path, "must be a string"};
        const auto& text = value.get_ref<const std::string&>();
        if (has_control_character(text)) return DocumentError{path, "holds a control character"};
        if (type == "xhtml" && !is_div(text)) return DocumentError{path, "must be one well-formed div"};
    }
    return std::nullopt;
}

Fault check_value(const Tree& value, std::string_view type, const std::string& path, int depth) {
    if (is_primitive(type)) return check_primitive(value, type, path);
    if (type == "Resource" || is_resource(type)) return check_resource(value, path, depth + 1);
    return check_content(value, type, path, depth + 1);
}

Fault check_member(const Tree& value, const Use& use, bool extra, const std::string& path, int depth) {
    // "_name" holds the id and extensions of a primitive.
    const std::string_view type = extra ? "Element" : use.type;
    if (!use.element->repeats) {
        if (value.is_array()) return DocumentError{path, "must not repeat"};
        return check_value(value, type, path, depth);
    }
    if (!value.is_array() || value.empty()) return DocumentError{path, "must be an array that is not empty"};
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i].is_null() && is_primitive(use.type)) continue;
        const std::string at = path + "[" + std::to_string(i) + "]";
        if (auto fault = check_value(value[i], type, at, depth)) return fault;
    }
    return std::nullopt;
}

Fault check_content(const Tree& object, std::string_view type, const std::string& path, int depth) {
    if (depth > limits::document_max_depth) return DocumentError{path, "is nested too deeply"};
    if (!object.is_object()) return DocumentError{path, "must be an object"};
    const Content* content = find_content(type);
    INVARIANT(content);
    std::vector<std::string> chosen(content->size());  // of each choice, which type was used
    std::size_t number = 0;
    for (const auto& [key, value] : object.items()) {
        ++number;
        if (key == "resourceType" && is_resource(type)) continue;
        const bool extra = key.starts_with('_');
        const std::string name = extra ? key.substr(1) : key;
        const auto use = find_use(*content, name);
        if (!use || (extra && !is_primitive(use->type))) {
            return DocumentError{path, "member " + std::to_string(number) + " is not one that FHIR R4 has there"};
        }
        std::string& choice = chosen[use->position];
        if (!choice.empty() && choice != name) return DocumentError{path + "." + name, "is given with two types"};
        choice = name;
        if (auto fault = check_member(value, *use, extra, path + "." + name, depth)) return fault;
    }
    return std::nullopt;
}

}  // namespace

Fault check_resource(const Tree& resource, const std::string& path, int depth) {
    if (!resource.is_object()) return DocumentError{path, "must be a resource"};
    const auto found = resource.find("resourceType");
    if (found == resource.end() || !found->is_string()) return DocumentError{path, "has no resourceType"};
    const auto& type = found->get_ref<const std::string&>();
    if (!is_resource(type)) return DocumentError{path, "is not a resource type of BaRS messages"};
    return check_content(resource, type, path.empty() ? type : path, depth);
}

Result<SharedTree, DocumentError> read_document(std::string_view bytes, Format format) {
    if (bytes.size() > limits::http_body_max_bytes) return Failure{DocumentError{"byte 0", "the body is too large"}};
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    auto tree = format == Format::json ? read_json(bytes) : read_xml(bytes);
    if (!tree) return Failure{tree.error()};
    if (auto fault = check_resource(tree.value(), "", 0)) return Failure{*fault};
    return std::make_shared<const Tree>(std::move(tree.value()));
}

std::string write_document(const Tree& resource, Format format) {
    return format == Format::json ? write_json(resource) : write_xml(resource);
}

std::string_view media_type(Format format) {
    return format == Format::json ? "application/fhir+json" : "application/fhir+xml";
}

}  // namespace rightplace::bars
