#include "services/adapters/bars/shell/watch_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/hash.hpp"

namespace rightplace::bars {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t header_bytes = digest_bytes + 8 + 8;  // digest, generation, length

std::string number_bytes(std::uint64_t value) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &value, 8);
    return bytes;
}

std::uint64_t number_at(const std::string& bytes, std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, 8);
    return value;
}

bool write_all(int fd, const std::string& bytes, off_t at) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto wrote = pwrite(fd, bytes.data() + done, bytes.size() - done, at + off_t(done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        done += std::size_t(wrote);
    }
    return true;
}

std::string read_copy(int fd, std::size_t size, off_t at) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const auto got = pread(fd, bytes.data() + done, size - done, at + off_t(done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += std::size_t(got);
    }
    bytes.resize(done);
    return bytes;
}

struct Copy {
    bool sound = false;
    bool blank = true;
    std::uint64_t generation = 0;
    std::string bytes;
};

Copy parse_copy(const std::string& raw) {
    Copy copy;
    if (raw.size() < header_bytes) return copy;
    copy.generation = number_at(raw, digest_bytes);
    const auto length = number_at(raw, digest_bytes + 8);
    copy.blank = copy.generation == 0 && length == 0;
    if (copy.blank || length > raw.size() - header_bytes) return copy;
    const auto covered = raw.substr(digest_bytes, 16 + length);
    copy.sound = sha256(covered) == raw.substr(0, digest_bytes);
    copy.bytes = raw.substr(header_bytes, length);
    return copy;
}

}  // namespace

WatchFile::WatchFile(int fd, std::size_t slots, std::size_t copy_bytes)
    : fd_(fd), slots_(slots), copy_bytes_(copy_bytes), generation_(slots, 0) {}

WatchFile::WatchFile(WatchFile&& other) noexcept
    : fd_(other.fd_),
      slots_(other.slots_),
      copy_bytes_(other.copy_bytes_),
      generation_(std::move(other.generation_)),
      found_(std::move(other.found_)),
      torn_(other.torn_) {
    other.fd_ = -1;
}

WatchFile::~WatchFile() {
    if (fd_ >= 0) close(fd_);
}

std::size_t WatchFile::capacity() const {
    return copy_bytes_ - header_bytes;
}

Result<WatchFile, std::string> WatchFile::open(const std::string& path, std::size_t slots, std::size_t copy_bytes) {
    INVARIANT(copy_bytes > header_bytes);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return Failure{"cannot open the breach watch's file " + path + ": " + std::strerror(errno)};
    WatchFile file(fd, slots, copy_bytes);
    const auto size = off_t(slots * copy_bytes * 2);
    const int allocated = posix_fallocate(fd, 0, size);
    if (allocated != 0) {
        return Failure{"cannot set aside " + std::to_string(size >> 20) + " MiB for the breach watch in " + path +
                       ": " + std::strerror(allocated)};
    }
    if (fsync(fd) != 0) return Failure{"cannot sync the breach watch's file " + path + ": " + std::strerror(errno)};
    file.scan();
    return file;
}

void WatchFile::scan() {
    for (std::size_t slot = 0; slot < slots_; ++slot) {
        const auto at = off_t(slot * copy_bytes_ * 2);
        Copy best;
        for (const auto half : {at, at + off_t(copy_bytes_)}) {
            // A blank copy is told by its header alone; the body is read only for live ones.
            if (parse_copy(read_copy(fd_, header_bytes, half)).blank) continue;
            Copy copy = parse_copy(read_copy(fd_, copy_bytes_, half));
            if (!copy.sound) {
                ++torn_;
                continue;
            }
            if (copy.generation > best.generation) best = std::move(copy);
        }
        generation_[slot] = best.generation;
        if (best.generation > 0 && !best.bytes.empty()) found_.push_back({slot, std::move(best.bytes)});
    }
}

bool WatchFile::put(std::size_t slot, const std::string& bytes) {
    INVARIANT(slot < slots_);
    const auto generation = generation_[slot] + 1;
    std::string covered = number_bytes(generation);
    covered += number_bytes(bytes.size());
    covered += bytes;
    const auto at = off_t((slot * 2 + generation % 2) * copy_bytes_);
    std::string block = sha256(covered);
    block += covered;
    if (!write_all(fd_, block, at) || fdatasync(fd_) != 0) return false;
    generation_[slot] = generation;
    return true;
}

bool WatchFile::write(std::size_t slot, const std::string& bytes) {
    if (bytes.empty() || bytes.size() > capacity()) return false;
    return put(slot, bytes);
}

bool WatchFile::erase(std::size_t slot) {
    return put(slot, {});
}

}  // namespace rightplace::bars
