#include "services/adapters/alerts/shell/secret.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/hash.hpp"
#include "services/adapters/alerts/domain/signature.hpp"

namespace rightplace::alerts {
namespace {

constexpr std::size_t made_bytes = 32;
constexpr std::size_t file_max_bytes = 200;

// Written beside and linked into place: a crash leaves no half a secret, and a link never replaces what is there.
bool make(const std::string& path, seams::Random& random) {
    const std::string draft = path + ".new-" + to_hex(random.bytes(8));
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const auto line = secret_to_text(random.bytes(made_bytes)) + "\n";
    const bool written = ::write(fd, line.data(), line.size()) == ssize_t(line.size()) && ::fsync(fd) == 0;
    ::close(fd);
    const bool linked = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const int failed = errno;
    ::unlink(draft.c_str());
    errno = failed;
    return linked;
}

}  // namespace

Result<std::string, std::string> read_or_make_secret(const std::string& path, seams::Random& random) {
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT && !make(path, random))
        return Failure{"cannot make the secret " + path + ": " + std::strerror(errno)};
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return Failure{"cannot read the secret " + path + ": " + std::strerror(errno)};
    struct stat about {};
    std::array<char, file_max_bytes> text{};
    const bool known = ::fstat(fd, &about) == 0;
    const auto got = ::read(fd, text.data(), text.size());
    ::close(fd);
    if (!known || got < 0) return Failure{"cannot read the secret " + path};
    if ((about.st_mode & 077) != 0) return Failure{"the secret " + path + " is open to others: its mode must be 0600"};
    auto bytes = secret_from_text({text.data(), std::size_t(got)});
    if (!bytes) return Failure{"the secret " + path + " must be whsec_ and the base64 of 24 to 64 bytes, on one line"};
    return std::move(*bytes);
}

}  // namespace rightplace::alerts
