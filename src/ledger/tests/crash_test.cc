// SPDX-License-Identifier: Apache-2.0
// What was acknowledged survives power loss, killed processes and every failing file call.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::FaultyFileSystem;
using testing::must_open;
using testing::SeededRandom;
using Loss = FaultyFileSystem::Loss;
using Fault = FaultyFileSystem::Fault;

// Long campaigns (tests/faults/campaign.py) run these tests with seeds and lengths of their own.
std::optional<std::uint64_t> from_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}
std::uint64_t first_seed() {
  constexpr std::uint64_t kSeedsOfARun = 1'000'000;
  return (from_environment("DAYBOOK_SEED").value_or(1) - 1) * kSeedsOfARun + 1;
}
// What a campaign adds up; one line a test.
void report_to_campaign(std::uint64_t cycles, std::uint64_t kills, std::uint64_t acknowledged) {
  if (!from_environment("DAYBOOK_SEED")) return;
  std::printf(R"(campaign: {"cycles": %llu, "kills": %llu, "acknowledged": %llu})"
              "\n",
              static_cast<unsigned long long>(cycles), static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>(acknowledged));
}

// What callers were promised.
struct Promises {
  std::map<std::uint64_t, Hash> leaves;  // By index.
  std::map<std::string, std::uint64_t> ids;
  std::map<std::uint64_t, std::string> checkpoints;  // Notes by size.

  void take(const std::vector<std::string>& names, const Appended& appended) {
    for (std::size_t n = 0; n < names.size(); ++n) {
      const Receipt& receipt = appended.receipts[n];
      leaves[receipt.index.value()] = receipt.leaf_hash;
      ids[names[n]] = receipt.index.value();
    }
  }

  void check(const Reader& reader) const {
    for (const auto& [index, leaf] : leaves) {
      ASSERT_LT(index, reader.size().value()) << "an acknowledged entry is gone";
      ASSERT_EQ(reader.leaf_hash(EntryIndex(index)), leaf);
      const auto entry = reader.read(EntryIndex(index));
      ASSERT_TRUE(entry);
      ASSERT_EQ(record::commit_all(entry->seed, entry->parts), entry->commitments);
    }
    for (const auto& [id, index] : ids) {
      ASSERT_EQ(reader.find(id_key("main", id)), EntryIndex(index));
    }
    for (const auto& [size, note] : checkpoints) {
      const auto kept = reader.checkpoint_at(TreeSize(size));
      ASSERT_TRUE(kept) << "a published checkpoint is gone";
      ASSERT_EQ(kept->note, note);
    }
  }
};

// One life of the process: random appends, repeats, checkpoints and sealing.
void live(Bench& bench, SeededRandom& random, Promises& promises, int& next_id) {
  auto opened = bench.open();
  if (!opened) return;
  Ledger& ledger = **opened;
  for (std::uint64_t step = random.below(8); step > 0; --step) {
    if (random.below(4) == 0) {
      const auto published = publish_and_wait(ledger);
      if (published) promises.checkpoints[published->size.value()] = published->note;
      continue;
    }
    if (random.below(6) == 0) {
      static_cast<void>(ledger.maintain());
      continue;
    }
    std::vector<std::string> names;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      const bool repeat = next_id > 0 && random.below(5) == 0;
      names.push_back("id" + std::to_string(repeat ? static_cast<int>(random.below(
                                                         static_cast<std::uint64_t>(next_id)))
                                                   : next_id++));
    }
    const auto appended = append_and_wait(ledger, bench.batch(names));
    if (appended) promises.take(names, *appended);
  }
}

void expect_sound(Bench& bench, const Promises& promises, const std::string& when) {
  // As found, torn tail and all. A ledger that was never finished being made is none.
  const auto before = verify_directory(bench.fs, testing::kDataDir, {});
  if (before) {
    EXPECT_TRUE(before->ok) << when << ": " << describe(*before);
  } else {
    EXPECT_EQ(before.error().code, Errc::not_found) << when;
    EXPECT_TRUE(promises.leaves.empty() && promises.checkpoints.empty()) << when;
  }
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger) << when;
  promises.check(ledger->reader());
  EXPECT_TRUE(append_and_wait(*ledger, bench.batch({"after " + when}))) << when;
  EXPECT_TRUE(ledger->close()) << when;
  const auto after = bench.verify();
  EXPECT_TRUE(after.ok) << when << ": " << describe(after);
  EXPECT_EQ(after.torn_tail_bytes, 0U);
}

