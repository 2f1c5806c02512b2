// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/backup.h"

#include <gtest/gtest.h>

#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::must_open;

constexpr const char* kBackup = "/backup";
constexpr const char* kRestored = "/restored";

// `count` entries in groups of three, in segments of four, with one part of entry 1 erased.
void fill(Bench& bench, int count) {
  bench.options.segment_entries = 4;
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  for (int n = 0; n < count; n += 3) {
    const std::string id = std::to_string(n);
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a" + id, "b" + id, "c" + id})));
  }
  ASSERT_TRUE(publish_and_wait(*ledger));
  ASSERT_TRUE(ledger->maintain());
  if (count > 1) {
    ASSERT_TRUE(ledger->erase({{EntryIndex(1), 0b010}}));
  }
  ASSERT_TRUE(ledger->close());
}

Result<RestoreReport> restore(Bench& bench, const RestoreOptions& options) {
  return restore_directory(bench.fs, kBackup, kRestored, options, bench.clock, bench.random);
}

std::unique_ptr<Ledger> open_restored(Bench& bench) {
  auto ledger =
      Ledger::open(bench.fs, kRestored, bench.options, bench.clock, bench.random, bench.metrics);
  EXPECT_TRUE(ledger) << ledger.error().context;
  return ledger ? *std::move(ledger) : nullptr;
}

TEST(Backup, IsTheLedgerAtItsLatestCheckpoint) {
  for (const int count : {0, 3, 12, 30}) {
    Bench bench;
    fill(bench, count);
    const auto original = bench.verify();
    const auto made = backup_directory(bench.fs, testing::kDataDir, kBackup);
    ASSERT_TRUE(made) << count << made.error().context;
    EXPECT_EQ(made->tree_size, original.tree_size);
    EXPECT_EQ(made->root, original.root);
    EXPECT_EQ(made->origin, original.origin);
    const auto copy = verify_directory(bench.fs, kBackup, {});
    ASSERT_TRUE(copy);
    EXPECT_TRUE(copy->ok) << describe(*copy);
    EXPECT_EQ(copy->erased, original.erased);
  }
}

// What no checkpoint covers yet is left out, and nothing is torn.
TEST(Backup, BesideAnOpenLedger) {
  Bench bench;
  bench.options.segment_entries = 4;
  auto ledger = must_open(bench);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a", "b", "c", "d", "e"})));
  ASSERT_TRUE(publish_and_wait(*ledger));
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"f"})));
  const auto made = backup_directory(bench.fs, testing::kDataDir, kBackup);
  ASSERT_TRUE(made) << made.error().context;
  EXPECT_EQ(made->tree_size, 5U);
  EXPECT_TRUE(append_and_wait(*ledger, bench.batch({"g"})));
  EXPECT_TRUE(ledger->close());
}

TEST(Backup, RefusesWhatIsNotEmptyDamagedOrBeingErased) {
  Bench bench;
  fill(bench, 12);
  bench.fs.put("/full/file", {1});
  EXPECT_EQ(backup_directory(bench.fs, testing::kDataDir, "/full").error().code, Errc::exists);
  EXPECT_EQ(backup_directory(bench.fs, "/nowhere", kBackup).error().code, Errc::not_found);
  bench.fs.put("/data/ledger/erasing", {1});
  EXPECT_EQ(backup_directory(bench.fs, testing::kDataDir, kBackup).error().code, Errc::unavailable);
  ASSERT_TRUE(bench.fs.remove("/data/ledger/erasing"));
  Bytes segment = *bench.fs.get("/data/ledger/segment-00000000000000000000");
  segment[100] ^= 1U;
  bench.fs.put("/data/ledger/segment-00000000000000000000", segment);
  EXPECT_EQ(backup_directory(bench.fs, testing::kDataDir, kBackup).error().code, Errc::corrupt);
}

