#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>

#include "common/base/invariant.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/fhir_shapes.hpp"
#include "services/adapters/bars/domain/fhir_types.hpp"

namespace rightplace::bars {
namespace {

constexpr std::string_view fhir_namespace = "http://hl7.org/fhir";
// White space counts inside a narrative. A DOCTYPE becomes a node, so that it can be refused.
constexpr unsigned parse_flags = pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_doctype;

struct Refusal {
    DocumentError error;
};
[[noreturn]] void fail(std::string path, std::string what) {
    throw Refusal{{std::move(path), std::move(what)}};
}

class Reader {
   public:
    Tree resource(pugi::xml_node node, const std::string& path, int depth) {
        const std::string type = node.name();
        if (!is_resource(type)) fail(path, "is not a resource type of BaRS messages");
        Tree object = {{"resourceType", type}};
        content(object, node, type, path.empty() ? type : path, depth);
        return object;
    }

   private:
    void count(const std::string& path, int depth) {
        if (depth > limits::document_max_depth) fail(path, "is nested too deeply");
        if (++nodes_ > limits::document_max_nodes) fail(path, "the document has too many values");
    }

    std::string checked_text(const char* text, const std::string& path) {
        std::string value = text;
        if (!is_utf8(value)) fail(path, "is not UTF-8");
        return value;
    }

    Tree primitive(pugi::xml_attribute value, std::string_view type, const std::string& path) {
        std::string text = checked_text(value.value(), path);
        if (type == "boolean") {
            if (text != "true" && text != "false") fail(path, "must be true or false");
            return text == "true";
        }
        const bool whole = type == "integer" || type == "positiveInt" || type == "unsignedInt";
        if (!whole && type != "decimal") return text;
        if (!is_decimal(text)) fail(path, "must be a number");
        return decimal_value(text);
    }

    Tree single_resource(pugi::xml_node holder, const std::string& path, int depth) {
        pugi::xml_node found;
        for (const auto child : holder.children()) {
            if (child.type() != pugi::node_element) continue;
            if (found) fail(path, "must hold one resource");
            found = child;
        }
        if (!found) fail(path, "must hold one resource");
        return resource(found, path, depth + 1);
    }

