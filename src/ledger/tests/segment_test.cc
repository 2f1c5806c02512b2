// SPDX-License-Identifier: Apache-2.0
// Segments: what is sealed, what readers see before and after, and what is left when a step fails.
#include "segment.h"

#include <gtest/gtest.h>

#include "daybook/ledger/merkle.h"

#include "journal_format.h"
#include "name_filter.h"
#include "segment_writer.h"
#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::FaultyFileSystem;
using testing::must_open;
using testing::SeededRandom;

const FileSystem::Path kLedger = "/data/ledger";

std::vector<std::string> names_of(Bench& bench, const std::string& prefix) {
  std::vector<std::string> found;
  const auto names = bench.fs.list(kLedger);
  for (const std::string& name : *names) {
    if (name.starts_with(prefix)) found.push_back(name);
  }
  return found;
}

// Appends `count` entries e<from>… in batches of `batch`.
void append(Ledger& ledger, Bench& bench, int from, int count, int batch = 1) {
  for (int n = from; n < from + count; n += batch) {
    std::vector<std::string> ids;
    for (int i = n; i < std::min(n + batch, from + count); ++i) {
      ids.push_back("e" + std::to_string(i));
    }
    ASSERT_TRUE(append_and_wait(ledger, bench.batch(ids)));
  }
}

