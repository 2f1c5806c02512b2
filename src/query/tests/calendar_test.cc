// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace daybook::query {
namespace {

using Unit = Interval::Unit;

constexpr UnixMillis kHourMs = 3'600'000;
constexpr UnixMillis kDayMs = 24 * kHourMs;

UnixMillis at(const std::string& text) {
  const auto time = parse_time(text);
  EXPECT_TRUE(time) << text;
  return time.value_or(0);
}

std::vector<std::string> bounds(const std::string& interval, const std::string& zone,
                                const std::string& first, const std::string& last) {
  const auto buckets = make_buckets(*parse_interval(interval), zone, at(first), at(last));
  std::vector<std::string> out;
  EXPECT_TRUE(buckets);
  if (buckets) {
    for (const auto bound : buckets->bounds) out.push_back(format_time(bound));
  }
  return out;
}

using Strings = std::vector<std::string>;

TEST(Interval, ParsesAndPrints) {
  for (const char* text : {"auto", "none", "PT1S", "PT15S", "PT1M", "PT30M", "PT90M", "PT1H",
                           "PT12H", "P1D", "P1W", "P1M", "P1Y"}) {
    const auto interval = parse_interval(text);
    ASSERT_TRUE(interval) << text;
    EXPECT_EQ(to_string(*interval), text);
  }
  EXPECT_EQ(*parse_interval("P7D"), *parse_interval("P1W"));
  EXPECT_EQ(*parse_interval("PT24H"), *parse_interval("P1D"));
  EXPECT_EQ(*parse_interval("PT1440M"), *parse_interval("P1D"));
  for (const char* bad : {"",
                          "P",
                          "PT",
                          "PT1",
                          "PTH",
                          "PT0H",
                          "PT5H",
                          "PT7M",
                          "PT25H",
                          "PT48H",
                          "P2D",
                          "P2W",
                          "P3M",
                          "P10Y",
                          "1h",
                          "pt1h",
                          "PT-1H",
                          "PT+1H",
                          "PT1.5H",
                          "PT99999999999S",
                          "PT4294967297S",
                          "PT1H ",
                          "P1H",
                          "AUTO"}) {
    const auto interval = parse_interval(bad);
    ASSERT_FALSE(interval) << bad;
    EXPECT_EQ(interval.error().code, Errc::invalid);
  }
}

TEST(TimeZone, IsOneOfTheDatabase) {
  for (const char* good :
       {"UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Etc/GMT+5"}) {
    EXPECT_TRUE(check_time_zone(good)) << good;
  }
  for (const char* bad :
       {"", "Berlin", "europe/berlin", "+02:00", "../../etc/passwd", "/etc/passwd", "Europe",
        "Europe/", "zone.tab", "right/UTC", "posix/UTC", "leapseconds"}) {
    const auto status = check_time_zone(bad);
    ASSERT_FALSE(status) << bad;
    EXPECT_EQ(status.error().code, Errc::invalid) << bad;
  }
}

TEST(Buckets, HoursCountFromMidnightAndEndWithTheDay) {
  EXPECT_EQ(bounds("PT6H", "UTC", "2026-01-01T07:00:00Z", "2026-01-01T12:00:00Z"),
            (Strings{"2026-01-01T06:00:00.000Z", "2026-01-01T12:00:00.000Z",
                     "2026-01-01T18:00:00.000Z"}));
  // Berlin sets its clocks forward: the day has 23 hours.
  EXPECT_EQ(bounds("PT12H", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            (Strings{"2026-03-28T23:00:00.000Z", "2026-03-29T11:00:00.000Z",
                     "2026-03-29T22:00:00.000Z", "2026-03-30T10:00:00.000Z"}));
  // And back: 25.
  EXPECT_EQ(bounds("PT12H", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z"),
            (Strings{"2026-10-24T22:00:00.000Z", "2026-10-25T10:00:00.000Z",
                     "2026-10-25T22:00:00.000Z", "2026-10-25T23:00:00.000Z"}));
}

TEST(Buckets, DaysFollowTheClocksOfTheZone) {
  EXPECT_EQ(bounds("P1D", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
            (Strings{"2026-03-27T23:00:00.000Z", "2026-03-28T23:00:00.000Z",
                     "2026-03-29T22:00:00.000Z", "2026-03-30T22:00:00.000Z"}));
  // Samoa left out a day.
  EXPECT_EQ(bounds("P1D", "Pacific/Apia", "2011-12-29T20:00:00Z", "2011-12-31T00:00:00Z"),
            (Strings{"2011-12-29T10:00:00.000Z", "2011-12-30T10:00:00.000Z",
                     "2011-12-31T10:00:00.000Z"}));
  // A midnight that the clocks skip: the day begins when they jump.
  EXPECT_EQ(bounds("P1D", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04T03:00:00Z"),
            (Strings{"2018-11-04T03:00:00.000Z", "2018-11-05T02:00:00.000Z"}));
}

TEST(Buckets, WeeksBeginOnMondayMonthsOnTheFirst) {
  EXPECT_EQ(bounds("P1W", "UTC", "2026-11-22T23:59:59Z", "2026-11-24T10:00:00Z"),
            (Strings{"2026-11-16T00:00:00.000Z", "2026-11-23T00:00:00.000Z",
                     "2026-11-30T00:00:00.000Z"}));
  EXPECT_EQ(bounds("P1M", "America/New_York", "2026-02-10T00:00:00Z", "2026-03-20T00:00:00Z"),
            (Strings{"2026-02-01T05:00:00.000Z", "2026-03-01T05:00:00.000Z",
                     "2026-04-01T04:00:00.000Z"}));
  EXPECT_EQ(bounds("P1Y", "UTC", "1969-06-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            (Strings{"1969-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z",
                     "1971-01-01T00:00:00.000Z"}));
}

TEST(Buckets, AnIntervalThatIsTooShortIsInvalid) {
  const auto first = at("2026-01-01T00:00:00Z");
  const auto hour = *parse_interval("PT1H");
  EXPECT_EQ(make_buckets(hour, "UTC", first, first + 1000 * kHourMs - 1)->bounds.size(), 1001U);
  for (const auto last : {first + 1000 * kHourMs, at("9999-12-31T23:59:59Z")}) {
    const auto refused = make_buckets(hour, "UTC", first, last);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_EQ(refused.error().path, "interval");
  }
}

TEST(Buckets, AutoTakesAtMostSixty) {
  const auto first = at("2026-01-01T00:00:00Z");
  const auto chosen = [&](UnixMillis span) {
    const auto buckets = make_buckets({}, "UTC", first, first + span);
    EXPECT_TRUE(buckets && buckets->bounds.size() <= kAutoBucketsMax + 1) << span;
    return buckets ? to_string(buckets->interval) : "";
  };
  EXPECT_EQ(chosen(0), "PT1S");
  EXPECT_EQ(chosen(60'000 - 1), "PT1S");
  EXPECT_EQ(chosen(60'000), "PT5S");
  EXPECT_EQ(chosen(kDayMs), "PT30M");
  EXPECT_EQ(chosen(30 * kDayMs), "P1D");
  EXPECT_EQ(chosen(400 * kDayMs), "P1W");
  const auto all =
      make_buckets({}, "America/St_Johns", at("0000-01-01T00:00:00Z"), at("9999-12-31T23:59:59Z"));
  ASSERT_TRUE(all);
  EXPECT_LE(all->bounds.size(), kAutoBucketsMax + 1);
  EXPECT_LE(all->bounds.front(), at("0000-01-01T00:00:00Z"));
  EXPECT_GT(all->bounds.back(), at("9999-12-31T23:59:59Z"));
}

TEST(Buckets, TimesThatNoEntryCanHaveDoNoHarm) {
  for (const char* zone : {"UTC", "Europe/Berlin"}) {
    for (const auto& interval : {Interval{}, Interval{Unit::second, 1}, Interval{Unit::week, 1}}) {
      const auto whole = make_buckets(interval, zone, INT64_MIN, INT64_MAX);
      EXPECT_EQ(whole.has_value(), interval.unit == Unit::automatic);
      EXPECT_TRUE(make_buckets(interval, zone, INT64_MIN, INT64_MIN));
      EXPECT_TRUE(make_buckets(interval, zone, INT64_MAX, INT64_MAX));
    }
  }
}

// The naive way: the first moment of a day, found by going over its minutes.
UnixMillis naive_day_start(const date::time_zone* zone, UnixMillis time) {
  const auto shown = [zone](UnixMillis t) {
    const date::sys_time<std::chrono::milliseconds> instant{std::chrono::milliseconds(t)};
    return date::floor<date::days>(zone->to_local(instant));
  };
  // Days are told by the greatest date that the clocks have shown so far.
  constexpr UnixMillis kMinuteMs = 60'000;
  const auto from = (time - 3 * kDayMs) / kMinuteMs * kMinuteMs;
  auto greatest = shown(from);
  UnixMillis start = from;
  for (auto t = from; t <= time; t += kMinuteMs) {
    if (shown(t) > greatest) {
      greatest = shown(t);
      start = t;
    }
  }
  return start;
}

TEST(Buckets, DaysAndHoursAgreeWithGoingOverEveryMinute) {
  std::mt19937_64 random(9);
  const Strings zones{"Europe/Berlin",     "America/St_Johns",    "Pacific/Apia",
                      "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu",
                      "America/Havana",    "Antarctica/Troll"};
  // Near changes of the clocks, where it matters.
  const Strings times{"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2006-10-29T02:31:00Z",
                      "2011-12-30T10:00:00Z", "2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z",
                      "2026-04-04T15:00:00Z", "2025-11-02T05:00:00Z", "1999-06-01T00:00:00Z"};
  for (int i = 0; i < 300; ++i) {
    const auto& name = zones[random() % zones.size()];
    const auto* zone = date::locate_zone(name);
    const auto time = at(times[random() % times.size()]) +
                      static_cast<UnixMillis>(random() % (4 * kDayMs)) - 2 * kDayMs;
    SCOPED_TRACE(name + " " + format_time(time));
    const auto start = naive_day_start(zone, time);
    const auto day = make_buckets({Unit::day, 1}, name, time, time);
    ASSERT_TRUE(day);
    ASSERT_EQ(day->bounds.size(), 2U);
    EXPECT_EQ(format_time(day->bounds[0]), format_time(start));
    EXPECT_EQ(format_time(naive_day_start(zone, day->bounds[1])), format_time(day->bounds[1]));
    const auto hours = make_buckets({Unit::hour, 3}, name, time, time);
    ASSERT_TRUE(hours);
    const auto from = start + (time - start) / (3 * kHourMs) * (3 * kHourMs);
    EXPECT_EQ(hours->bounds, (std::vector{from, std::min(from + 3 * kHourMs, day->bounds[1])}));
  }
}

}  // namespace
}  // namespace daybook::query
