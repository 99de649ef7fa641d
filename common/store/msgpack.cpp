#include "common/store/msgpack.hpp"

#include <msgpack.h>

namespace rightplace::store::msgpack {
namespace {

int append(void* to, const char* bytes, std::size_t size) {
    static_cast<std::string*>(to)->append(bytes, size);
    return 0;
}

// Appending to a string does not fail, so neither does packing.
template <typename Pack>
void write(std::string& into, Pack pack) {
    msgpack_packer packer{&into, &append};
    pack(&packer);
}

const msgpack_object& of(const void* object, msgpack_object_type type) {
    const auto& is = *static_cast<const msgpack_object*>(object);
    if (is.type != type) throw Unreadable();
    return is;
}

msgpack_object_type type_of(const void* object) {
    return static_cast<const msgpack_object*>(object)->type;
}

}  // namespace

Writer& Writer::map(std::size_t entries) {
    write(bytes_, [&](auto* to) { msgpack_pack_map(to, entries); });
    return *this;
}

Writer& Writer::list(std::size_t entries) {
    write(bytes_, [&](auto* to) { msgpack_pack_array(to, entries); });
    return *this;
}

Writer& Writer::put(std::string_view bytes) {
    write(bytes_, [&](auto* to) { msgpack_pack_str_with_body(to, bytes.data(), bytes.size()); });
    return *this;
}

Writer& Writer::put(std::uint64_t number) {
    write(bytes_, [&](auto* to) { msgpack_pack_uint64(to, number); });
    return *this;
}

Writer& Writer::put(std::int64_t number) {
    write(bytes_, [&](auto* to) { msgpack_pack_int64(to, number); });
    return *this;
}

Writer& Writer::put(double number) {
    write(bytes_, [&](auto* to) { msgpack_pack_double(to, number); });
    return *this;
}

std::size_t Value::size() const {
    if (type_of(object_) == MSGPACK_OBJECT_MAP && of(object_, MSGPACK_OBJECT_MAP).via.map.size == 0) return 0;
    return of(object_, MSGPACK_OBJECT_ARRAY).via.array.size;
}

Value Value::at(std::size_t place) const {
    if (place >= size()) throw Unreadable();
    return Value(&of(object_, MSGPACK_OBJECT_ARRAY).via.array.ptr[place]);
}

Value Value::at(std::string_view key) const {
    const auto* found = find(key);
    if (found == nullptr) throw Unreadable();
    return Value(found);
}

bool Value::is_list() const {
    return type_of(object_) == MSGPACK_OBJECT_ARRAY;
}

std::string Value::text() const {
    const auto& str = of(object_, MSGPACK_OBJECT_STR).via.str;
    return {str.ptr, str.size};
}

std::uint64_t Value::count() const {
    return of(object_, MSGPACK_OBJECT_POSITIVE_INTEGER).via.u64;
}

std::int64_t Value::integer() const {
    if (type_of(object_) != MSGPACK_OBJECT_NEGATIVE_INTEGER) return std::int64_t(count());
    return of(object_, MSGPACK_OBJECT_NEGATIVE_INTEGER).via.i64;
}

// Lua has one kind of number: a whole one comes as an integer.
double Value::number() const {
    const auto type = type_of(object_);
    const bool real = type == MSGPACK_OBJECT_FLOAT32 || type == MSGPACK_OBJECT_FLOAT64;
    return real ? of(object_, type).via.f64 : double(integer());
}

bool Value::flag() const {
    return of(object_, MSGPACK_OBJECT_BOOLEAN).via.boolean;
}

const void* Value::find(std::string_view key) const {
    const auto& map = of(object_, MSGPACK_OBJECT_MAP).via.map;
    for (std::uint32_t i = 0; i < map.size; ++i) {
        const auto& name = map.ptr[i].key;
        if (name.type == MSGPACK_OBJECT_STR && std::string_view(name.via.str.ptr, name.via.str.size) == key)
            return &map.ptr[i].val;
    }
    return nullptr;
}

Document::Document(std::string_view bytes) {
    auto unpacked = std::shared_ptr<msgpack_unpacked>(new msgpack_unpacked{}, [](msgpack_unpacked* old) {
        msgpack_unpacked_destroy(old);
        delete old;
    });
    std::size_t used = 0;
    const auto done = msgpack_unpack_next(unpacked.get(), bytes.data(), bytes.size(), &used);
    if (done == MSGPACK_UNPACK_SUCCESS && used == bytes.size()) unpacked_ = std::move(unpacked);
}

Value Document::value() const {
    if (unpacked_ == nullptr) throw Unreadable();
    return Value(&static_cast<const msgpack_unpacked*>(unpacked_.get())->data);
}

}  // namespace rightplace::store::msgpack
