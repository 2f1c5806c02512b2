// SPDX-License-Identifier: Apache-2.0
#include "failure_throttle.h"

#include <set>

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

namespace daybook::access {
namespace {

using testing::SeededRandom;

Hash key(std::uint64_t n) {
  Hash hash{};
  for (std::size_t i = 0; i < 8; ++i) hash[i] = static_cast<std::uint8_t>(n >> (8 * i));
  return hash;
}

record::Event event_of(std::uint64_t n) {
  record::Event event;
  event.id = "given";
  event.action = "LOGIN_FAILURE";
  event.detail["key"] = n;
  return event;
}

std::uint64_t count_of(const record::Event& event) {
  return event.detail.at("count");
}

TEST(FailureThrottle, OneAMinuteWithTheCountOfTheRest) {
  SeededRandom random(1);
  FailureThrottle throttle(random);
  std::vector<record::Event> out;
  throttle.note(key(1), event_of(1), 0, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(count_of(out[0]), 1U);
  EXPECT_EQ(out[0].id, "given");
  for (int i = 1; i <= 5; ++i) throttle.note(key(1), event_of(1), i * 1'000, out);
  throttle.flush(59'999, out);
  EXPECT_EQ(out.size(), 1U);
  throttle.flush(60'000, out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(count_of(out[1]), 5U);
  EXPECT_NE(out[1].id, "given");  // The first one may have that id already.
  throttle.flush(119'999, out);
  EXPECT_EQ(out.size(), 2U);
  throttle.flush(120'000, out);
  EXPECT_EQ(out.size(), 2U);
  EXPECT_EQ(throttle.size(), 0U);
}

TEST(FailureThrottle, EveryFailureIsCountedOnceAndNoMinuteHasTwoEvents) {
  SeededRandom random(2);
  FailureThrottle throttle(random);
  std::map<std::uint64_t, std::uint64_t> noted;
  std::map<std::uint64_t, std::uint64_t> reported;
  std::map<std::uint64_t, std::int64_t> last;
  std::set<std::string> ids;
  std::int64_t now = 0;
  const auto take = [&](std::vector<record::Event>& out) {
    for (const record::Event& event : out) {
      const std::uint64_t n = event.detail.at("key");
      reported[n] += count_of(event);
      if (last.contains(n)) {
        EXPECT_GE(now - last[n], 60'000);
      }
      last[n] = now;
      if (event.id != "given") {
        EXPECT_TRUE(ids.insert(event.id).second);
      }
    }
    out.clear();
  };
  std::vector<record::Event> out;
  for (int step = 0; step < 5'000; ++step) {
    now += static_cast<std::int64_t>(random.below(3'000));
    const std::uint64_t n = random.below(20);
    if (random.below(5) == 0) {
      throttle.flush(now, out);
    } else {
      ++noted[n];
      throttle.note(key(n), event_of(n), now, out);
    }
    take(out);
  }
  now += 60'000;
  throttle.flush(now, out);
  take(out);
  EXPECT_EQ(noted, reported);
}

TEST(FailureThrottle, MemoryIsBoundedAndNothingGoesUncounted) {
  SeededRandom random(3);
  FailureThrottle throttle(random);
  std::vector<record::Event> out;
  std::uint64_t noted = 0;
  for (std::uint64_t n = 0; n < 12'000; ++n) {
    for (int i = 0; i < 2; ++i, ++noted) throttle.note(key(n), event_of(n), 0, out);
    ASSERT_LE(throttle.size(), 10'000U);
  }
  throttle.flush(60'000, out);
  std::uint64_t reported = 0;
  for (const record::Event& event : out) reported += count_of(event);
  EXPECT_EQ(reported, noted);
}

}  // namespace
}  // namespace daybook::access
