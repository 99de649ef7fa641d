#include "common/bus/keyring.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace rightplace::bus {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t key_chars = 40;  // Z85 of 32 bytes

std::string sentence(const std::string& what, const std::string& path) {
    return what + " " + path + ": " + std::strerror(errno);
}

bool is_key(std::string_view text) {
    std::uint8_t raw[32];
    return text.size() == key_chars && zmq_z85_decode(raw, std::string(text).c_str()) != nullptr;
}

std::string read_key(const fs::path& path) {
    std::ifstream in(path);
    std::string text;
    std::getline(in, text);
    return text;
}

// Writes a whole file beside its final name, so that no reader ever sees half a key.
Result<fs::path, std::string> write_aside(const fs::path& path, const std::string& text, mode_t mode) {
    const fs::path aside = path.string() + "." + std::to_string(getpid()) + ".new";
    unlink(aside.c_str());
    const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return Failure{sentence("cannot write", aside)};
    const std::string line = text + "\n";
    const bool written = write(fd, line.data(), line.size()) == ssize_t(line.size()) && fsync(fd) == 0;
    const auto failed = sentence("cannot write", aside);
    close(fd);
    if (!written) return Failure{failed};
    return aside;
}

// link() and not rename(): the first process to arrive wins, the others read what it left.
Result<bool, std::string> make_secret(const fs::path& path) {
    const auto aside = write_aside(path, new_key_pair().secret_key, 0600);
    if (!aside) return Failure{aside.error()};
    const bool linked = link(aside.value().c_str(), path.c_str()) == 0 || errno == EEXIST;
    const auto failed = sentence("cannot create", path);
    unlink(aside.value().c_str());
    if (!linked) return Failure{failed};
    return true;
}

Result<KeyPair, std::string> load_or_make(const fs::path& directory, std::string_view role) {
    const fs::path secret = directory / (std::string(role) + ".secret");
    const fs::path shown = directory / (std::string(role) + ".public");
    if (!fs::exists(secret)) {
        const auto made = make_secret(secret);
        if (!made) return Failure{made.error()};
    }
    struct stat about {};
    if (stat(secret.c_str(), &about) != 0) return Failure{sentence("cannot read", secret)};
    if ((about.st_mode & 077) != 0) return Failure{secret.string() + " is open to others: its mode must be 0600"};
    KeyPair pair{std::string(key_chars + 1, '\0'), read_key(secret)};
    if (!is_key(pair.secret_key)) return Failure{secret.string() + " holds no key"};
    INVARIANT(zmq_curve_public(pair.public_key.data(), pair.secret_key.c_str()) == 0);
    pair.public_key.resize(key_chars);
    if (!fs::exists(shown)) {
        const auto aside = write_aside(shown, pair.public_key, 0644);
        if (!aside) return Failure{aside.error()};
        if (rename(aside.value().c_str(), shown.c_str()) != 0) return Failure{sentence("cannot create", shown)};
    }
    if (read_key(shown) != pair.public_key) return Failure{shown.string() + " does not belong to its secret"};
    return pair;
}

Result<bool, std::string> private_directory(const std::string& directory) {
    std::error_code error;
    const auto parent = fs::path(directory).parent_path();
    if (!parent.empty()) fs::create_directories(parent, error);
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return Failure{sentence("cannot create", directory)};
    struct stat about {};
    if (stat(directory.c_str(), &about) != 0) return Failure{sentence("cannot read", directory)};
    if (!S_ISDIR(about.st_mode)) return Failure{directory + " is not a directory"};
    if ((about.st_mode & 077) != 0) return Failure{directory + " is open to others: its mode must be 0700"};
    return true;
}

}  // namespace

KeyPair new_key_pair() {
    KeyPair pair{std::string(key_chars + 1, '\0'), std::string(key_chars + 1, '\0')};
    INVARIANT(zmq_curve_keypair(pair.public_key.data(), pair.secret_key.data()) == 0);
    pair.public_key.resize(key_chars);
    pair.secret_key.resize(key_chars);
    return pair;
}

Result<Keyring, std::string> Keyring::open(const std::string& directory) {
    const auto usable = private_directory(directory);
    if (!usable) return Failure{usable.error()};
    Keyring ring;
    for (const auto role : roles) {
        auto pair = load_or_make(directory, role);
        if (!pair) return Failure{pair.error()};
        ring.pairs_.emplace(role, std::move(pair.value()));
    }
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        if (entry.path().extension() != ".public") continue;
        const auto key = read_key(entry.path());
        if (!is_key(key)) return Failure{entry.path().string() + " holds no key"};
        const auto role = entry.path().stem().string();
        if (!ring.allowed_.emplace(key, role).second) {
            return Failure{entry.path().string() + " holds a key that stands for another role too"};
        }
    }
    if (error) return Failure{"cannot list " + directory};
    return ring;
}

const KeyPair& Keyring::pair(std::string_view role) const {
    const auto found = pairs_.find(role);
    INVARIANT(found != pairs_.end());
    return found->second;
}

std::optional<std::string> Keyring::public_key(std::string_view role) const {
    const auto found = pairs_.find(role);
    if (found == pairs_.end()) return std::nullopt;
    return found->second.public_key;
}

std::optional<std::string> Keyring::role_of(std::string_view public_key) const {
    const auto found = allowed_.find(public_key);
    if (found == allowed_.end()) return std::nullopt;
    return found->second;
}

}  // namespace rightplace::bus
