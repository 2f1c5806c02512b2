// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/metrics.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, CountersOfOneNameAndLabelsAreOne) {
  Metrics metrics;
  auto a = metrics.counter("daybook_things_total", "Things.", {{"kind", "a"}});
  auto again = metrics.counter("daybook_things_total", "Things.", {{"kind", "a"}});
  auto b = metrics.counter("daybook_things_total", "Things.", {{"kind", "b"}});
  a.add();
  again.add(2.5);
  EXPECT_EQ(a.value(), 3.5);
  EXPECT_EQ(b.value(), 0);
  EXPECT_THAT(metrics.render(), HasSubstr("daybook_things_total{kind=\"a\"} 3.5\n"));
  EXPECT_THAT(metrics.render(), HasSubstr("# TYPE daybook_things_total counter\n"));
  EXPECT_THAT(metrics.render(), HasSubstr("# HELP daybook_things_total Things.\n"));
}

TEST(Metrics, GaugesGoUpAndDown) {
  Metrics metrics;
  auto gauge = metrics.gauge("daybook_lag_entries", "Lag.");
  gauge.set(5);
  gauge.set(-2);
  EXPECT_THAT(metrics.render(), HasSubstr("daybook_lag_entries -2\n"));
}

TEST(Metrics, HistogramsHaveTwentyBucketsOfPowersOfTwo) {
  Metrics metrics;
  auto histogram = metrics.histogram("daybook_wait_seconds", "Wait.", 0.5);
  histogram.observe(0.5);
  histogram.observe(0.75);
  histogram.observe(1e9);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("daybook_wait_seconds_bucket{le=\"0.5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("daybook_wait_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("daybook_wait_seconds_bucket{le=\"262144\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("daybook_wait_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("daybook_wait_seconds_count 3\n"));
  EXPECT_EQ(text.find("le=\"524288\""), std::string::npos);
}

TEST(Metrics, HandlesCountFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto counter = metrics.counter("daybook_hits_total", "Hits.");
      for (int i = 0; i < 1'000; ++i) counter.add();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(metrics.counter("daybook_hits_total", "Hits.").value(), 4'000);
}

TEST(MetricsDeathTest, OneNameWithTwoTypesIsABug) {
  Metrics metrics;
  metrics.counter("daybook_x_total", "X.");
  EXPECT_DEATH(metrics.gauge("daybook_x_total", "X."), "check failed");
  EXPECT_DEATH(metrics.counter("not a name", "X."), "check failed");
}

}  // namespace
}  // namespace daybook
