// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "daybook/core/clock.h"
#include "daybook/core/random.h"

namespace daybook::testing {

// A clock that moves only when told.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixMillis start = 1'795'000'000'000) : now_(start) {}
  [[nodiscard]] UnixMillis now() const override { return now_; }
  [[nodiscard]] std::int64_t steady_ms() const override { return steady_; }
  void advance(std::int64_t ms) {
    now_ += ms;
    steady_ += ms;
  }
  void jump(std::int64_t ms) { now_ += ms; }  // Wall clock only.

 private:
  std::atomic<UnixMillis> now_;
  std::atomic<std::int64_t> steady_{0};
};

// splitmix64; deterministic, not secure.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(next() >> 56U);
  }
  std::uint64_t next() {
    std::uint64_t z = state_.fetch_add(0x9e3779b97f4a7c15ULL) + 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace daybook::testing
