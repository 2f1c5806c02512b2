// SPDX-License-Identifier: Apache-2.0
#include "session_table.h"

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

#include "password_cache.h"

namespace daybook::access {
namespace {

using testing::ManualClock;
using testing::SeededRandom;

SessionTable::Record record_of(const std::string& account) {
  SessionTable::Record record;
  record.account_id = account;
  return record;
}

TEST(SessionTable, FindsUntilItExpires) {
  SeededRandom random(1);
  ManualClock clock;
  SessionTable table(random, 1'000);
  const std::string cookie = table.add(record_of("a"), clock);
  EXPECT_GE(cookie.size(), 43U);
  const auto found = table.find(cookie, clock);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account_id, "a");
  EXPECT_EQ(found->expires_at, clock.now() + 1'000);
  EXPECT_GE(found->csrf_token.size(), 43U);
  EXPECT_NE(found->csrf_token, cookie);
  EXPECT_FALSE(table.find(cookie + "x", clock));
  EXPECT_FALSE(table.find("", clock));
  clock.jump(-1'000'000);  // A wall clock set back must not prolong it.
  clock.advance(999);
  EXPECT_TRUE(table.find(cookie, clock));
  clock.advance(1);
  EXPECT_FALSE(table.find(cookie, clock));
}

TEST(SessionTable, RemovesOnlyTheOneNamed) {
  SeededRandom random(1);
  const ManualClock clock;
  SessionTable table(random, 1'000);
  const std::string a = table.add(record_of("a"), clock);
  const std::string b = table.add(record_of("a"), clock);
  table.remove(a);
  table.remove("unknown");
  EXPECT_FALSE(table.find(a, clock));
  EXPECT_TRUE(table.find(b, clock));
}

TEST(SessionTable, AnAccountPushesOutItsOwnOldestSessionOnly) {
  SeededRandom random(1);
  ManualClock clock;
  SessionTable table(random, 1'000'000);
  const std::string other = table.add(record_of("other"), clock);
  clock.advance(1);
  const std::string first = table.add(record_of("a"), clock);
  clock.advance(1);
  const std::string second = table.add(record_of("a"), clock);
  for (int i = 0; i < 99; ++i) {
    clock.advance(1);
    table.add(record_of("a"), clock);
  }
  EXPECT_EQ(table.size(), 101U);
  EXPECT_TRUE(table.find(other, clock));
  EXPECT_FALSE(table.find(first, clock));
  EXPECT_TRUE(table.find(second, clock));
  clock.advance(1'000'000);
  table.add(record_of("b"), clock);
  EXPECT_EQ(table.size(), 1U);
}

TEST(PasswordCache, HoldsForAWhileAndOnlyThatPasswordOfThatAccount) {
  SeededRandom random(1);
  PasswordCache cache(random, 60'000);
  const Hash mac = cache.mac("id", "hash", "password");
  EXPECT_FALSE(cache.holds("id", mac, 0));
  cache.put("id", mac, 0);
  EXPECT_TRUE(cache.holds("id", mac, 59'999));
  EXPECT_FALSE(cache.holds("id", mac, 60'000));
  EXPECT_FALSE(cache.holds("other", mac, 0));
  EXPECT_FALSE(cache.holds("id", cache.mac("id", "hash", "passwore"), 0));
  EXPECT_FALSE(cache.holds("id", cache.mac("id", "new hash", "password"), 0));
}

TEST(PasswordCache, KeysOfTwoProcessesDiffer) {
  SeededRandom random(1);
  const PasswordCache a(random, 1);
  const PasswordCache b(random, 1);
  EXPECT_NE(a.mac("id", "hash", "password"), b.mac("id", "hash", "password"));
}

}  // namespace
}  // namespace daybook::access
