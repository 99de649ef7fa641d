// msgpack as Redis's cmsgpack speaks it: bytes are `str` (it refuses `bin`), and a table without entries may come as
// a list or as a map.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rightplace::store::msgpack {

class Writer {
   public:
    // The entries follow, each with its key.
    Writer& map(std::size_t entries);
    Writer& list(std::size_t entries);
    Writer& put(std::string_view bytes);
    Writer& put(const char* text) { return put(std::string_view(text)); }
    Writer& put(const std::string& bytes) { return put(std::string_view(bytes)); }
    Writer& put(std::uint64_t number);
    Writer& put(std::uint32_t number) { return put(std::uint64_t{number}); }
    Writer& put(std::int64_t number);
    Writer& put(double number);
    template <typename T>
    Writer& entry(std::string_view key, const T& value) {
        return put(key).put(value);
    }
    std::string take() { return std::move(bytes_); }

   private:
    std::string bytes_;
};

struct Unreadable : std::runtime_error {
    Unreadable() : std::runtime_error("not the msgpack that was expected") {}
};

// A value inside a Document, good while that lives. Throws Unreadable where the value is of another kind.
class Value {
   public:
    std::size_t size() const;
    Value at(std::size_t place) const;
    Value at(std::string_view key) const;
    bool has(std::string_view key) const { return find(key) != nullptr; }
    bool is_list() const;
    std::string text() const;
    std::uint64_t count() const;
    std::int64_t integer() const;
    double number() const;
    bool flag() const;

   private:
    friend class Document;
    explicit Value(const void* object) : object_(object) {}
    const void* find(std::string_view key) const;
    const void* object_;
};

// `bytes` must outlive it: its texts are not copied.
class Document {
   public:
    explicit Document(std::string_view bytes);
    Value value() const;

   private:
    std::shared_ptr<void> unpacked_;  // empty: they are not one whole value
};

}  // namespace rightplace::store::msgpack