// A new origin: index, leaf, name and erasure of every entry stay, the old tree is a prefix of the
// new one, the first entry of its own names the old, and nothing is signed under the old name.
TEST(Restore, UnderANewOrigin) {
  for (const int count : {0, 3, 12, 30}) {
    Bench bench;
    fill(bench, count);
    const auto made = backup_directory(bench.fs, testing::kDataDir, kBackup);
    ASSERT_TRUE(made) << made.error().context;
    RestoreOptions how;
    how.why = "disk lost";
    const auto restored = restore(bench, how);
    ASSERT_TRUE(restored) << count << ": " << restored.error().context << restored.error().path;
    EXPECT_NE(restored->origin, made->origin);
    EXPECT_EQ(restored->tree_size, made->tree_size + 1);
    const auto report = verify_directory(bench.fs, kRestored, {});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->ok) << describe(*report);
    EXPECT_EQ(report->erased, count > 1 ? 1U : 0U);

    auto old = must_open(bench);
    auto ledger = open_restored(bench);
    ASSERT_TRUE(ledger);
    const TreeSize size(made->tree_size);
    EXPECT_EQ(ledger->reader().root(size), made->root);
    for (std::uint64_t n = 0; n < made->tree_size; ++n) {
      EXPECT_EQ(ledger->reader().leaf_hash(EntryIndex(n)), old->reader().leaf_hash(EntryIndex(n)));
    }
    const auto entry = ledger->reader().read(EntryIndex(made->tree_size));
    ASSERT_TRUE(entry);
    const auto event = record::decode(entry->parts);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->action, "RESTORE");
    EXPECT_EQ(event->detail["origin"], made->origin);
    EXPECT_EQ(event->detail["treeSize"], made->tree_size);
    EXPECT_EQ(event->detail["rootHash"], to_hex(made->root));
    EXPECT_EQ(event->detail["why"], "disk lost");
    // A repeat is known, also of an entry in a segment, and new ones are taken.
    if (count > 3) {
      const auto repeat = append_and_wait(*ledger, bench.batch({"b3"}));
      ASSERT_TRUE(repeat);
      EXPECT_EQ(repeat->created, 0U);
    }
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"new1", "new2", "new3", "new4", "new5"})));
    ASSERT_TRUE(publish_and_wait(*ledger));
    EXPECT_TRUE(ledger->maintain());
    EXPECT_TRUE(ledger->close());
    const auto after = verify_directory(bench.fs, kRestored, {});
    EXPECT_TRUE(after && after->ok);
  }
}

TEST(Restore, UnderTheOldOriginOnlyFromTheLargestKnownCheckpoint) {
  Bench bench;
  fill(bench, 12);
  const auto made = backup_directory(bench.fs, testing::kDataDir, kBackup);
  ASSERT_TRUE(made);
  std::string at_backup;
  std::string later;
  {
    auto ledger = must_open(bench);
    at_backup = ledger->reader().latest_checkpoint().note;
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"later"})));
    later = publish_and_wait(*ledger)->note;
    ASSERT_TRUE(ledger->close());
  }
  bench.fs.put("/restored/keys/ledger.key", *bench.fs.get("/data/keys/ledger.key"));
  bench.fs.put("/restored/keys/ledger.vkey", *bench.fs.get("/data/keys/ledger.vkey"));
  RestoreOptions how;
  how.same_origin = true;
  EXPECT_EQ(restore(bench, how).error().code, Errc::denied);  // Nothing known outside.
  how.known_checkpoint = later;
  EXPECT_EQ(restore(bench, how).error().code, Errc::denied);  // Would sign a second tree.
  how.known_checkpoint = at_backup;
  const auto restored = restore(bench, how);
  ASSERT_TRUE(restored) << restored.error().context;
  EXPECT_EQ(restored->origin, made->origin);
  const auto report = verify_directory(bench.fs, kRestored, {});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->ok) << describe(*report);
  EXPECT_EQ(report->tree_size, made->tree_size + 1);
}

TEST(Restore, Refusals) {
  Bench bench;
  fill(bench, 12);
  ASSERT_TRUE(backup_directory(bench.fs, testing::kDataDir, kBackup));
  bench.fs.put("/restored/file", {1});
  EXPECT_EQ(restore(bench, {}).error().code, Errc::exists);
  ASSERT_TRUE(bench.fs.remove("/restored/file"));
  RestoreOptions how;
  how.new_origin = bench.verify().origin;
  EXPECT_EQ(restore(bench, how).error().code, Errc::invalid);
  Bytes checkpoints = *bench.fs.get("/backup/ledger/checkpoints");
  checkpoints[40] ^= 1U;
  bench.fs.put("/backup/ledger/checkpoints", checkpoints);
  EXPECT_EQ(
      restore_directory(bench.fs, kBackup, "/other", {}, bench.clock, bench.random).error().code,
      Errc::corrupt);
}

}  // namespace
}  // namespace daybook::ledger
