// SPDX-License-Identifier: Apache-2.0
#include "password_cache.h"

#include "daybook/crypto/sha256.h"

namespace daybook::access {

PasswordCache::PasswordCache(Random& random, std::int64_t keep_ms) : keep_ms_(keep_ms) {
  random.fill(key_);
}

Hash PasswordCache::mac(const std::string& account_id, const std::string& password_hash,
                        std::string_view password) const {
  // Hashing each part first keeps parts of changing length apart, and the password in no buffer.
  Bytes message;
  for (const std::string_view part :
       {std::string_view(account_id), std::string_view(password_hash)}) {
    const Hash hash = crypto::sha256(part);
    message.insert(message.end(), hash.begin(), hash.end());
  }
  const Hash secret = crypto::hmac_sha256(key_, as_bytes(password));
  message.insert(message.end(), secret.begin(), secret.end());
  return crypto::hmac_sha256(key_, message);
}

bool PasswordCache::holds(const std::string& account_id, const Hash& mac, std::int64_t now) const {
  const auto at = entries_.find(account_id);
  return at != entries_.end() && now < at->second.until && equal_constant_time(at->second.mac, mac);
}

void PasswordCache::put(const std::string& account_id, const Hash& mac, std::int64_t now) {
  entries_[account_id] = {mac, now + keep_ms_};
}

}  // namespace daybook::access
