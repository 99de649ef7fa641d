// msgpack as Redis's cmsgpack speaks it: bytes are `str` (it refuses `bin`), and a table without entries may come as
// a list or as a map.
#pragma once

#include <msgpack.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace rightplace::store::msgpack {

class Writer {
   public:
    Writer() { msgpack_packer_init(&packer_, &bytes_, &append); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // The entries follow, each with its key.
    Writer& map(std::size_t entries) { return did(msgpack_pack_map(&packer_, entries)); }
    Writer& list(std::size_t entries) { return did(msgpack_pack_array(&packer_, entries)); }
    Writer& put(std::string_view bytes) {
        return did(msgpack_pack_str_with_body(&packer_, bytes.data(), bytes.size()));
    }
    Writer& put(const char* text) { return put(std::string_view(text)); }
    Writer& put(const std::string& bytes) { return put(std::string_view(bytes)); }
    Writer& put(std::uint64_t number) { return did(msgpack_pack_uint64(&packer_, number)); }
    Writer& put(std::uint32_t number) { return put(std::uint64_t{number}); }
    Writer& put(std::int64_t number) { return did(msgpack_pack_int64(&packer_, number)); }
    Writer& put(double number) { return did(msgpack_pack_double(&packer_, number)); }
    template <typename T>
    Writer& entry(std::string_view key, const T& value) {
        return put(key).put(value);
    }
    std::string take() { return std::move(bytes_); }

   private:
    static int append(void* to, const char* bytes, std::size_t size) {
        static_cast<std::string*>(to)->append(bytes, size);
        return 0;
    }
    Writer& did(int) { return *this; }  // appending to a string does not fail

    std::string bytes_;
    msgpack_packer packer_{};
};

struct Unreadable : std::runtime_error {
    Unreadable() : std::runtime_error("not the msgpack that was expected") {}
};

// A value inside a Document, good while that lives. Throws Unreadable where the value is of another kind.
class Value {
   public:
    explicit Value(const msgpack_object& object) : object_(&object) {}

    std::size_t size() const {
        if (object_->type == MSGPACK_OBJECT_MAP && object_->via.map.size == 0) return 0;
        return of(MSGPACK_OBJECT_ARRAY).via.array.size;
    }
    Value at(std::size_t place) const {
        if (place >= size()) throw Unreadable();
        return Value(object_->via.array.ptr[place]);
    }
    Value at(std::string_view key) const {
        const auto* found = find(key);
        if (found == nullptr) throw Unreadable();
        return Value(*found);
    }
    bool has(std::string_view key) const { return find(key) != nullptr; }
    bool is_list() const { return object_->type == MSGPACK_OBJECT_ARRAY; }

    std::string text() const {
        const auto& str = of(MSGPACK_OBJECT_STR).via.str;
        return {str.ptr, str.size};
    }
    std::uint64_t count() const { return of(MSGPACK_OBJECT_POSITIVE_INTEGER).via.u64; }
    std::int64_t integer() const {
        return object_->type == MSGPACK_OBJECT_NEGATIVE_INTEGER ? object_->via.i64 : std::int64_t(count());
    }
    // Lua has one kind of number: a whole one comes as an integer.
    double number() const {
        const bool real = object_->type == MSGPACK_OBJECT_FLOAT32 || object_->type == MSGPACK_OBJECT_FLOAT64;
        return real ? object_->via.f64 : double(integer());
    }
    bool flag() const { return of(MSGPACK_OBJECT_BOOLEAN).via.boolean; }

   private:
    const msgpack_object& of(msgpack_object_type type) const {
        if (object_->type != type) throw Unreadable();
        return *object_;
    }
    const msgpack_object* find(std::string_view key) const {
        const auto& map = of(MSGPACK_OBJECT_MAP).via.map;
        for (std::uint32_t i = 0; i < map.size; ++i) {
            const auto& name = map.ptr[i].key;
            if (name.type == MSGPACK_OBJECT_STR && std::string_view(name.via.str.ptr, name.via.str.size) == key)
                return &map.ptr[i].val;
        }
        return nullptr;
    }
    const msgpack_object* object_;
};

// `bytes` must outlive it: its texts are not copied.
class Document {
   public:
    explicit Document(std::string_view bytes) {
        msgpack_unpacked_init(&unpacked_);
        std::size_t used = 0;
        whole_ = msgpack_unpack_next(&unpacked_, bytes.data(), bytes.size(), &used) == MSGPACK_UNPACK_SUCCESS &&
                 used == bytes.size();
    }
    ~Document() { msgpack_unpacked_destroy(&unpacked_); }
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    Value value() const {
        if (!whole_) throw Unreadable();
        return Value(unpacked_.data);
    }

   private:
    msgpack_unpacked unpacked_{};
    bool whole_ = false;
};

}  // namespace rightplace::store::msgpack