constexpr std::uint64_t kLosses = 4;

class PowerLoss : public ::testing::TestWithParam<Loss> {
 protected:
  // Four lives of one disk, each ended by a loss of power or a kill.
  void run_seed(std::uint64_t seed) {
    Bench bench(seed);
    bench.options.segment_entries = 4;
    SeededRandom random(seed * 31);
    Promises promises;
    int next_id = 0;
    for (int life = 0; life < 4; ++life) {
      {
        auto opened = bench.open();
        ASSERT_TRUE(opened) << "seed " << seed;
        promises.check((*opened)->reader());
        if (random.below(2) == 0) {
          ASSERT_TRUE((*opened)->close());
        } else {
          bench.fs.kill_process();
        }
      }
      if (random.below(3) == 0) {  // Cut off somewhere in the middle of a call.
        bench.fs.fail_call(1 + random.below(60), Fault::short_life, true);
      }
      live(bench, random, promises, next_id);
      if (random.below(4) == 0) {
        bench.fs.kill_process();
        ++kills_;
      } else {
        bench.fs.crash(GetParam());
        ++losses_;
      }
      const auto report = bench.verify();
      ASSERT_TRUE(report.ok) << "seed " << seed << " life " << life << ": " << describe(report);
    }
    expect_sound(bench, promises, "seed " + std::to_string(seed));
    acknowledged_ += promises.leaves.size();
  }

  std::uint64_t losses_ = 0;
  std::uint64_t kills_ = 0;
  std::uint64_t acknowledged_ = 0;
};

TEST_P(PowerLoss, NothingAcknowledgedIsLost) {
  const std::uint64_t wanted = from_environment("DAYBOOK_CYCLES").value_or(720) / kLosses;
  for (std::uint64_t seed = first_seed(); losses_ < wanted; ++seed) {
    run_seed(seed);
    if (HasFailure()) return;
  }
  report_to_campaign(losses_, kills_, acknowledged_);
}

INSTANTIATE_TEST_SUITE_P(Modes, PowerLoss,
                         ::testing::Values(Loss::drop_all_unsynced, Loss::random_subset, Loss::torn,
                                           Loss::keep_all));

// Acknowledged, then the power goes: the shortest form of the promise. Fails in a build without
// fdatasync.
TEST(Crash, AcknowledgedMeansOnDisk) {
  Bench bench;
  Hash leaf{};
  {
    auto ledger = must_open(bench);
    const auto appended = append_and_wait(*ledger, bench.batch({"a"}));
    ASSERT_TRUE(appended);
    leaf = appended->receipts[0].leaf_hash;
    bench.fs.crash(Loss::drop_all_unsynced);
  }
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  EXPECT_FALSE(ledger->recovery().clean);
  ASSERT_EQ(ledger->reader().size(), TreeSize(1));
  EXPECT_EQ(ledger->reader().leaf_hash(EntryIndex(0)), leaf);
}

TEST(Crash, PublishedCheckpointsStay) {
  Bench bench;
  std::string note;
  {
    auto ledger = must_open(bench);
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a"})));
    note = publish_and_wait(*ledger)->note;
    bench.fs.crash(Loss::drop_all_unsynced);
  }
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->reader().latest_checkpoint().note, note);
}

