// SPDX-License-Identifier: Apache-2.0
#include "login_guard.h"

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

namespace daybook::access {
namespace {

constexpr std::int64_t kMinute = 60'000;

Hash key(std::uint8_t n) {
  Hash hash{};
  hash[0] = n;
  return hash;
}

TEST(LoginGuard, TheTenthWrongPasswordLocksForFifteenMinutes) {
  LoginGuard guard({});
  for (int i = 0; i < 9; ++i) {
    EXPECT_FALSE(guard.note_wrong(key(1), i * kMinute));
    EXPECT_EQ(guard.locked_ms(key(1), i * kMinute), 0);
  }
  EXPECT_TRUE(guard.note_wrong(key(1), 9 * kMinute));
  EXPECT_EQ(guard.locked_ms(key(1), 9 * kMinute), 15 * kMinute);
  EXPECT_EQ(guard.locked_ms(key(1), 24 * kMinute - 1), 1);
  EXPECT_EQ(guard.locked_ms(key(1), 24 * kMinute), 0);
  EXPECT_EQ(guard.locked_ms(key(2), 9 * kMinute), 0);
}

TEST(LoginGuard, OnlyTheLastFifteenMinutesCount) {
  LoginGuard guard({});
  // One every 100 seconds: never ten within 900.
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(guard.note_wrong(key(1), i * 100'000));
}

TEST(LoginGuard, AfterALockTheCountStartsAnew) {
  LoginGuard guard({.lock_after = 3});
  EXPECT_FALSE(guard.note_wrong(key(1), 0));
  EXPECT_FALSE(guard.note_wrong(key(1), 0));
  EXPECT_TRUE(guard.note_wrong(key(1), 0));
  const std::int64_t later = 15 * kMinute;
  EXPECT_FALSE(guard.note_wrong(key(1), later));
  EXPECT_FALSE(guard.note_wrong(key(1), later));
  EXPECT_TRUE(guard.note_wrong(key(1), later));
}

// Against the definition: locked when lock_after wrong ones lie within the window.
TEST(LoginGuard, AgreesWithTheDefinition) {
  testing::SeededRandom random(1);
  for (int round = 0; round < 300; ++round) {
    LoginGuard guard({.lock_after = 4, .window_ms = 100, .duration_ms = 70});
    std::vector<std::int64_t> wrong;
    std::int64_t locked_until = 0;
    std::int64_t now = 1'000;
    for (int step = 0; step < 60; ++step) {
      now += static_cast<std::int64_t>(random.below(50));
      ASSERT_EQ(guard.locked_ms(key(1), now), std::max<std::int64_t>(0, locked_until - now));
      if (now < locked_until) continue;
      wrong.push_back(now);
      const auto recent =
          std::count_if(wrong.begin(), wrong.end(), [&](auto at) { return at > now - 100; });
      ASSERT_EQ(guard.note_wrong(key(1), now), recent >= 4);
      if (recent >= 4) {
        locked_until = now + 70;
        wrong.clear();
      }
    }
  }
}

TEST(LoginGuard, MemoryIsBoundedAndLocksAreTheLastToGo) {
  LoginGuard guard({.lock_after = 2, .pairs_max = 10});
  guard.note_wrong(key(1), 0);
  EXPECT_TRUE(guard.note_wrong(key(1), 0));
  for (std::uint8_t n = 10; n < 200; ++n) guard.note_wrong(key(n), 1);
  EXPECT_LE(guard.size(), 10U);
  EXPECT_GT(guard.locked_ms(key(1), 2), 0);
  // Idle pairs make room without anybody's loss.
  for (std::uint8_t n = 200; n < 209; ++n) guard.note_wrong(key(n), 20 * kMinute);
  EXPECT_TRUE(guard.note_wrong(key(200), 20 * kMinute));
}

}  // namespace
}  // namespace daybook::access