    std::string narrative(pugi::xml_node div, const std::string& path) {
        struct Writer : pugi::xml_writer {
            std::string text;
            void write(const void* data, std::size_t size) override {
                text.append(static_cast<const char*>(data), size);
            }
        } writer;
        div.print(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
        return checked_text(writer.text.c_str(), path);
    }

    // A primitive's value, and in `extra` its id and extensions.
    Tree primitive_element(pugi::xml_node node, std::string_view type, const std::string& path, int depth,
                           Tree& extra) {
        if (type == "xhtml") return narrative(node, path);
        extra = Tree::object();
        content(extra, node, "Element", path, depth);
        const auto value = node.attribute("value");
        if (!value && extra.empty()) fail(path, "has neither a value nor an extension");
        return value ? primitive(value, type, path) : Tree();
    }

    void add(Tree& object, const std::string& name, bool repeats, Tree value, Tree extra) {
        if (!repeats) {
            if (!value.is_null()) object[name] = std::move(value);
            if (!extra.empty()) object["_" + name] = std::move(extra);
            return;
        }
        Tree& values = object[name];
        const std::size_t before = values.size();
        values.push_back(std::move(value));
        if (extra.empty() && !object.contains("_" + name)) return;
        Tree& extras = object["_" + name];
        while (extras.size() < before) extras.push_back(nullptr);
        extras.push_back(extra.empty() ? Tree() : std::move(extra));
    }

    void attributes(Tree& object, pugi::xml_node node, std::string_view type, const std::string& path) {
        std::set<std::string_view> seen;
        for (const auto attribute : node.attributes()) {
            const std::string_view name = attribute.name();
            if (!seen.insert(name).second) fail(path, "has an attribute twice");
            if (name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xsi:")) continue;
            if (name == "value" && type == "Element") continue;
            if (!is_attribute(type, name)) fail(path, "has an attribute that FHIR R4 does not have there");
            object[std::string(name)] = checked_text(attribute.value(), path);
        }
    }

    void child(Tree& object, pugi::xml_node node, std::string_view type, const Use& use, const std::string& path,
               int depth) {
        const std::string name = node.name();
        const bool repeats = use.element->repeats;
        const bool seen = object.contains(name) || object.contains("_" + name);
        if (seen && !repeats) fail(path, "must not repeat");
        const std::string at = repeats ? path + "[" + std::to_string(seen ? object[name].size() : 0) + "]" : path;
        Tree extra = Tree::object();
        Tree value;
        if (is_primitive(use.type)) {
            value = primitive_element(node, use.type, at, depth + 1, extra);
        } else if (use.type == "Resource" || is_resource(use.type)) {
            count(at, depth + 1);
            attributes(extra, node, type, at);
            value = single_resource(node, at, depth + 1);
            extra = Tree::object();
        } else {
            value = Tree::object();
            content(value, node, use.type, at, depth + 1);
        }
        add(object, name, repeats, std::move(value), std::move(extra));
    }

    void content(Tree& object, pugi::xml_node node, std::string_view type, const std::string& path, int depth) {
        count(path, depth);
        attributes(object, node, type, path);
        const Content* elements = find_content(type);
        INVARIANT(elements);
        std::size_t number = 0;
        for (const auto part : node.children()) {
            if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) {
                if (std::string_view(part.value()).find_first_not_of(" \t\r\n") != std::string_view::npos) {
                    fail(path, "holds text between its elements");
                }
                continue;
            }
            if (part.type() != pugi::node_element) continue;
            ++number;
            const auto use = find_use(*elements, part.name());
            if (!use || is_attribute(type, part.name())) {
                fail(path, "element " + std::to_string(number) + " is not one that FHIR R4 has there");
            }
            child(object, part, type, *use, path + "." + part.name(), depth);
        }
        tidy(object);
    }

    // FHIR leaves a list of values out when there are only extras.
    void tidy(Tree& object) {
        std::vector<std::string> empty;
        for (const auto& [name, value] : object.items()) {
            if (!name.starts_with('_') || !value.is_array()) continue;
            Tree& values = object[name.substr(1)];
            if (std::all_of(values.begin(), values.end(), [](const Tree& one) { return one.is_null(); })) {
                empty.push_back(name.substr(1));
            }
        }
        for (const auto& name : empty) object.erase(name);
    }

    std::size_t nodes_ = 0;
};

void write_content(pugi::xml_node node, const Tree& object, std::string_view type);

void write_value(pugi::xml_node parent, const std::string& name, std::string_view type, const Tree* value,
                 const Tree* extra) {
    if (type == "xhtml") {
        const std::string text = primitive_text(*value);
        INVARIANT(parent.append_buffer(text.data(), text.size(), parse_flags, pugi::encoding_utf8));
        return;
    }
    pugi::xml_node node = parent.append_child(name.c_str());
    if (is_primitive(type)) {
        if (value && !value->is_null()) node.append_attribute("value") = primitive_text(*value).c_str();
        if (extra && !extra->is_null()) write_content(node, *extra, "Element");
    } else if (type == "Resource" || is_resource(type)) {
        const auto inner = value->at("resourceType").get<std::string>();
        write_content(node.append_child(inner.c_str()), *value, inner);
    } else {
        write_content(node, *value, type);
    }
}

const Tree* member(const Tree& object, const std::string& name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

const Tree* item(const Tree* list, std::size_t at) {
    return list && at < list->size() ? &(*list)[at] : nullptr;
}

void write_content(pugi::xml_node node, const Tree& object, std::string_view type) {
    const Content* elements = find_content(type);
    INVARIANT(elements);
    std::vector<std::pair<std::size_t, std::string>> in_order;
    for (const auto& [key, value] : object.items()) {
        if (key == "resourceType") continue;
        const std::string name = key.starts_with('_') ? key.substr(1) : key;
        const auto use = find_use(*elements, name);
        INVARIANT(use);
        in_order.emplace_back(use->position, name);
    }
    std::sort(in_order.begin(), in_order.end());
    in_order.erase(std::unique(in_order.begin(), in_order.end()), in_order.end());
    for (const auto& [position, name] : in_order) {
        const Tree* value = member(object, name);
        const Tree* extra = member(object, "_" + name);
        const auto use = find_use(*elements, name);
        if (is_attribute(type, name)) {
            if (value) node.append_attribute(name.c_str()) = primitive_text(*value).c_str();
        } else if (!use->element->repeats) {
            write_value(node, name, use->type, value, extra);
        } else {
            const std::size_t count = std::max(value ? value->size() : 0, extra ? extra->size() : 0);
            for (std::size_t i = 0; i < count; ++i) write_value(node, name, use->type, item(value, i), item(extra, i));
        }
    }
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const int more = lead < 0x80                   ? 0
                         : lead >= 0xC2 && lead < 0xE0 ? 1
                         : lead >= 0xE0 && lead < 0xF0 ? 2
                         : lead >= 0xF0 && lead < 0xF5 ? 3
                                                       : -1;
        if (more < 0 || at + std::size_t(more) >= text.size()) return false;
        std::uint32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
        for (int i = 1; i <= more; ++i) {
            const auto next = static_cast<unsigned char>(text[at + std::size_t(i)]);
            if ((next & 0xC0) != 0x80) return false;
            point = (point << 6) | (next & 0x3Fu);
        }
        const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
        if (overlong || (point >= 0xD800 && point < 0xE000) || point > 0x10FFFF) return false;
        at += std::size_t(more) + 1;
    }
    return true;
}

bool is_div(std::string_view text) {
    pugi::xml_document document;
    if (!document.load_buffer(text.data(), text.size(), parse_flags, pugi::encoding_utf8)) return false;
    const pugi::xml_node div = document.first_child();
    if (div.type() != pugi::node_element || div.next_sibling() || std::string_view(div.name()) != "div") return false;
    pugi::xml_node at = div;
    int depth = 1;
    while (at) {  // without recursion: depth is what is being checked
        if (depth > limits::document_max_depth) return false;
        if (at.first_child()) {
            at = at.first_child();
            ++depth;
            continue;
        }
        while (at && at != div && !at.next_sibling()) {
            at = at.parent();
            --depth;
        }
        if (at == div) break;
        at = at.next_sibling();
    }
    return true;
}

namespace {

// Where an ampersand begins nothing that XML knows by itself; npos: nowhere. The parser would take it for text, and
// what goes back would not be what came.
std::size_t stray_ampersand(std::string_view bytes) {
    const auto skip = [&](std::size_t& i, std::string_view from, std::string_view to) {
        if (bytes.substr(i, from.size()) != from) return;
        const auto end = bytes.find(to, i + from.size());
        i = end == std::string_view::npos ? bytes.size() : end;
    };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        skip(i, "<![CDATA[", "]]>");
        skip(i, "<!--", "-->");
        if (i >= bytes.size() || bytes[i] != '&') continue;
        std::string_view name = bytes.substr(i + 1, 10);  // "#x0010FFFF" is the longest
        name = name.substr(0, std::min(name.find(';'), name.size()));
        const bool ended = i + 1 + name.size() < bytes.size() && bytes[i + 1 + name.size()] == ';';
        const bool known = name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos";
        const bool hex = name.starts_with("#x");
        const auto digits = name.substr(std::min(name.size(), std::size_t(hex ? 2 : 1)));
        const bool number =
            name.starts_with('#') && !digits.empty() &&
            digits.find_first_not_of(hex ? "abcdefABCDEF9876543210" : "9876543210") == std::string_view::npos;
        if (!ended || !(known || number)) return i;
    }
    return std::string_view::npos;
}

}  // namespace

Result<Tree, DocumentError> read_xml(std::string_view bytes) {
    if (!is_utf8(bytes) || bytes.find('\0') != std::string_view::npos) {
        return Failure{DocumentError{"byte 0", "the body is not UTF-8"}};
    }
    pugi::xml_document document;
    const auto parsed = document.load_buffer(bytes.data(), bytes.size(), parse_flags, pugi::encoding_utf8);
    if (!parsed) {
        return Failure{DocumentError{"byte " + std::to_string(parsed.offset), "the body is not well-formed XML"}};
    }
    const auto stray = stray_ampersand(bytes);
    pugi::xml_node root;
    for (const auto node : document.children()) {
        if (node.type() == pugi::node_doctype) return Failure{DocumentError{"byte 0", "a DTD is not allowed"}};
        if (node.type() != pugi::node_element) continue;
        if (root) return Failure{DocumentError{"byte 0", "there is more than one document"}};
        root = node;
    }
    if (stray != std::string_view::npos) {
        return Failure{DocumentError{"byte " + std::to_string(stray), "an entity is not one that XML has by itself"}};
    }
    if (std::string_view(root.attribute("xmlns").value()) != fhir_namespace) {
        return Failure{DocumentError{"byte 0", "the root is not in the FHIR namespace"}};
    }
    try {
        return Reader().resource(root, "", 0);
    } catch (const Refusal& refusal) {
        return Failure{refusal.error};
    }
}

std::string write_xml(const Tree& resource) {
    pugi::xml_document document;
    const auto type = resource.at("resourceType").get<std::string>();
    pugi::xml_node root = document.append_child(type.c_str());
    root.append_attribute("xmlns") = std::string(fhir_namespace).c_str();
    write_content(root, resource, type);
    struct Writer : pugi::xml_writer {
        std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
    } writer;
    document.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
    return writer.text;
}

}  // namespace rightplace::bars