// All that a reader can be asked for, to be compared before and after.
struct Seen {
  std::vector<std::array<std::string, 3>> parts;
  std::vector<Hash> leaves;
  std::vector<std::vector<Hash>> proofs;
  std::vector<Hash> roots;
  std::vector<Bytes> tiles;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen look(const Reader& reader) {
  Seen seen;
  const std::uint64_t size = reader.size().value();
  std::uint64_t next = 0;
  EXPECT_TRUE(reader.scan(EntryIndex(0), EntryIndex(size), [&](const StoredEntry& entry) {
    EXPECT_EQ(entry.index.value(), next++);
    EXPECT_EQ(record::commit_all(entry.seed, entry.parts), entry.commitments);
    const auto one = reader.read(entry.index);
    if (!one) return false;
    EXPECT_EQ(one->parts.bytes, entry.parts.bytes);
    EXPECT_EQ(entry.leaf_hash(), reader.leaf_hash(entry.index));
    seen.parts.push_back(entry.parts.bytes);
    seen.leaves.push_back(entry.leaf_hash());
    return true;
  }));
  EXPECT_EQ(next, size);
  const std::uint64_t step = size < 100 ? 1 : 53;
  for (std::uint64_t at = 1; at <= size; at += step) {
    seen.roots.push_back(reader.root(TreeSize(at)));
    const auto proof = reader.inclusion_proof(EntryIndex(at - 1), TreeSize(size));
    EXPECT_TRUE(proof);
    EXPECT_TRUE(
        verify_inclusion(at - 1, size, seen.leaves[at - 1], *proof, reader.root(TreeSize(size))));
    seen.proofs.push_back(*proof);
    seen.proofs.push_back(*reader.consistency_proof(TreeSize(at), TreeSize(size)));
  }
  const std::uint64_t signed_size = reader.latest_checkpoint().size.value();
  for (const bool entries : {false, true}) {
    for (std::uint64_t number = 0; number * kTileWidth < signed_size; ++number) {
      const auto width = std::min<std::uint64_t>(kTileWidth, signed_size - number * kTileWidth);
      const auto tile = reader.tile({entries, 0, number, static_cast<unsigned>(width)});
      EXPECT_TRUE(tile);
      if (tile) seen.tiles.push_back(*tile);
    }
  }
  return seen;
}

TEST(Segments, ReadersSeeTheSameBeforeAndAfterSealing) {
  for (const std::uint32_t entries : {1U, 4U, 16U, 256U, 512U}) {
    for (const int batch : {3, 40}) {
      Bench bench(entries + static_cast<std::uint32_t>(batch));
      bench.options.segment_entries = entries;
      const int count = entries <= 16 ? 67 : 1030;
      Seen before;
      std::size_t sealed = 0;
      {
        auto ledger = must_open(bench);
        ASSERT_TRUE(ledger);
        append(*ledger, bench, 0, count, batch);
        ASSERT_TRUE(publish_and_wait(*ledger));
        before = look(ledger->reader());
        ASSERT_TRUE(ledger->maintain());
        sealed = names_of(bench, "segment-").size();
        EXPECT_GE(sealed, static_cast<std::size_t>(count - batch) / entries - 1);
        EXPECT_EQ(look(ledger->reader()), before);
        // What stays of the journal: the open file, one group that reaches into its segment, and
        // what a group that is still open keeps from being sealed.
        EXPECT_LE(names_of(bench, "journal-").size(), 3U);
        for (int n = 0; n < count; n += 7) {
          const std::string id = "e" + std::to_string(n);
          EXPECT_EQ(ledger->reader().find(id_key("main", id)),
                    EntryIndex(static_cast<std::uint64_t>(n)));
        }
        EXPECT_FALSE(ledger->reader().find(id_key("main", "nobody")));
        ASSERT_TRUE(ledger->close());
      }
      const auto report = bench.verify();
      EXPECT_TRUE(report.ok) << describe(report);
      EXPECT_EQ(report.tree_size, static_cast<std::uint64_t>(count));
      auto ledger = must_open(bench);
      ASSERT_TRUE(ledger);
      EXPECT_EQ(look(ledger->reader()), before);
      append(*ledger, bench, count, 5);
      EXPECT_EQ(ledger->reader().size().value(), static_cast<std::uint64_t>(count + 5));
      if (HasFailure()) FAIL() << entries << " entries, batches of " << batch;
    }
  }
}

TEST(Segments, OnlyWhatACheckpointCoversIsSealed) {
  Bench bench;
  bench.options.segment_entries = 4;
  auto ledger = must_open(bench);
  append(*ledger, bench, 0, 5);
  ASSERT_TRUE(publish_and_wait(*ledger));
  append(*ledger, bench, 5, 15);
  ASSERT_TRUE(ledger->maintain());
  EXPECT_EQ(names_of(bench, "segment-").size(), 1U);
  ASSERT_TRUE(publish_and_wait(*ledger));
  ASSERT_TRUE(ledger->maintain());
  // 20 entries; the file of the last four is still open.
  EXPECT_EQ(names_of(bench, "segment-").size(), 4U);
  EXPECT_EQ(names_of(bench, "journal-").size(), 1U);
}

TEST(Segments, RepeatsOfSealedEntries) {
  Bench bench;
  bench.options.segment_entries = 4;
  auto ledger = must_open(bench);
  append(*ledger, bench, 0, 10);
  ASSERT_TRUE(publish_and_wait(*ledger));
  ASSERT_TRUE(ledger->maintain());
  const auto again = append_and_wait(*ledger, bench.batch({"e2", "e9"}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->created, 0U);
  EXPECT_EQ(again->receipts[0].index, EntryIndex(2));
  EXPECT_EQ(again->receipts[0].leaf_hash, ledger->reader().leaf_hash(EntryIndex(2)));
  std::vector<Draft> other;
  other.push_back(bench.draft("e2", "other content"));
  EXPECT_EQ(append_and_wait(*ledger, std::move(other)).error().code, Errc::exists);
}

// A crash at any call of sealing: nothing lost, nothing twice, and the next start goes on.
TEST(Segments, EveryCallOfSealingFails) {
  using Fault = FaultyFileSystem::Fault;
  using Loss = FaultyFileSystem::Loss;
  for (const Fault fault :
       {Fault::io_error, Fault::no_space, Fault::torn_write, Fault::short_life}) {
    std::uint64_t calls = 1;
    for (std::uint64_t n = 1; n <= calls; ++n) {
      Bench bench(n);
      bench.options.segment_entries = 4;
      std::vector<Hash> leaves;
      {
        auto ledger = must_open(bench);
        append(*ledger, bench, 0, 11, 3);
        ASSERT_TRUE(publish_and_wait(*ledger));
        for (std::uint64_t i = 0; i < 11; ++i) {
          leaves.push_back(ledger->reader().leaf_hash(EntryIndex(i)));
        }
        bench.fs.reset_calls();
        bench.fs.fail_call(n, fault, fault == Fault::short_life);
        const Status done = ledger->maintain();
        calls = std::max(calls, bench.fs.calls());
        bench.fs.clear_faults();
        if (done || done.error().code == Errc::exhausted ||
            done.error().code == Errc::unavailable) {
          EXPECT_TRUE(ledger->writable());
          EXPECT_TRUE(ledger->maintain());  // Tries again.
        } else if (fault != Fault::short_life) {
          EXPECT_FALSE(ledger->writable());
        }
        if (n % 3 == 0) {
          bench.fs.kill_process();
        } else {
          bench.fs.crash(n % 3 == 1 ? Loss::drop_all_unsynced : Loss::random_subset);
        }
      }
      const auto found = bench.verify();
      EXPECT_TRUE(found.ok) << n << ": " << describe(found);
      auto ledger = must_open(bench);
      ASSERT_TRUE(ledger) << "call " << n;
      ASSERT_EQ(ledger->reader().size(), TreeSize(11));
      for (std::uint64_t i = 0; i < 11; ++i) {
        EXPECT_EQ(ledger->reader().leaf_hash(EntryIndex(i)), leaves[i]);
        EXPECT_TRUE(ledger->reader().read(EntryIndex(i)));
      }
      EXPECT_TRUE(ledger->maintain());
      EXPECT_EQ(names_of(bench, "segment-").size(), 2U);
      EXPECT_TRUE(ledger->close());
      const auto after = bench.verify();
      EXPECT_TRUE(after.ok) << describe(after);
      if (HasFailure()) FAIL() << "fault " << static_cast<int>(fault) << " in call " << n;
    }
    EXPECT_GT(calls, 20U);
  }
}

class SegmentTamper : public ::testing::Test {
 protected:
  void SetUp() override {
    bench.options.segment_entries = 4;
    auto ledger = must_open(bench);
    append(*ledger, bench, 0, 9, 2);
    ASSERT_TRUE(publish_and_wait(*ledger));
    ASSERT_TRUE(ledger->maintain());
    ASSERT_TRUE(ledger->close());
    ASSERT_EQ(names_of(bench, "segment-").size(), 2U);
  }
  Bench bench;
};

// 100 % of flips are found, and named with file, offset and, where there is one, the entry.
TEST_F(SegmentTamper, EveryFlippedByteIsFoundAndLocated) {
  std::size_t flips = 0;
  for (const auto& path : bench.fs.all_files()) {
    if (path.parent_path() != kLedger) continue;
    const Bytes whole = *bench.fs.get(path);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      Bytes changed = whole;
      changed[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
      bench.fs.put(path, changed);
      const auto report = bench.verify();
      ++flips;
      ASSERT_FALSE(report.ok) << path << " byte " << at;
      EXPECT_EQ(report.failures.front().file, "ledger/" + path.filename().string()) << at;
      if (path.filename().string().starts_with("segment-")) {
        EXPECT_TRUE(report.failures.front().offset) << at;
      }
    }
    bench.fs.put(path, whole);
  }
  EXPECT_GT(flips, 5000U);
  EXPECT_TRUE(bench.verify().ok);
}

TEST_F(SegmentTamper, MissingCutLongerAndSwappedFiles) {
  const auto segments = names_of(bench, "segment-");
  const auto journals = names_of(bench, "journal-");
  std::vector<std::string> all = segments;
  all.insert(all.end(), journals.begin(), journals.end());
  for (const std::string& name : all) {
    const Bytes whole = *bench.fs.get(kLedger / name);
    ASSERT_TRUE(bench.fs.remove(kLedger / name));
    EXPECT_FALSE(bench.verify().ok) << name << " missing";
    EXPECT_EQ(bench.open().error().code, Errc::corrupt) << name << " missing";
    for (const int change : {-1, 1, -100}) {
      Bytes changed = whole;
      changed.resize(whole.size() + static_cast<std::size_t>(change), 0);
      bench.fs.put(kLedger / name, changed);
      const auto report = bench.verify();
      EXPECT_FALSE(report.ok) << name << " " << change;
      EXPECT_EQ(report.failures.front().file, "ledger/" + name);
      EXPECT_EQ(bench.open().error().code, Errc::corrupt) << name << " " << change;
    }
    bench.fs.put(kLedger / name, whole);
  }
  const Bytes first = *bench.fs.get(kLedger / segments[0]);
  const Bytes second = *bench.fs.get(kLedger / segments[1]);
  bench.fs.put(kLedger / segments[0], second);
  EXPECT_FALSE(bench.verify().ok);
  bench.fs.put(kLedger / segments[0], first);
  bench.fs.put(kLedger / "segment-00000000000000000008", first);
  EXPECT_FALSE(bench.verify().ok);
}

// With a saved checkpoint only what follows it is read; its root must still come out.
TEST_F(SegmentTamper, OnlyWhatFollowsASavedCheckpoint) {
  std::vector<std::string> notes;
  {
    auto ledger = must_open(bench);
    for (int n = 9; n < 20; ++n) {
      append(*ledger, bench, n, 1);
      notes.push_back(publish_and_wait(*ledger)->note);
    }
    ASSERT_TRUE(ledger->maintain());
    ASSERT_TRUE(ledger->close());
  }
  for (const std::string& note : notes) {
    VerifyOptions options;
    options.saved_checkpoint = note;
    options.since_saved = true;
    const auto report = bench.verify(options);
    EXPECT_TRUE(report.ok) << describe(report);
    EXPECT_EQ(report.tree_size, 20U);
    EXPECT_TRUE(report.anchored_to.has_value());
  }
  VerifyOptions options;
  options.saved_checkpoint = notes.at(4);  // Of 14 entries: three segments.
  options.since_saved = true;
  const auto flip_in = [this](std::uint64_t first, std::size_t at) {
    const FileSystem::Path path = kLedger / segment_name(first);
    Bytes changed = *bench.fs.get(path);
    changed[at] ^= 1U;
    bench.fs.put(path, changed);
  };
  flip_in(0, 40);  // In a block that was checked earlier.
  EXPECT_TRUE(bench.verify(options).ok);
  EXPECT_FALSE(bench.verify().ok);
  flip_in(12, 40);  // In one that was not.
  EXPECT_FALSE(bench.verify(options).ok);
  flip_in(12, 40);
  flip_in(4, bench.fs.get(kLedger / segment_name(4))->size() - 60);  // The root it claims.
  EXPECT_FALSE(bench.verify(options).ok);
}

// A segment that is sound in itself but of other entries: opening sees it by the signed root.
TEST_F(SegmentTamper, SegmentOfAnotherLedger) {
  Bench other(99);
  other.options.segment_entries = 4;
  {
    auto ledger = must_open(other);
    append(*ledger, other, 0, 9, 2);
    ASSERT_TRUE(publish_and_wait(*ledger));
    ASSERT_TRUE(ledger->maintain());
    ASSERT_TRUE(ledger->close());
  }
  const FileSystem::Path path = kLedger / "segment-00000000000000000000";
  bench.fs.put(path, *other.fs.get(path));
  EXPECT_EQ(bench.open().error().code, Errc::corrupt);
  EXPECT_FALSE(bench.verify().ok);
}

TEST(SegmentFormat, DecodersRefuseWhatIsOff) {
  Bytes header;
  put_segment_header(header, {4, 8});
  EXPECT_TRUE(get_segment_header(header));
  for (std::size_t at = 0; at < header.size(); ++at) {
    Bytes changed = header;
    changed[at] ^= 4U;
    EXPECT_FALSE(get_segment_header(changed)) << at;
  }
  Bytes names;
  put_names(names, {{5, 1}, {0x01000000, 0}, {0xffffffff, 2}});
  EXPECT_TRUE(get_names(names, 3));
  EXPECT_FALSE(get_names(names, 2));
  put_names(names, {});
  EXPECT_FALSE(get_names(names, 3));
  EXPECT_FALSE(decompress_block(Bytes{1, 2, 3}, 10));
  const Bytes raw(1000, 'x');
  const Bytes frame = compress_block(raw, Packing::tight);
  EXPECT_EQ(*decompress_block(frame, 1000), raw);
  EXPECT_FALSE(decompress_block(frame, 999));
  EXPECT_FALSE(decompress_block(frame, 1001));
}

TEST(NameFilter, NeverMissesAndRarelyErrs) {
  SeededRandom random(11);
  NameFilter filter(256);
  std::vector<std::vector<IdKey>> keys(70);
  for (auto& segment : keys) {
    std::vector<NameSlot> slots;
    for (int n = 0; n < 256; ++n) {
      segment.push_back(id_key("t", std::to_string(random.below(~std::uint64_t{0}))));
      slots.push_back({name_prefix(segment.back()), 0});
    }
    filter.insert(slots);
    filter.complete();
  }
  for (std::size_t n = 0; n < keys.size(); ++n) {
    for (const IdKey& key : keys[n]) {
      const auto found = filter.candidates(key);
      EXPECT_TRUE(std::ranges::find(found, n) != found.end());
    }
  }
  std::size_t wrong = 0;
  for (int n = 0; n < 1000; ++n) {
    wrong += filter.candidates(id_key("other", std::to_string(n))).size();
  }
  EXPECT_LT(wrong, 1000U * keys.size() / 100);  // Expected one in 400.
}

}  // namespace
}  // namespace daybook::ledger
