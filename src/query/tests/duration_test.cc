// SPDX-License-Identifier: Apache-2.0
#include "duration.h"

#include <string>

#include <gtest/gtest.h>

namespace daybook::query {
namespace {

TEST(Duration, MillisecondsOfEachUnit) {
  EXPECT_EQ(parse_duration("PT5M").value(), 300'000);
  EXPECT_EQ(parse_duration("PT8760H").value(), 8760LL * 3'600'000);
  EXPECT_EQ(parse_duration("P1D").value(), 86'400'000);
  EXPECT_EQ(parse_duration("P2W").value(), 14LL * 86'400'000);
  EXPECT_EQ(parse_duration("P1DT2H3M4.5678S").value(), 93'784'567);
  EXPECT_EQ(parse_duration("PT0S").value(), 0);
  EXPECT_EQ(parse_duration("PT0.05S").value(), 50);
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* bad : {"",
                          "P",
                          "PT",
                          "5M",
                          "PT5",
                          "P5M",
                          "P1Y",
                          "PT1D",
                          "P1H",
                          "PT1M1H",
                          "PT1M1M",
                          "-PT1H",
                          "PT-1H",
                          "PT+1H",
                          "PT1.5H",
                          "PT1.S",
                          "PT 1H",
                          "pt1h",
                          "P1DT",
                          "PT1H ",
                          "PTT1H",
                          "P365251D",
                          "PT99999999999999999999H"}) {
    const auto duration = parse_duration(bad);
    ASSERT_FALSE(duration) << bad;
    EXPECT_EQ(duration.error().code, Errc::invalid) << bad;
  }
  EXPECT_TRUE(parse_duration("P365250D"));
}

}  // namespace
}  // namespace daybook::query
