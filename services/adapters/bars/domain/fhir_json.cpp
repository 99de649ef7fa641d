#include <nlohmann/json.hpp>

#include "common/base/invariant.hpp"
#include "common/base/limits.hpp"
#include "services/adapters/bars/domain/fhir_shapes.hpp"

namespace rightplace::bars {
namespace {

// Builds the tree and stops at the first bound that is passed.
class Reader final : public nlohmann::json_sax<Tree> {
   public:
    DocumentError error;
    Tree root;

    bool null() override { return put(Tree()); }
    bool boolean(bool value) override { return put(Tree(value)); }
    bool number_integer(std::int64_t value) override { return put(Tree(value)); }
    bool number_unsigned(std::uint64_t value) override { return put(Tree(value)); }
    bool number_float(double, const std::string& text) override { return put(decimal_value(text)); }
    bool string(std::string& value) override { return put(Tree(std::move(value))); }
    bool binary(Tree::binary_t&) override { return fail("a binary value"); }
    bool start_object(std::size_t) override { return open(Tree::object()); }
    bool start_array(std::size_t) override { return open(Tree::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(std::string& name) override {
        Tree& object = *open_.back();
        if (object.size() >= limits::document_max_members) return fail("an object has too many members");
        if (object.contains(name)) return fail("a key is given twice in one object");
        key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        error = {"byte " + std::to_string(position), "the body is not JSON"};
        return false;
    }

   private:
    bool fail(std::string what) {
        error = {"value " + std::to_string(nodes_), std::move(what)};
        return false;
    }
    Tree* place(Tree value) {
        if (open_.empty()) return &(root = std::move(value));
        Tree& parent = *open_.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        return &(parent[key_] = std::move(value));
    }
    bool put(Tree value) {
        if (++nodes_ > limits::document_max_nodes) return fail("the document has too many values");
        place(std::move(value));
        return true;
    }
    // A parent gets no further member while its child is open, so the pointers stay good.
    bool open(Tree value) {
        if (++nodes_ > limits::document_max_nodes) return fail("the document has too many values");
        if (open_.size() >= std::size_t(limits::document_max_depth)) return fail("the document is nested too deeply");
        open_.push_back(place(std::move(value)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<Tree*> open_;
    std::string key_;
    std::size_t nodes_ = 0;
};

void append(std::string& out, const Tree& value) {
    if (value.is_object()) {
        char before = '{';
        for (const auto& [name, member] : value.items()) {
            out += before;
            out += Tree(name).dump();
            out += ':';
            append(out, member);
            before = ',';
        }
        out += before == '{' ? "{}" : "}";
    } else if (value.is_array()) {
        char before = '[';
        for (const auto& member : value) {
            out += before;
            append(out, member);
            before = ',';
        }
        out += before == '[' ? "[]" : "]";
    } else {
        out += value.is_binary() ? primitive_text(value) : value.dump();
    }
}

}  // namespace

Result<Tree, DocumentError> read_json(std::string_view bytes) {
    Reader reader;
    if (!Tree::sax_parse(bytes.begin(), bytes.end(), &reader)) return Failure{reader.error};
    return std::move(reader.root);
}

std::string write_json(const Tree& tree) {
    std::string out;
    append(out, tree);
    return out;
}

bool is_decimal(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at - from;
    };
    const auto skip = [&](std::string_view any) {
        const bool there = at < text.size() && any.find(text[at]) != std::string_view::npos;
        if (there) ++at;
        return there;
    };
    skip("-");
    const bool leading_zero = at < text.size() && text[at] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (leading_zero && whole > 1)) return false;
    if (skip(".") && digits() == 0) return false;
    if (skip("eE")) {
        skip("+-");
        if (digits() == 0) return false;
    }
    return at == text.size();
}

Tree decimal_value(std::string_view text) {
    INVARIANT(is_decimal(text));
    Tree number = Tree::parse(text, nullptr, false);
    if (!number.is_discarded() && number.dump() == text) return number;
    return Tree::binary({text.begin(), text.end()});
}

std::string primitive_text(const Tree& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_binary()) return {value.get_binary().begin(), value.get_binary().end()};
    if (value.is_boolean() || value.is_number()) return value.dump();
    return {};
}

}  // namespace rightplace::bars
