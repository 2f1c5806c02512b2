// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/scrubber.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::must_open;

struct Scrubbed : Bench {
  explicit Scrubbed(int groups) {
    options.segment_entries = 4;
    ledger = must_open(*this);
    for (int n = 0; n < groups; ++n) {
      EXPECT_TRUE(append_and_wait(*ledger, batch({"a" + std::to_string(n)})));
    }
    EXPECT_TRUE(publish_and_wait(*ledger));
    EXPECT_TRUE(ledger->maintain());
  }
  Result<ScrubReport> scrub() {
    const auto scrubber =
        Scrubber::make(fs, testing::kDataDir, *ledger, {}, clock, metrics,
                       [this](const ScrubReport& report) { told.push_back(report); });
    return scrubber->run_once();
  }
  std::unique_ptr<Ledger> ledger;
  std::vector<ScrubReport> told;
};

TEST(Scrubber, ReadsAllOfASoundLedger) {
  Scrubbed bench(10);
  const auto report = bench.scrub();
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->damage);
  EXPECT_GE(report->entries, 10U);
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_TRUE(bench.ledger->writable());
  EXPECT_TRUE(append_and_wait(*bench.ledger, bench.batch({"more"})));
  EXPECT_FALSE(bench.scrub()->damage);
  EXPECT_TRUE(bench.ledger->close());
}

// Every file, a byte in each stretch of 7: found, told once, and writing stops for good.
TEST(Scrubber, FindsEveryChangedByteAndStopsWriting) {
  Scrubbed whole(10);
  const auto files = whole.fs.all_files();
  std::size_t flips = 0;
  for (const auto& path : files) {
    if (path.string().find("/data/ledger/") != 0) continue;
    if (path.filename() == "open") continue;  // The writer's own mark, rewritten at each start.
    const Bytes content = *whole.fs.get(path);
    for (std::size_t at = 0; at < content.size(); at += 7) {
      Bytes changed = content;
      changed[at] ^= 0x10U;
      whole.fs.put(path, changed);
      const auto scrubber = Scrubber::make(whole.fs, testing::kDataDir, *whole.ledger, {},
                                           whole.clock, whole.metrics, {});
      const auto report = scrubber->run_once();
      ASSERT_TRUE(report) << path << at << report.error().context;
      EXPECT_TRUE(report->damage) << path << " " << at;
      ++flips;
    }
    whole.fs.put(path, content);
  }
  EXPECT_GT(flips, 100U);
  EXPECT_FALSE(whole.ledger->writable());
  EXPECT_EQ(append_and_wait(*whole.ledger, whole.batch({"x"})).error().code, Errc::unavailable);
  EXPECT_TRUE(whole.ledger->reader().read(EntryIndex(0)));
}

// A stop in the middle goes on where it was, not from the start.
TEST(Scrubber, GoesOnWhereItWas) {
  Scrubbed bench(12);
  bench.fs.put("/data/ledger.scrub", Bytes{'5', ' ', '2', ' ', '0', '\n'});
  const auto report = bench.scrub();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->from, 5);
  EXPECT_LT(report->entries, 12U);
  EXPECT_EQ(bench.scrub()->entries, 12U);
}

}  // namespace
}  // namespace daybook::ledger
