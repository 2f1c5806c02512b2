// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/clock.h"
#include "daybook/core/ids.h"
#include "daybook/core/random.h"

namespace daybook::access {

// Sessions of this process, found by the SHA-256 of their cookie. A restart ends them all.
// Threads: the owner locks.
class SessionTable {
 public:
  struct Record {
    std::string account_id;
    Hash password{};  // SHA-256 of the stored password hash: another password ends the session.
    std::string csrf_token;
    UnixMillis expires_at = 0;        // Shown.
    std::int64_t expires_steady = 0;  // Decides.
  };

  SessionTable(Random& random, std::int64_t keep_ms) : random_(random), keep_ms_(keep_ms) {}

  // Makes a session; returns the cookie's value.
  std::string add(Record record, const Clock& clock);
  [[nodiscard]] std::optional<Record> find(std::string_view cookie, const Clock& clock) const;
  void remove(std::string_view cookie);
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

 private:
  void make_room(const std::string& account_id, std::int64_t now);

  Random& random_;
  std::int64_t keep_ms_;
  std::map<Hash, Record> sessions_;
};

}  // namespace daybook::access
