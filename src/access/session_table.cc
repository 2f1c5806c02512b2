// SPDX-License-Identifier: Apache-2.0
#include "session_table.h"

#include <algorithm>

#include "daybook/crypto/sha256.h"

namespace daybook::access {
namespace {

constexpr std::size_t kCookieLength = 43;  // 256 bits.
constexpr std::size_t kCsrfLength = 43;
constexpr std::size_t kSessionsMax = 10'000;
// So that one account cannot push out the sessions of others.
constexpr std::size_t kSessionsPerAccountMax = 100;

}  // namespace

std::string SessionTable::add(Record record, const Clock& clock) {
  make_room(record.account_id, clock.steady_ms());
  std::string cookie = random_base62(random_, kCookieLength);
  record.csrf_token = random_base62(random_, kCsrfLength);
  record.expires_at = clock.now() + keep_ms_;
  record.expires_steady = clock.steady_ms() + keep_ms_;
  sessions_[crypto::sha256(cookie)] = std::move(record);
  return cookie;
}

std::optional<SessionTable::Record> SessionTable::find(std::string_view cookie,
                                                       const Clock& clock) const {
  const auto at = sessions_.find(crypto::sha256(cookie));
  if (at == sessions_.end() || at->second.expires_steady <= clock.steady_ms()) return std::nullopt;
  return at->second;
}

void SessionTable::remove(std::string_view cookie) {
  sessions_.erase(crypto::sha256(cookie));
}

void SessionTable::make_room(const std::string& account_id, std::int64_t now) {
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.expires_steady <= now; });
  const auto older = [](const auto& a, const auto& b) {
    return a.second.expires_steady < b.second.expires_steady;
  };
  auto oldest_own = sessions_.end();
  std::size_t own = 0;
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    if (at->second.account_id != account_id) continue;
    ++own;
    if (oldest_own == sessions_.end() || older(*at, *oldest_own)) oldest_own = at;
  }
  if (own >= kSessionsPerAccountMax) sessions_.erase(oldest_own);
  if (sessions_.size() >= kSessionsMax) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), older));
  }
}

}  // namespace daybook::access
