// The journal's hash tree: RFC 6962 section 2.1 over SHA-256. Leaves are the stored events' bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rightplace::audit {

inline constexpr std::size_t hash_bytes = 32;

std::string leaf_hash(std::string_view entry);                         // SHA-256(0x00 || entry)
std::string node_hash(std::string_view left, std::string_view right);  // SHA-256(0x01 || left || right)

// The right edge of a growing tree: one root for each perfect subtree (a set bit of the size), the
// largest first. Enough to add leaves and to tell the root, whatever the size.
class Frontier {
   public:
    void add(std::string leaf);  // a leaf hash
    std::uint64_t size() const { return size_; }
    std::string root() const;  // of no leaves: SHA-256("")

    // Fixed form for keeping: the peaks one after another. Nothing when it does not fit the size.
    std::string bytes() const;
    static std::optional<Frontier> from_bytes(std::uint64_t size, std::string_view bytes);

   private:
    std::uint64_t size_ = 0;
    std::vector<std::string> peaks_;
};

}  // namespace rightplace::audit
