// SPDX-License-Identifier: Apache-2.0
#include "time_words.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace daybook::terminal {
namespace {

constexpr UnixMillis kNow = 1'795'514'400'000;  // 2026-11-24T10:00:00Z

class TimeWords : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
  }
  void TearDown() override {
    unsetenv("TZ");
    tzset();
  }

  static std::string moment(const char* text, Zone zone, Edge edge) {
    const auto time = parse_moment(text, zone, edge, kNow);
    return time ? format_time(*time) : "refused";
  }
};

TEST_F(TimeWords, ReadsWholeDaysAtBothEdges) {
  EXPECT_EQ(moment("2026-11-24", Zone::utc, Edge::begin), "2026-11-24T00:00:00.000Z");
  EXPECT_EQ(moment("2026-11-24", Zone::utc, Edge::end), "2026-11-24T23:59:59.999Z");
  EXPECT_EQ(moment("2026-11-24", Zone::local, Edge::begin), "2026-11-23T23:00:00.000Z");
  EXPECT_EQ(moment("yesterday", Zone::utc, Edge::begin), "2026-11-23T00:00:00.000Z");
  EXPECT_EQ(moment("today", Zone::local, Edge::end), "2026-11-24T22:59:59.999Z");
}

// The day on which summer time ends has 25 hours.
TEST_F(TimeWords, KnowsLongAndShortDays) {
  EXPECT_EQ(moment("2026-10-25", Zone::local, Edge::begin), "2026-10-24T22:00:00.000Z");
  EXPECT_EQ(moment("2026-10-25", Zone::local, Edge::end), "2026-10-25T22:59:59.999Z");
}

TEST_F(TimeWords, ReadsTimesInTheZoneOrWithAnOffset) {
  EXPECT_EQ(moment("2026-07-01T10:00", Zone::local, Edge::begin), "2026-07-01T08:00:00.000Z");
  EXPECT_EQ(moment("2026-07-01 10:00:30.25", Zone::local, Edge::end), "2026-07-01T08:00:30.250Z");
  EXPECT_EQ(moment("2026-07-01T10:00:00Z", Zone::local, Edge::begin), "2026-07-01T10:00:00.000Z");
  EXPECT_EQ(moment("2026-07-01T10:00:00+05:30", Zone::utc, Edge::end), "2026-07-01T04:30:00.000Z");
}

TEST_F(TimeWords, RefusesWhatIsNoTime) {
  for (const char* text : {"", "tomorrow", "2026-13-01", "2026-02-30", "24h", "2026-11-24T25:00",
                           "2026-11-24T10", "11/24/2026"}) {
    EXPECT_EQ(moment(text, Zone::utc, Edge::begin), "refused") << text;
  }
}

TEST_F(TimeWords, ReadsSpans) {
  EXPECT_EQ(*parse_ago("90s"), "PT90S");
  EXPECT_EQ(*parse_ago("15m"), "PT15M");
  EXPECT_EQ(*parse_ago("24h"), "PT24H");
  EXPECT_EQ(*parse_ago("7d"), "P7D");
  EXPECT_EQ(*parse_ago("2w"), "P2W");
  EXPECT_EQ(*parse_ago("P1DT2H"), "P1DT2H");
  for (const char* text : {"", "h", "24", "24 h", "-1h", "1.5h", "24hours", "12345678901h"})
    EXPECT_FALSE(parse_ago(text)) << text;
}

TEST_F(TimeWords, ShowsTimes) {
  EXPECT_EQ(show_time(kNow, Zone::utc), "2026-11-24 10:00:00Z");
  EXPECT_EQ(show_time(kNow, Zone::local), "2026-11-24 11:00:00+01:00");
  EXPECT_EQ(show_time(-1, Zone::utc), "1969-12-31 23:59:59Z");
  setenv("TZ", "America/St_Johns", 1);
  tzset();
  EXPECT_EQ(show_time(kNow, Zone::local), "2026-11-24 06:30:00-03:30");
}

}  // namespace
}  // namespace daybook::terminal
