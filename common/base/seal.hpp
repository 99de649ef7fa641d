// Sealing: how identity and free text travel (messages/envelope.proto, Sealed). XChaCha20-Poly1305
// under one 32-byte key per case. The key id and what the text is (its context) are authenticated
// with it, so a sealed text moved to another case or another field does not open.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/base/seams.hpp"
#include "messages/envelope.pb.h"

namespace rightplace::sealing {

inline constexpr std::size_t key_bytes = 32;
inline constexpr std::size_t nonce_bytes = 24;
inline constexpr std::size_t tag_bytes = 16;

// Overwrites the bytes and empties the string.
void wipe(std::string& secret);

// 32 secret bytes, wiped when it goes. Copies are wiped each on their own.
class Key {
   public:
    explicit Key(std::string_view bytes);  // INVARIANT: exactly key_bytes
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;
    ~Key();
    std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

   private:
    std::array<char, key_bytes> bytes_;
};

// What the sealed text is. The names are authenticated with it: never change one.
enum class Context { person, original, answer, rationale, delivery_body, note, wrapped_key, requester };
std::string_view name(Context context);  // "person", ..., "delivery-body", "note", "wrapped-key"

enum class OpenError {
    malformed,     // the nonce or the ciphertext has an impossible length
    not_authentic  // wrong key, key id or context, or somebody changed it
};

Sealed seal(const Key& key, std::string_view key_id, Context context, std::string_view plaintext,
            seams::Random& random);
Result<std::string, OpenError> open(const Key& key, const Sealed& sealed, Context context);

// Chance from the operating system.
class SystemRandom final : public seams::Random {
   public:
    seams::Bytes bytes(std::size_t count) override;
};

enum class SecretError {
    missing,
    exists,      // create: somebody was there first; the file is as it was
    unsafe,      // not a plain file, or others than its owner may read it
    malformed,   // not exactly key_bytes long
    unreadable,  // or it cannot be written
};

// A 32-byte secret that lives in a file of its own, mode 0600.
class LocalKey {
   public:
    static Result<Key, SecretError> read(const std::string& path);
    // Appears whole or not at all, and is on disk when this returns.
    static Result<Key, SecretError> create(const std::string& path, seams::Random& random);
    static Result<Key, SecretError> read_or_create(const std::string& path, seams::Random& random);
};

}  // namespace rightplace::sealing
