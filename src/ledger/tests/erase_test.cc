// SPDX-License-Identifier: Apache-2.0
// Erasing: the bytes and what could reproduce them are gone, everything else holds.
#include <gtest/gtest.h>

#include "daybook/ledger/merkle.h"

#include "journal_format.h"
#include "segment.h"
#include "tests/support.h"

namespace daybook::ledger {
namespace {

using record::Part;
using testing::Bench;
using testing::describe;
using testing::FaultyFileSystem;
using testing::must_open;

constexpr std::uint8_t kActor = 1U << 1U;
constexpr std::uint8_t kEvent = 1U << 0U;
const FileSystem::Path kLedger = "/data/ledger";

// Entry n has the actor `person<n>`.
Draft draft_of(Bench& bench, int n) {
  const std::string id = "e" + std::to_string(n);
  record::Event event = testing::make_event(id);
  event.actor.username = "person" + std::to_string(n) + ".";
  return prepare(event, testing::make_content(id), bench.random);
}

void append(Ledger& ledger, Bench& bench, int from, int count) {
  std::vector<Draft> batch;
  for (int n = from; n < from + count; ++n) batch.push_back(draft_of(bench, n));
  ASSERT_TRUE(append_and_wait(ledger, std::move(batch)));
}

// 4 entries a segment: two segments, a group that reaches from one into the next, a journal.
void fill(Ledger& ledger, Bench& bench) {
  append(ledger, bench, 0, 3);
  append(ledger, bench, 3, 3);
  append(ledger, bench, 6, 1);
  append(ledger, bench, 7, 3);
  append(ledger, bench, 10, 1);
  ASSERT_TRUE(publish_and_wait(ledger));
}

// Every file under the data directory, blocks of segments decompressed.
std::vector<std::pair<std::string, std::string>> all_bytes(Bench& bench) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& path : bench.fs.all_files()) {
    const Bytes bytes = *bench.fs.get(path);
    found.emplace_back(path.string(), as_text(bytes));
    if (!path.filename().string().starts_with("segment-")) continue;
    const auto segment = Segment::open(bench.fs, path);
    if (!segment) continue;
    for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
      for (std::size_t n = 0; n < (*segment)->directory()[kind].size(); ++n) {
        const auto block = (*segment)->block(kind, n);
        if (block) found.emplace_back(path.string() + " block", as_text((*block)->raw));
      }
    }
  }
  return found;
}

bool is_anywhere(Bench& bench, std::string_view bytes) {
  for (const auto& [file, content] : all_bytes(bench)) {
    if (content.find(bytes) != std::string::npos) return true;
  }
  return false;
}

void expect_erased_actor(Bench& bench, const Reader& reader, int n, const StoredEntry& before) {
  const EntryIndex index(static_cast<std::uint64_t>(n));
  const auto now = reader.read(index);
  ASSERT_TRUE(now) << now.error().context;
  EXPECT_TRUE(now->is_erased(Part::actor));
  EXPECT_TRUE(now->parts[Part::actor].empty());
  EXPECT_EQ(now->seed, record::Seed{});
  EXPECT_EQ(now->salt(Part::actor), record::Salt{});
  EXPECT_EQ(now->commitments, before.commitments);
  EXPECT_EQ(now->leaf_hash(), reader.leaf_hash(index));
  for (const Part kept : {Part::event, Part::change}) {
    EXPECT_FALSE(now->is_erased(kept));
    EXPECT_EQ(now->parts[kept], before.parts[kept]);
    EXPECT_EQ(record::commit(kept, now->salt(kept), now->parts[kept]),
              before.commitments[static_cast<std::size_t>(kept) - 1]);
  }
  EXPECT_EQ(reader.find(id_key("main", "e" + std::to_string(n))), index);
  EXPECT_FALSE(is_anywhere(bench, "person" + std::to_string(n) + "."));
  // Neither the seed nor the salt it gave, with which the commitment could be tried for.
  EXPECT_FALSE(is_anywhere(bench, as_text(before.seed)));
  EXPECT_FALSE(is_anywhere(bench, as_text(before.salt(Part::actor))));
}

