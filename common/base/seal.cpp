#include "common/base/seal.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "common/base/hash.hpp"

namespace rightplace::sealing {
namespace {

static_assert(key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

// The lengths stand before the parts, so that no two pairs give the same bytes.
std::string associated(std::string_view key_id, Context context) {
    std::string all = "rightplace-sealed-1";
    for (const auto part : {key_id, name(context)}) all.append(1, ';').append(std::to_string(part.size())).append(part);
    return all;
}

class File {
   public:
    explicit File(int fd) : fd_(fd) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

   private:
    int fd_;
};

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = ::write(fd, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        bytes.remove_prefix(std::size_t(wrote));
    }
    return true;
}

bool sync_folder_of(const std::string& path) {
    auto folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) folder = ".";
    const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return opened.fd() >= 0 && ::fsync(opened.fd()) == 0;
}

}  // namespace

void wipe(std::string& secret) {
    sodium_memzero(secret.data(), secret.size());
    secret.clear();
}

Key::Key(std::string_view bytes) {
    INVARIANT(bytes.size() == key_bytes);
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

Key::~Key() {
    sodium_memzero(bytes_.data(), bytes_.size());
}

std::string_view name(Context context) {
    switch (context) {
        case Context::person:
            return "person";
        case Context::original:
            return "original";
        case Context::answer:
            return "answer";
        case Context::rationale:
            return "rationale";
        case Context::delivery_body:
            return "delivery-body";
        case Context::note:
            return "note";
        case Context::requester:
            return "requester";
        case Context::wrapped_key:
            return "wrapped-key";
    }
    invariant_broken("a context without a name", __FILE__, __LINE__);
}

Sealed seal(const Key& key, std::string_view key_id, Context context, std::string_view plaintext,
            seams::Random& random) {
    const std::string nonce = random.bytes(nonce_bytes);
    INVARIANT(nonce.size() == nonce_bytes);
    const std::string about = associated(key_id, context);
    std::string ciphertext(plaintext.size() + tag_bytes, '\0');
    unsigned long long length = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(ciphertext.data()), &length,
                                               raw(plaintext), plaintext.size(), raw(about), about.size(), nullptr,
                                               raw(nonce), raw(key.bytes()));
    INVARIANT(length == ciphertext.size());
    Sealed sealed;
    sealed.set_key_id(std::string(key_id));
    sealed.set_nonce(nonce);
    sealed.set_ciphertext(std::move(ciphertext));
    return sealed;
}

Result<std::string, OpenError> open(const Key& key, const Sealed& sealed, Context context) {
    const std::string& ciphertext = sealed.ciphertext();
    if (sealed.nonce().size() != nonce_bytes || ciphertext.size() < tag_bytes) return Failure{OpenError::malformed};
    const std::string about = associated(sealed.key_id(), context);
    std::string plaintext(ciphertext.size() - tag_bytes, '\0');
    unsigned long long length = 0;
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        reinterpret_cast<unsigned char*>(plaintext.data()), &length, nullptr, raw(ciphertext), ciphertext.size(),
        raw(about), about.size(), raw(sealed.nonce()), raw(key.bytes()));
    if (failed != 0) return Failure{OpenError::not_authentic};
    return plaintext;
}

seams::Bytes SystemRandom::bytes(std::size_t count) {
    static const bool ready = sodium_init() >= 0;  // 1: it was ready before
    INVARIANT(ready);
    seams::Bytes chance(count, '\0');
    randombytes_buf(chance.data(), chance.size());
    return chance;
}

Result<Key, SecretError> LocalKey::read(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.fd() < 0) {
        if (errno == ELOOP) return Failure{SecretError::unsafe};
        return Failure{errno == ENOENT ? SecretError::missing : SecretError::unreadable};
    }
    struct stat about {};
    if (::fstat(file.fd(), &about) != 0) return Failure{SecretError::unreadable};
    if (!S_ISREG(about.st_mode) || (about.st_mode & 077) != 0) return Failure{SecretError::unsafe};
    std::string bytes(key_bytes + 1, '\0');  // one more, to see that there is no more
    const auto got = ::read(file.fd(), bytes.data(), bytes.size());
    if (got < 0) return Failure{SecretError::unreadable};
    if (std::size_t(got) != key_bytes) {
        wipe(bytes);
        return Failure{SecretError::malformed};
    }
    Key key(std::string_view(bytes).substr(0, key_bytes));
    wipe(bytes);
    return key;
}

Result<Key, SecretError> LocalKey::create(const std::string& path, seams::Random& random) {
    seams::Bytes bytes = random.bytes(key_bytes);
    const Key key(bytes);
    wipe(bytes);
    // Written beside and linked into place: a crash leaves no half a key under the name, and a link,
    // unlike a rename, never replaces what is there.
    const std::string draft = path + ".new-" + to_hex(random.bytes(8));
    bool written = false;
    {
        const File file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (file.fd() < 0) return Failure{SecretError::unreadable};
        written = write_all(file.fd(), key.bytes()) && ::fsync(file.fd()) == 0;
    }
    const int linked = written ? ::link(draft.c_str(), path.c_str()) : -1;
    const bool exists = written && linked != 0 && errno == EEXIST;
    ::unlink(draft.c_str());
    if (exists) return Failure{SecretError::exists};
    if (linked != 0 || !sync_folder_of(path)) return Failure{SecretError::unreadable};
    return key;
}

Result<Key, SecretError> LocalKey::read_or_create(const std::string& path, seams::Random& random) {
    auto found = read(path);
    if (found || found.error() != SecretError::missing) return found;
    auto made = create(path, random);
    if (!made && made.error() == SecretError::exists) return read(path);
    return made;
}

}  // namespace rightplace::sealing
