// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "daybook/core/ids.h"

namespace daybook::access {

// Counts wrong passwords per (user, address) and locks the pair. Keys are hashes of what was typed,
// so that unknown users behave like known ones and take equal room. Times: monotonic milliseconds.
// Threads: the owner locks.
class LoginGuard {
 public:
  struct Options {
    int lock_after = 10;
    std::int64_t window_ms = 15 * 60'000;
    std::int64_t duration_ms = 15 * 60'000;
    // Pairs remembered. Each takes an Argon2id computation to get in here, some 16 a second.
    std::size_t pairs_max = 20'000;
  };
  explicit LoginGuard(const Options& options) : options_(options) {}

  // How long the pair stays locked; 0 if it is free.
  [[nodiscard]] std::int64_t locked_ms(const Hash& pair, std::int64_t now) const;
  // True if this wrong password locks the pair.
  bool note_wrong(const Hash& pair, std::int64_t now);
  [[nodiscard]] std::size_t size() const { return pairs_.size(); }

 private:
  struct Pair {
    std::deque<std::int64_t> wrong;  // Times within the window, oldest first.
    std::int64_t locked_until = 0;
  };
  [[nodiscard]] bool is_idle(const Pair& pair, std::int64_t now) const;
  void make_room(std::int64_t now);

  Options options_;
  std::map<Hash, Pair> pairs_;
};

}  // namespace daybook::access
