// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>

#include "daybook/core/bytes.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"

namespace daybook::crypto {

using Ed25519Public = std::array<std::uint8_t, 32>;
using Ed25519Seed = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

// A private key, RFC 8032 pure Ed25519 (deterministic). The seed is wiped on destruction.
// Threads: sign() from any thread.
class Ed25519Key {
 public:
  static Result<Ed25519Key> from_seed(const Ed25519Seed& seed);
  static Result<Ed25519Key> generate(Random& random);
  Ed25519Key(Ed25519Key&&) noexcept;
  Ed25519Key& operator=(Ed25519Key&&) noexcept;
  Ed25519Key(const Ed25519Key&) = delete;
  Ed25519Key& operator=(const Ed25519Key&) = delete;
  ~Ed25519Key();

  [[nodiscard]] const Ed25519Public& public_key() const { return public_; }
  [[nodiscard]] const Ed25519Seed& seed() const { return seed_; }
  [[nodiscard]] Ed25519Signature sign(ByteSpan message) const;

 private:
  Ed25519Key() = default;
  Ed25519Seed seed_{};
  Ed25519Public public_{};
  void* key_ = nullptr;  // EVP_PKEY
};

[[nodiscard]] bool ed25519_verify(const Ed25519Public& key, ByteSpan message,
                                  const Ed25519Signature& signature);

}  // namespace daybook::crypto
