// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "daybook/core/bytes.h"
#include "daybook/core/random.h"

namespace daybook::access {

// Remembers for a short while that a password was correct, as an HMAC under a key of this process.
// The stored password hash is part of what is hashed: after a change of password nothing matches.
// Times: monotonic milliseconds. Threads: the owner locks.
class PasswordCache {
 public:
  PasswordCache(Random& random, std::int64_t keep_ms);

  [[nodiscard]] Hash mac(const std::string& account_id, const std::string& password_hash,
                         std::string_view password) const;
  [[nodiscard]] bool holds(const std::string& account_id, const Hash& mac, std::int64_t now) const;
  void put(const std::string& account_id, const Hash& mac, std::int64_t now);

 private:
  struct Entry {
    Hash mac{};
    std::int64_t until = 0;
  };
  std::int64_t keep_ms_;
  Hash key_{};
  std::map<std::string, Entry> entries_;  // One an account: accounts bound it.
};

}  // namespace daybook::access
