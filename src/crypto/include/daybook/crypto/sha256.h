// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "daybook/core/bytes.h"

namespace daybook::crypto {

// Incremental SHA-256 (FIPS 180-4) on OpenSSL's low-level block interface: no allocation, no
// provider look-up; for our short inputs several times cheaper than the one-shot call.
class Sha256 {
 public:
  Sha256();
  Sha256& update(ByteSpan bytes);
  Sha256& update(std::string_view text) { return update(as_bytes(text)); }
  Sha256& update(std::uint8_t byte) { return update(ByteSpan(&byte, 1)); }
  // Ends the computation; the object may not be updated afterwards.
  [[nodiscard]] Hash finish();

 private:
  alignas(8) unsigned char state_[112];  // An OpenSSL SHA256_CTX.
};

[[nodiscard]] Hash sha256(ByteSpan bytes);
[[nodiscard]] Hash sha256(std::string_view text);

// HMAC-SHA-256 (RFC 2104).
[[nodiscard]] Hash hmac_sha256(ByteSpan key, ByteSpan message);

}  // namespace daybook::crypto
