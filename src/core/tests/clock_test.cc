// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/clock.h"

#include <fmt/format.h>

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

namespace daybook {
namespace {

using testing::SeededRandom;

TEST(FormatTime, KnownMoments) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_time(1'767'225'600'000), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(951'782'400'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(format_time(-62'167'219'200'000), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
}

TEST(FormatTime, StaysWithinFourDigitYears) {
  EXPECT_EQ(format_time(INT64_MAX), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_time(INT64_MIN), "0000-01-01T00:00:00.000Z");
}

TEST(ParseTime, IsTheInverseOfFormat) {
  SeededRandom random(1);
  constexpr std::int64_t kSpan = 253'402'300'799'999 + 62'167'219'200'000;
  for (int round = 0; round < 5'000; ++round) {
    const UnixMillis time =
        static_cast<UnixMillis>(random.below(std::uint64_t{kSpan} + 1)) - 62'167'219'200'000;
    EXPECT_EQ(parse_time(format_time(time)).value(), time);
  }
}

// Days counted one by one, from the calendar's rules alone.
TEST(ParseTime, EveryDayOfFourCenturiesFollowsTheOneBefore) {
  const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  UnixMillis expected = parse_time("1899-12-31T12:34:56.789Z").value();
  for (int year = 1900; year < 2300; ++year) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    for (int month = 1; month <= 12; ++month) {
      const int days = lengths[month - 1] + (month == 2 && leap ? 1 : 0);
      for (int day = 1; day <= days; ++day) {
        expected += 86'400'000;
        const auto text = fmt::format("{:04}-{:02}-{:02}T12:34:56.789Z", year, month, day);
        ASSERT_EQ(parse_time(text).value(), expected) << text;
      }
      EXPECT_FALSE(parse_time(fmt::format("{:04}-{:02}-{:02}T12:34:56Z", year, month, days + 1)));
    }
  }
}

TEST(ParseTime, AnyOffsetMeansTheSameMoment) {
  SeededRandom random(2);
  for (int round = 0; round < 1'000; ++round) {
    const auto time = static_cast<UnixMillis>(random.below(4'000'000'000'000));
    const int minutes = static_cast<int>(random.below(2 * 1'440 - 1)) - 1'439;
    std::string text = format_time(time + minutes * 60'000);
    text.pop_back();
    text += fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                        std::abs(minutes) % 60);
    EXPECT_EQ(parse_time(text).value(), time) << text;
  }
  EXPECT_EQ(parse_time("1970-01-01T00:00:00-00:00").value(), 0);
}

TEST(ParseTime, FractionsAreCutNotRounded) {
  const std::vector<std::pair<std::string, int>> fractions = {
      {"", 0},   {".1", 100},    {".12", 120},        {".123", 123},
      {".0", 0}, {".9999", 999}, {".123999999", 123}, {".000999999", 0}};
  for (const auto& [text, ms] : fractions) {
    EXPECT_EQ(parse_time("1970-01-01T00:00:00" + text + "Z").value(), ms) << text;
  }
  EXPECT_EQ(parse_time("1969-12-31T23:59:59.9999Z").value(), -1);
}

TEST(ParseTime, TakesLowerCaseLetters) {
  EXPECT_EQ(parse_time("1970-01-01t00:00:01z").value(), 1'000);
}

TEST(ParseTime, LeapSecondsOnlyWhereUtcHasThem) {
  const UnixMillis end_of_2016 = parse_time("2016-12-31T23:59:59.999Z").value();
  EXPECT_EQ(parse_time("2016-12-31T23:59:60Z").value(), end_of_2016);
  EXPECT_EQ(parse_time("2016-12-31T23:59:60.500Z").value(), end_of_2016);
  EXPECT_EQ(parse_time("2017-01-01T05:29:60+05:30").value(), end_of_2016);
  EXPECT_TRUE(parse_time("2015-06-30T23:59:60Z"));
  EXPECT_TRUE(parse_time("1965-06-30T23:59:60Z"));
  for (const char* text :
       {"2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-30T23:59:60Z",
        "2016-03-31T23:59:60Z", "2016-12-31T23:59:60+01:00", "2016-12-31T23:59:61Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2026",
                           "2026-01-01",
                           "2026-01-01T00:00Z",
                           "2026-01-01T00:00:00",
                           "2026-01-01 00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00.1234567890Z",
                           "2026-01-01T00:00:00,5Z",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00+00:60",
                           "2026-01-01T00:00:00+0000",
                           "2026-01-01T00:00:00+00",
                           "2026-01-01T00:00:00Z ",
                           " 2026-01-01T00:00:00Z",
                           "2026-1-01T00:00:00Z",
                           "+026-01-01T00:00:00Z",
                           "-026-01-01T00:00:00Z",
                           "2026-01-01T-1:00:00Z",
                           "0000-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "20260-01-01T00:00:00Z"}) {
    const auto time = parse_time(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, Errc::invalid);
  }
}

TEST(SystemClock, RunsForward) {
  const std::int64_t before = system_clock().steady_ms();
  EXPECT_GE(system_clock().steady_ms(), before);
  EXPECT_GT(system_clock().now(), parse_time("2020-01-01T00:00:00Z").value());
}

}  // namespace
}  // namespace daybook
