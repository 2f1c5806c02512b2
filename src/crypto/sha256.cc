// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/sha256.h"

#include <array>
#include <new>

#include <openssl/crypto.h>
#include <openssl/sha.h>

// OpenSSL 3 marks the low-level block interface deprecated in favour of EVP. EVP looks up a
// provider and allocates on every computation; leaf and node hashes are so short that this would
// double their cost.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace daybook::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;

SHA256_CTX* context_in(unsigned char* state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state));
}

}  // namespace

Sha256::Sha256() {
  static_assert(sizeof(state_) == sizeof(SHA256_CTX));
  static_assert(alignof(SHA256_CTX) <= 8);
  SHA256_Init(new (state_) SHA256_CTX);
}

Sha256& Sha256::update(ByteSpan bytes) {
  SHA256_Update(context_in(state_), bytes.data(), bytes.size());
  return *this;
}

Hash Sha256::finish() {
  Hash hash{};
  SHA256_Final(hash.data(), context_in(state_));
  return hash;
}

Hash sha256(ByteSpan bytes) {
  return Sha256().update(bytes).finish();
}
Hash sha256(std::string_view text) {
  return sha256(as_bytes(text));
}

Hash hmac_sha256(ByteSpan key, ByteSpan message) {
  std::array<std::uint8_t, kBlockBytes> block{};
  if (key.size() > block.size()) {
    const Hash short_key = sha256(key);
    std::copy(short_key.begin(), short_key.end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  for (auto& byte : block) byte ^= 0x36U;
  const Hash inner = Sha256().update(block).update(message).finish();
  for (auto& byte : block) byte ^= 0x36U ^ 0x5cU;
  const Hash outer = Sha256().update(block).update(inner).finish();
  OPENSSL_cleanse(block.data(), block.size());
  return outer;
}

}  // namespace daybook::crypto

#pragma GCC diagnostic pop
