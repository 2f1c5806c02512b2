// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/password.h"

#include <sodium.h>

#include <array>

namespace daybook::crypto {
namespace {

// RFC 9106 section 4 offers 64 MiB with 3 passes as its second choice; 2 passes of 64 MiB are
// libsodium's "interactive" and above OWASP's floor (19 MiB, 2 passes).
constexpr std::size_t kMemoryBytes = std::size_t{64} << 20U;
constexpr unsigned long long kPasses = 2;

// libsodium picks its implementations and opens its source of salt once per process.
bool ready() {
  static const bool initialised = sodium_init() >= 0;
  return initialised;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  if (!ready()) return Error{Errc::unavailable, "libsodium does not start"};
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error{Errc::exhausted, "no memory to hash a password"};
  }
  return std::string(text.data());
}

bool verify_password(std::string_view password, std::string_view hash) {
  if (!ready() || hash.size() >= crypto_pwhash_STRBYTES) return false;
  const std::string terminated(hash);
  return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

void wipe(std::string& secret) {
  if (!secret.empty()) sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace daybook::crypto
