#include "services/adapters/alerts/shell/mark_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace rightplace::alerts {
namespace {

std::string why(const std::string& what, const std::string& path) {
    return "cannot " + what + " " + path + ": " + std::strerror(errno);
}

bool write_all(int fd, const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto wrote = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        done += std::size_t(wrote);
    }
    return ::fsync(fd) == 0;
}

bool sync_folder(const std::string& of) {
    const auto folder = std::filesystem::path(of).parent_path();
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    return synced;
}

}  // namespace

Result<std::optional<Mark>, std::string> MarkFile::read() const {
    std::error_code error;
    if (!std::filesystem::exists(path_, error) && !error) return std::optional<Mark>();
    std::ifstream file(path_);
    Mark mark;
    if (!(file >> mark.journal_id >> mark.seq)) {
        return Failure{path_ + " does not hold a journal's id and a number; remove it, and only new alerts are sent"};
    }
    return std::optional(mark);
}

Result<bool, std::string> MarkFile::write(const Mark& mark) const {
    const std::string aside = path_ + ".new";
    const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return Failure{why("create", aside)};
    const bool written = write_all(fd, mark.journal_id + " " + std::to_string(mark.seq) + "\n");
    ::close(fd);
    if (!written) return Failure{why("write", aside)};
    if (::rename(aside.c_str(), path_.c_str()) != 0 || !sync_folder(path_)) return Failure{why("replace", path_)};
    return true;
}

}  // namespace rightplace::alerts
