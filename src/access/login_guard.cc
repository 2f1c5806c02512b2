// SPDX-License-Identifier: Apache-2.0
#include "login_guard.h"

#include <algorithm>

namespace daybook::access {

std::int64_t LoginGuard::locked_ms(const Hash& pair, std::int64_t now) const {
  const auto at = pairs_.find(pair);
  if (at == pairs_.end()) return 0;
  return std::max<std::int64_t>(0, at->second.locked_until - now);
}

bool LoginGuard::note_wrong(const Hash& key, std::int64_t now) {
  if (!pairs_.contains(key) && pairs_.size() >= options_.pairs_max) make_room(now);
  Pair& pair = pairs_[key];
  while (!pair.wrong.empty() && pair.wrong.front() <= now - options_.window_ms) {
    pair.wrong.pop_front();
  }
  pair.wrong.push_back(now);
  if (pair.wrong.size() < static_cast<std::size_t>(options_.lock_after)) return false;
  pair.wrong.clear();
  pair.locked_until = now + options_.duration_ms;
  return true;
}

bool LoginGuard::is_idle(const Pair& pair, std::int64_t now) const {
  return pair.locked_until <= now &&
         (pair.wrong.empty() || pair.wrong.back() <= now - options_.window_ms);
}

void LoginGuard::make_room(std::int64_t now) {
  std::erase_if(pairs_, [&](const auto& entry) { return is_idle(entry.second, now); });
  if (pairs_.size() < options_.pairs_max) return;
  // The one whose loss matters least: unlocked before locked, then with the fewest wrong passwords.
  const auto least =
      std::min_element(pairs_.begin(), pairs_.end(), [&](const auto& a, const auto& b) {
        const std::int64_t a_until = std::max(a.second.locked_until, now);
        const std::int64_t b_until = std::max(b.second.locked_until, now);
        if (a_until != b_until) return a_until < b_until;
        return a.second.wrong.size() < b.second.wrong.size();
      });
  pairs_.erase(least);
}

}  // namespace daybook::access