TEST(Erase, BytesAndSeedsAreGoneAndProofsHold) {
  Bench bench;
  bench.options.segment_entries = 4;
  auto ledger = must_open(bench);
  fill(*ledger, bench);
  ASSERT_TRUE(ledger->maintain());
  const Reader& reader = ledger->reader();
  const auto checkpoint = reader.latest_checkpoint();
  std::vector<StoredEntry> before;
  std::vector<std::vector<Hash>> proofs;
  for (std::uint64_t n = 0; n < 11; ++n) {
    before.push_back(*reader.read(EntryIndex(n)));
    proofs.push_back(*reader.inclusion_proof(EntryIndex(n), checkpoint.size));
    ASSERT_TRUE(is_anywhere(bench, "person" + std::to_string(n) + "."));
  }
  // In a segment; in a segment and the journal; in the journal; in its open file.
  const std::vector<int> erased{1, 5, 7, 9, 10};
  std::vector<Erasure> what;
  for (const int n : erased) what.push_back({EntryIndex(static_cast<std::uint64_t>(n)), kActor});
  ASSERT_TRUE(ledger->erase(what));
  const auto check = [&](const Reader& now) {
    for (const int n : erased) {
      expect_erased_actor(bench, now, n, before[static_cast<std::size_t>(n)]);
    }
    for (std::uint64_t n = 0; n < 11; ++n) {
      const auto entry = now.read(EntryIndex(n));
      ASSERT_TRUE(entry);
      EXPECT_TRUE(verify_inclusion(n, checkpoint.size.value(), entry->leaf_hash(), proofs[n],
                                   checkpoint.root));
      EXPECT_EQ(*now.inclusion_proof(EntryIndex(n), checkpoint.size), proofs[n]);
      if (std::ranges::find(erased, static_cast<int>(n)) != erased.end()) continue;
      EXPECT_EQ(entry->erased, 0);
      EXPECT_EQ(entry->parts.bytes, before[n].parts.bytes);
    }
  };
  check(reader);
  // Again changes nothing; more parts add up.
  ASSERT_TRUE(ledger->erase({{EntryIndex(1), kActor}, {EntryIndex(9), kActor}}));
  check(reader);
  append(*ledger, bench, 11, 3);
  ASSERT_TRUE(publish_and_wait(*ledger));
  ASSERT_TRUE(ledger->maintain());  // Erased entries of the journal are sealed.
  check(reader);
  ASSERT_TRUE(ledger->close());
  const auto report = bench.verify();
  EXPECT_TRUE(report.ok) << describe(report);
  EXPECT_EQ(report.erased, erased.size());
  ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  check(ledger->reader());
}

TEST(Erase, RepeatsOfAnErasedIdAreRefused) {
  for (const bool sealed : {false, true}) {
    Bench bench;
    bench.options.segment_entries = 4;
    auto ledger = must_open(bench);
    fill(*ledger, bench);
    if (sealed) {
      ASSERT_TRUE(ledger->maintain());
    }
    ASSERT_TRUE(ledger->erase({{EntryIndex(2), kActor}, {EntryIndex(3), kEvent}}));
    for (const char* id : {"e2", "e3"}) {
      EXPECT_EQ(append_and_wait(*ledger, bench.batch({id})).error().code, Errc::exists);
      EXPECT_TRUE(ledger->reader().find(id_key("main", id)));
    }
    const auto entry = ledger->reader().read(EntryIndex(3));
    ASSERT_TRUE(entry);
    EXPECT_TRUE(entry->parts[Part::event].empty());
    EXPECT_FALSE(entry->parts[Part::actor].empty());
  }
}

TEST(Erase, NoSuchEntryOrPart) {
  Bench bench;
  auto ledger = must_open(bench);
  append(*ledger, bench, 0, 2);
  EXPECT_EQ(ledger->erase({{EntryIndex(2), kActor}}).error().code, Errc::invalid);
  EXPECT_EQ(ledger->erase({{EntryIndex(0), 8}}).error().code, Errc::invalid);
  EXPECT_EQ(ledger->erase({{EntryIndex(0), 0}}).error().code, Errc::invalid);
  EXPECT_TRUE(ledger->writable());
  // The change part is absent: nothing to erase, so nothing is marked.
  EXPECT_TRUE(ledger->erase({{EntryIndex(0), 4}}));
  EXPECT_EQ(ledger->reader().read(EntryIndex(0))->erased, 0);
}