TEST(Crash, FirstCheckpointAfterAnUncleanStopComesByItself) {
  Bench bench;
  {
    auto ledger = must_open(bench);
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a"})));
    bench.fs.kill_process();
  }
  bench.options.checkpoint_interval_ms = 0;
  auto ledger = must_open(bench);
  for (int n = 0; n < 400 && ledger->reader().latest_checkpoint().size == TreeSize(0); ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(ledger->reader().latest_checkpoint().size, TreeSize(1));
}

// After an unclean stop the last, unsigned group may be torn, and only that.
TEST(Crash, WhatIsATornTailAndWhatIsDamage) {
  const FileSystem::Path path = "/data/ledger/journal-00000000000000000000";
  Bench bench;
  std::vector<std::size_t> ends;
  {
    auto ledger = must_open(bench);
    for (const char* id : {"a", "b", "c"}) {
      ASSERT_TRUE(append_and_wait(*ledger, bench.batch({id})));
      ends.push_back(bench.fs.get(path)->size());
      if (ends.size() == 1) {
        ASSERT_TRUE(publish_and_wait(*ledger));
      }
    }
    bench.fs.kill_process();
  }
  const Bytes whole = *bench.fs.get(path);
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    Bytes changed = whole;
    changed[at] ^= 0x40U;
    bench.fs.put(path, changed);
    const auto report = bench.verify();
    if (at < ends[1]) {
      EXPECT_FALSE(report.ok) << at;  // A later group or a signature shows that it was durable.
    } else {
      EXPECT_TRUE(report.ok) << at << describe(report);
      EXPECT_EQ(report.torn_tail_bytes, whole.size() - ends[1]);
      EXPECT_EQ(report.tree_size, 2U);
    }
  }
  bench.fs.put(path,
               Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(ends[1] + 9)));
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->recovery().torn_tail_bytes, 9U);
  EXPECT_EQ(ledger->recovery().entries, 2U);
  EXPECT_EQ(bench.fs.get(path)->size(), ends[1]);
}

// The scenario of the fault loops: a new ledger, several groups over two files, checkpoints, a
// restart.
struct Scenario {
  Promises promises;
  bool fatal = false;

  void run(Bench& bench) {
    int id = 0;
    for (int life = 0; life < 2; ++life) {
      auto opened = bench.open();
      if (!opened) return;
      Ledger& ledger = **opened;
      for (int n = 0; n < 4; ++n) {
        const std::vector<std::string> names{"id" + std::to_string(id),
                                             "id" + std::to_string(id + 1)};
        id += 2;
        const bool could_write = ledger.writable();
        const auto appended = append_and_wait(ledger, bench.batch(names));
        if (appended) {
          EXPECT_TRUE(could_write) << "acknowledged after writing had stopped";
          promises.take(names, *appended);
        }
        if (n % 2 == 1) {
          const auto published = publish_and_wait(ledger);
          if (published) promises.checkpoints[published->size.value()] = published->note;
        }
      }
      static_cast<void>(ledger.close());
    }
  }
};

void fault_loop(Fault fault, bool sticky) {
  std::uint64_t calls = 1;
  std::uint64_t acknowledged = 0;
  for (std::uint64_t n = 1; n <= calls; ++n) {
    Bench bench(first_seed() + n - 1);
    bench.options.segment_entries = 4;
    Scenario scenario;
    bench.fs.fail_call(n, fault, sticky);
    scenario.run(bench);
    if (n == 1) {
      Bench whole(1);
      whole.options.segment_entries = 4;
      Scenario all;
      whole.fs.reset_calls();
      all.run(whole);
      calls = whole.fs.calls();
      ASSERT_GT(calls, 100U);
      ASSERT_EQ(all.promises.leaves.size(), 16U);
    }
    bench.fs.clear_faults();
    bench.fs.crash(n % 2 == 0 ? Loss::drop_all_unsynced : Loss::random_subset);
    expect_sound(bench, scenario.promises, "call " + std::to_string(n));
    if (::testing::Test::HasFailure()) return;
    acknowledged += scenario.promises.leaves.size();
  }
  report_to_campaign(calls, 0, acknowledged);
}

