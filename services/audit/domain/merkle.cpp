#include "services/audit/domain/merkle.hpp"

#include <bit>
#include <utility>

#include "common/base/hash.hpp"
#include "common/base/invariant.hpp"

namespace rightplace::audit {

std::string leaf_hash(std::string_view entry) {
    std::string input(1, '\x00');
    input += entry;
    return sha256(input);
}

std::string node_hash(std::string_view left, std::string_view right) {
    std::string input(1, '\x01');
    input += left;
    input += right;
    return sha256(input);
}

void Frontier::add(std::string leaf) {
    INVARIANT(leaf.size() == hash_bytes);
    // Adding one to the size carries over its trailing ones; each carry joins two equal subtrees.
    for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
        leaf = node_hash(peaks_.back(), leaf);
        peaks_.pop_back();
    }
    peaks_.push_back(std::move(leaf));
    ++size_;
    INVARIANT(peaks_.size() == std::size_t(std::popcount(size_)));
}

std::string Frontier::root() const {
    if (peaks_.empty()) return sha256({});
    std::string root = peaks_.back();
    for (std::size_t i = peaks_.size() - 1; i > 0; --i) root = node_hash(peaks_[i - 1], root);
    return root;
}

std::string Frontier::bytes() const {
    std::string all;
    for (const auto& peak : peaks_) all += peak;
    return all;
}

std::optional<Frontier> Frontier::from_bytes(std::uint64_t size, std::string_view bytes) {
    if (bytes.size() != std::size_t(std::popcount(size)) * hash_bytes) return std::nullopt;
    Frontier frontier;
    frontier.size_ = size;
    for (std::size_t at = 0; at < bytes.size(); at += hash_bytes) {
        frontier.peaks_.emplace_back(bytes.substr(at, hash_bytes));
    }
    return frontier;
}

}  // namespace rightplace::audit
