// The breach watch's own file: preallocated, fixed slots, every write fdatasynced before it counts.
// A slot holds two copies and a write goes to the older one, so a torn write leaves the one before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.hpp"

namespace rightplace::bars {

struct SlotBytes {
    std::size_t slot;
    std::string bytes;
};

class WatchFile {
   public:
    // Creates and preallocates the file when it is missing. The error is a sentence.
    static Result<WatchFile, std::string> open(const std::string& path, std::size_t slots, std::size_t copy_bytes);
    WatchFile(WatchFile&& other) noexcept;
    WatchFile& operator=(WatchFile&&) = delete;
    ~WatchFile();

    const std::vector<SlotBytes>& found() const { return found_; }  // live records at open
    std::size_t torn() const { return torn_; }                      // copies that did not check at open
    // True when it is on disk. False: disk trouble, or the bytes do not fit; nothing was overwritten.
    bool write(std::size_t slot, const std::string& bytes);
    bool erase(std::size_t slot);
    std::size_t slots() const { return slots_; }
    std::size_t capacity() const;  // bytes one record may have

   private:
    WatchFile(int fd, std::size_t slots, std::size_t copy_bytes);
    void scan();
    bool put(std::size_t slot, const std::string& bytes);

    int fd_;
    std::size_t slots_;
    std::size_t copy_bytes_;
    std::vector<std::uint64_t> generation_;
    std::vector<SlotBytes> found_;
    std::size_t torn_ = 0;
};

}  // namespace rightplace::bars
