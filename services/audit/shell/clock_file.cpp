#include "services/audit/shell/clock_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace rightplace::audit {
namespace {

constexpr std::size_t file_bytes = 1'024;  // always all of it, so that a shorter line leaves nothing of a longer one

}  // namespace

std::string clock_file_of(const std::string& journal_file) {
    return journal_file + "-clock";
}

std::optional<ClockMark> read_clock(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return clock_mark_from(text);
}

bool keep_clock(const std::string& path, const ClockMark& mark) {
    auto text = to_text(mark);
    if (text.size() > file_bytes) return false;
    text.resize(file_bytes, '\n');
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    const bool kept = ::pwrite(fd, text.data(), text.size(), 0) == ssize_t(text.size()) && ::fdatasync(fd) == 0;
    ::close(fd);
    return kept;
}

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

}  // namespace rightplace::audit
