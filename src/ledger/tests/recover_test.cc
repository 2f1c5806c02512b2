// SPDX-License-Identifier: Apache-2.0
// After a fatal stop, and on damage: what recover_directory does and what it refuses.
#include "daybook/ledger/recover.h"

#include <gtest/gtest.h>

#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::kDataDir;
using testing::must_open;

const FileSystem::Path kJournal = "/data/ledger/journal-00000000000000000000";
const FileSystem::Path kStopMark = "/data/ledger.stopped";

RecoverReport recover(Bench& bench, std::uint64_t accept_loss = 0) {
  auto report = recover_directory(bench.fs, kDataDir, accept_loss);
  EXPECT_TRUE(report) << report.error().context;
  return report ? *std::move(report) : RecoverReport{};
}

// One signed entry, then four groups of one entry that no checkpoint covers.
std::vector<std::size_t> make_ledger(Bench& bench) {
  std::vector<std::size_t> ends;
  auto ledger = must_open(bench);
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    EXPECT_TRUE(append_and_wait(*ledger, bench.batch({id})));
    ends.push_back(bench.fs.get(kJournal)->size());
    if (ends.size() > 1) continue;
    EXPECT_TRUE(publish_and_wait(*ledger));
  }
  bench.fs.kill_process();
  return ends;
}

void flip(Bench& bench, std::size_t at) {
  Bytes bytes = *bench.fs.get(kJournal);
  bytes.at(at) ^= 0x10U;
  bench.fs.put(kJournal, bytes);
}

TEST(Recover, FatalStopIsMarkedUntilTheNextVerifiedStart) {
  Bench bench;
  {
    auto ledger = must_open(bench);
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a"})));
    bench.fs.fail_sync(1);
    EXPECT_FALSE(append_and_wait(*ledger, bench.batch({"b"})));
    EXPECT_FALSE(ledger->writable());
    EXPECT_FALSE(ledger->stopped_because().empty());
    // Stays stopped, whatever comes next.
    EXPECT_EQ(append_and_wait(*ledger, bench.batch({"c"})).error().code, Errc::unavailable);
  }
  bench.fs.kill_process();
  EXPECT_TRUE(*bench.fs.exists(kStopMark));
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  EXPECT_FALSE(*bench.fs.exists(kStopMark));
  EXPECT_TRUE(append_and_wait(*ledger, bench.batch({"d"})));
}

// A ledger that opens by its checksums but whose part no longer fits its commitment: seen only by
// the full verification that follows a stop.
TEST(Recover, StopMarkMakesOpeningRefuseWhatDoesNotVerify) {
  Bench bench;
  {
    auto ledger = must_open(bench);
    Draft draft = bench.draft("a");
    draft.parts.bytes[0][10] ^= 1;
    std::vector<Draft> batch;
    batch.push_back(std::move(draft));
    ASSERT_TRUE(append_and_wait(*ledger, std::move(batch)));
    ASSERT_TRUE(ledger->close());
  }
  EXPECT_TRUE(must_open(bench));
  bench.fs.put(kStopMark, {'x', '\n'});
  const auto refused = bench.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::corrupt);
  const auto report = recover(bench, 100);
  EXPECT_FALSE(report.ok);
  EXPECT_FALSE(report.would_lose);
  EXPECT_TRUE(*bench.fs.exists(kStopMark));
}

TEST(Recover, SoundLedgerLosesItsMark) {
  Bench bench;
  make_ledger(bench);
  bench.fs.put(kStopMark, {'x', '\n'});
  const auto report = recover(bench);
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.lost, 0U);
  EXPECT_EQ(report.found.tree_size, 5U);
  EXPECT_FALSE(*bench.fs.exists(kStopMark));
}

TEST(Recover, CutsUnsignedDamageOnlyIfTheLossIsAccepted) {
  Bench bench;
  const auto ends = make_ledger(bench);
  flip(bench, ends[1] + 100);  // Inside the third group; the later ones show it was durable.
  EXPECT_EQ(bench.open().error().code, Errc::corrupt);
  const Bytes before = *bench.fs.get(kJournal);
  for (const std::uint64_t accepted : {0U, 2U}) {
    const auto refused = recover(bench, accepted);
    EXPECT_FALSE(refused.ok);
    EXPECT_EQ(refused.would_lose, 3U);
    EXPECT_EQ(*bench.fs.get(kJournal), before);
  }
  const auto report = recover(bench, 3);
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.lost, 3U);
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->reader().size(), TreeSize(2));
  EXPECT_TRUE(append_and_wait(*ledger, bench.batch({"c"})));
  ASSERT_TRUE(ledger->close());
  const auto verified = bench.verify();
  EXPECT_TRUE(verified.ok) << describe(verified);
}

TEST(Recover, DamageBelowASignedCheckpointIsNeverCut) {
  Bench bench;
  const auto ends = make_ledger(bench);
  flip(bench, ends[0] - 5);
  const Bytes before = *bench.fs.get(kJournal);
  const auto report = recover(bench, 1'000'000);
  EXPECT_FALSE(report.ok);
  EXPECT_FALSE(report.would_lose);
  EXPECT_EQ(*bench.fs.get(kJournal), before);
}

TEST(Recover, NotWhileAServerRunsAndNotWithoutALedger) {
  Bench bench;
  EXPECT_EQ(recover_directory(bench.fs, "/elsewhere", 0).error().code, Errc::not_found);
  auto ledger = must_open(bench);
  EXPECT_EQ(recover_directory(bench.fs, kDataDir, 0).error().code, Errc::unavailable);
}

}  // namespace
}  // namespace daybook::ledger