TEST(FaultLoop, EveryCallFailsOnce) {
  fault_loop(Fault::io_error, false);
}
TEST(FaultLoop, EveryCallFailsFromThenOn) {
  fault_loop(Fault::io_error, true);
}
TEST(FaultLoop, DiskFullOnce) {
  fault_loop(Fault::no_space, false);
}
TEST(FaultLoop, DiskFullFromThenOn) {
  fault_loop(Fault::no_space, true);
}
TEST(FaultLoop, TornWriteOnce) {
  fault_loop(Fault::torn_write, false);
}
TEST(FaultLoop, TornWriteFromThenOn) {
  fault_loop(Fault::torn_write, true);
}
TEST(FaultLoop, ProcessDiesInEveryCall) {
  fault_loop(Fault::short_life, true);
}

// The n-th fdatasync fails and its data is lost: no acknowledgement rests on it, and none follows
// it.
TEST(Crash, FailedSyncIsFatal) {
  for (std::uint64_t n = 1; n <= 6; ++n) {
    Bench bench(n);
    Promises promises;
    {
      auto ledger = must_open(bench);
      ASSERT_TRUE(ledger);
      bench.fs.fail_sync(n);
      bool failed = false;
      for (int step = 0; step < 8; ++step) {
        const std::vector<std::string> names{"id" + std::to_string(step)};
        const auto appended = append_and_wait(*ledger, bench.batch(names));
        EXPECT_EQ(static_cast<bool>(appended), !failed && ledger->writable());
        if (!appended) {
          failed = true;
          EXPECT_EQ(appended.error().code, Errc::unavailable);
        } else {
          promises.take(names, *appended);
        }
      }
      EXPECT_TRUE(failed);
      EXPECT_FALSE(ledger->writable());
      EXPECT_EQ(promises.leaves.size(), n - 1);
      EXPECT_EQ(ledger->reader().size(), TreeSize(n - 1));
      const auto published = publish_and_wait(*ledger);
      if (n == 1) {
        EXPECT_TRUE(published);  // The one of size 0 covers all there is.
      } else {
        EXPECT_EQ(published.error().code, Errc::unavailable);
      }
      for (const auto& [index, leaf] : promises.leaves) {
        EXPECT_TRUE(ledger->reader().read(EntryIndex(index)));  // Reading goes on.
      }
      EXPECT_FALSE(ledger->close());
    }
    bench.fs.kill_process();  // The page cache may still show what no disk holds.
    {
      auto ledger = must_open(bench);
      ASSERT_TRUE(ledger);
      promises.check(ledger->reader());
      for (std::uint64_t index = 0; index < ledger->reader().size().value(); ++index) {
        promises.leaves[index] = ledger->reader().leaf_hash(EntryIndex(index));
      }
      const auto published = publish_and_wait(*ledger);
      ASSERT_TRUE(published);
      promises.checkpoints[published->size.value()] = published->note;
    }
    bench.fs.crash(Loss::drop_all_unsynced);
    expect_sound(bench, promises, "sync " + std::to_string(n));
  }
}

TEST(Crash, FullDiskRefusesAndResumes) {
  Bench bench;
  bench.options.segment_entries = 2;
  auto ledger = must_open(bench);
  Promises promises;
  int stored = 0;
  for (int n = 0; n < 30; ++n) {
    const std::vector<std::string> names{"id" + std::to_string(n)};
    if (n % 3 == 1) bench.fs.fail_call(1, Fault::no_space, false);
    const auto appended = append_and_wait(*ledger, bench.batch(names));
    bench.fs.clear_faults();
    if (n % 3 == 1) {
      ASSERT_FALSE(appended);
      EXPECT_EQ(appended.error().code, Errc::exhausted);
    } else {
      ASSERT_TRUE(appended) << n << appended.error().context;
      EXPECT_EQ(appended->receipts[0].index.value(), static_cast<std::uint64_t>(stored++));
      promises.take(names, *appended);
    }
    EXPECT_TRUE(ledger->writable());
  }
  bench.fs.fail_call(1, Fault::no_space, true);
  EXPECT_FALSE(publish_and_wait(*ledger));
  bench.fs.clear_faults();
  promises.check(ledger->reader());
  if (ledger->writable()) {
    EXPECT_TRUE(ledger->close());
  }
  ledger.reset();
  bench.fs.kill_process();
  expect_sound(bench, promises, "full disk");
}

}  // namespace
}  // namespace daybook::ledger