TEST(Erase, AClosedLedgerErasesNothing) {
  Bench bench;
  auto ledger = must_open(bench);
  append(*ledger, bench, 0, 2);
  ASSERT_TRUE(ledger->close());
  EXPECT_EQ(ledger->erase({{EntryIndex(0), kActor}}).error().code, Errc::unavailable);
  EXPECT_TRUE(is_anywhere(bench, "person0."));
  EXPECT_TRUE(bench.verify().ok);
}

// A crash or a failure at any call: when it was said to be done it is, what was begun is finished
// at the next start, and nothing else ever changes.
TEST(Erase, EveryCallOfErasingFails) {
  using Fault = FaultyFileSystem::Fault;
  using Loss = FaultyFileSystem::Loss;
  for (const Fault fault :
       {Fault::io_error, Fault::no_space, Fault::torn_write, Fault::short_life}) {
    std::uint64_t calls = 1;
    for (std::uint64_t n = 0; n <= calls; ++n) {  // First with none failing, to count them.
      Bench bench(n);
      bench.options.segment_entries = 4;
      std::vector<StoredEntry> before;
      bool done = false;
      {
        auto ledger = must_open(bench);
        fill(*ledger, bench);
        ASSERT_TRUE(ledger->maintain());
        for (std::uint64_t i = 0; i < 11; ++i) {
          before.push_back(*ledger->reader().read(EntryIndex(i)));
        }
        bench.fs.reset_calls();
        if (n > 0) bench.fs.fail_call(n, fault, fault == Fault::short_life);
        done = ledger->erase({{EntryIndex(1), kActor}, {EntryIndex(10), kActor}}).has_value();
        calls = std::max(calls, bench.fs.calls());
        bench.fs.clear_faults();
        if (n % 3 == 0) {
          bench.fs.kill_process();
        } else {
          bench.fs.crash(n % 3 == 1 ? Loss::drop_all_unsynced : Loss::random_subset);
        }
      }
      const auto found = bench.verify();
      EXPECT_TRUE(found.ok) << describe(found);
      auto ledger = must_open(bench);
      ASSERT_TRUE(ledger) << "call " << n;
      ASSERT_EQ(ledger->reader().size(), TreeSize(11));
      const bool erased = ledger->reader().read(EntryIndex(1))->erased != 0;
      EXPECT_TRUE(erased || !done);
      EXPECT_EQ(ledger->reader().read(EntryIndex(10))->erased != 0, erased) << "half done";
      for (std::uint64_t i = 0; i < 11; ++i) {
        const auto entry = ledger->reader().read(EntryIndex(i));
        ASSERT_TRUE(entry);
        EXPECT_EQ(entry->leaf_hash(), before[i].leaf_hash());
        EXPECT_EQ(entry->parts[Part::event], before[i].parts[Part::event]);
      }
      ASSERT_TRUE(ledger->erase({{EntryIndex(1), kActor}, {EntryIndex(10), kActor}}));
      expect_erased_actor(bench, ledger->reader(), 1, before[1]);
      expect_erased_actor(bench, ledger->reader(), 10, before[10]);
      EXPECT_TRUE(ledger->close());
      const auto after = bench.verify();
      EXPECT_TRUE(after.ok) << describe(after);
      EXPECT_EQ(after.erased, 2U);
      if (HasFailure()) FAIL() << "fault " << static_cast<int>(fault) << " in call " << n;
    }
    EXPECT_GT(calls, 25U);
  }
}

TEST(Erase, EveryFlippedByteOfAnErasedLedgerIsFound) {
  Bench bench;
  bench.options.segment_entries = 4;
  {
    auto ledger = must_open(bench);
    fill(*ledger, bench);
    ASSERT_TRUE(ledger->maintain());
    ASSERT_TRUE(ledger->erase({{EntryIndex(1), kActor}, {EntryIndex(10), kActor}}));
    ASSERT_TRUE(ledger->close());
  }
  for (const auto& path : bench.fs.all_files()) {
    if (path.parent_path() != kLedger) continue;
    const Bytes whole = *bench.fs.get(path);
    for (std::size_t at = 0; at < whole.size(); at += 3) {
      Bytes changed = whole;
      changed[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
      bench.fs.put(path, changed);
      const auto report = bench.verify();
      ASSERT_FALSE(report.ok) << path << " byte " << at;
      EXPECT_EQ(report.failures.front().file, "ledger/" + path.filename().string());
    }
    bench.fs.put(path, whole);
  }
}

}  // namespace
}  // namespace daybook::ledger
