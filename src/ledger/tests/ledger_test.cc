// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/ledger.h"

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "daybook/ledger/merkle.h"

#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::make_event;
using testing::must_open;
using testing::SeededRandom;

TEST(Ledger, NewOneIsEmptyWithACheckpoint) {
  Bench bench;
  bench.options.origin = "audit.example.org/daybook";
  auto ledger = must_open(bench);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->recovery().entries, 0U);
  EXPECT_TRUE(ledger->recovery().clean);
  EXPECT_TRUE(ledger->writable());
  const Reader& reader = ledger->reader();
  EXPECT_EQ(reader.origin(), "audit.example.org/daybook");
  EXPECT_EQ(reader.size(), TreeSize(0));
  const auto latest = reader.latest_checkpoint();
  EXPECT_EQ(latest.size, TreeSize(0));
  EXPECT_EQ(latest.root, empty_root());
  const auto key = crypto::NoteVerifier::parse(reader.keys().at(0));
  ASSERT_TRUE(key);
  const auto opened = open_checkpoint(latest.note, {*key});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->origin, reader.origin());
  EXPECT_EQ(reader.read(EntryIndex(0)).error().code, Errc::not_found);
  EXPECT_EQ(reader.tile({false, 0, 0, 1}).error().code, Errc::not_found);
  EXPECT_TRUE(ledger->close());
  EXPECT_TRUE(bench.verify().ok);
}

TEST(Ledger, OriginIsMadeAndKept) {
  Bench bench;
  std::string origin;
  {
    auto ledger = must_open(bench);
    origin = ledger->reader().origin();
    EXPECT_EQ(origin.size(), std::string("daybook/").size() + 22);
    EXPECT_TRUE(ledger->close());
  }
  EXPECT_EQ(must_open(bench)->reader().origin(), origin);
  bench.options.origin = "another";
  EXPECT_EQ(bench.open().error().code, Errc::invalid);
  Bench other;
  other.options.origin = "has space";
  EXPECT_EQ(other.open().error().code, Errc::invalid);
}

TEST(Ledger, AppendsReadsAndProves) {
  Bench bench;
  auto ledger = must_open(bench);
  auto first = append_and_wait(*ledger, bench.batch({"a", "b", "c"}));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->created, 3U);
  EXPECT_EQ(first->first, EntryIndex(0));
  EXPECT_EQ(first->tree_size, TreeSize(3));
  const Reader& reader = ledger->reader();
  for (std::uint64_t n = 0; n < 3; ++n) {
    const auto entry = reader.read(EntryIndex(n));
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->leaf_hash(), first->receipts[n].leaf_hash);
    EXPECT_EQ(reader.leaf_hash(EntryIndex(n)), first->receipts[n].leaf_hash);
    EXPECT_EQ(record::commit_all(entry->seed, entry->parts), entry->commitments);
    const std::string id(1, static_cast<char>('a' + n));
    EXPECT_EQ(entry->parts.bytes, record::encode(make_event(id)).bytes);
    EXPECT_EQ(reader.find(id_key("main", id)), EntryIndex(n));
  }
  EXPECT_EQ(reader.find(id_key("", "a")), std::nullopt);
  EXPECT_EQ(reader.latest_checkpoint().size, TreeSize(0));  // Not asked for yet.
  EXPECT_EQ(reader.tile({false, 0, 0, 3}).error().code, Errc::not_found);
  const auto published = publish_and_wait(*ledger);
  ASSERT_TRUE(published);
  EXPECT_EQ(published->size, TreeSize(3));
  EXPECT_EQ(published->root, reader.root(TreeSize(3)));
  for (std::uint64_t n = 0; n < 3; ++n) {
    const auto proof = reader.inclusion_proof(EntryIndex(n), TreeSize(3));
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_inclusion(n, 3, reader.leaf_hash(EntryIndex(n)), *proof, published->root));
  }
  EXPECT_TRUE(ledger->close());
  EXPECT_TRUE(bench.verify().ok);
}

TEST(Ledger, RepeatsAndContradictions) {
  Bench bench;
  auto ledger = must_open(bench);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a", "b"})));
  // Later, and earlier in the same batch.
  auto mixed = append_and_wait(*ledger, bench.batch({"b", "c", "c", "a"}));
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->created, 1U);
  EXPECT_EQ(mixed->first, EntryIndex(2));
  const std::vector<std::pair<std::uint64_t, bool>> expected{
      {1, true}, {2, false}, {2, true}, {0, true}};
  for (std::size_t n = 0; n < expected.size(); ++n) {
    EXPECT_EQ(mixed->receipts[n].index.value(), expected[n].first);
    EXPECT_EQ(mixed->receipts[n].duplicate, expected[n].second);
    EXPECT_EQ(mixed->receipts[n].leaf_hash, ledger->reader().leaf_hash(mixed->receipts[n].index));
  }
  auto repeats = append_and_wait(*ledger, bench.batch({"a", "b"}));
  ASSERT_TRUE(repeats);
  EXPECT_EQ(repeats->created, 0U);
  EXPECT_EQ(repeats->first, std::nullopt);
  EXPECT_EQ(repeats->tree_size, TreeSize(3));

  // Other content: all or nothing, and the position is told.
  auto drafts = bench.batch({"d", "e"});
  drafts.push_back(bench.draft("b", "changed"));
  const auto refused = append_and_wait(*ledger, std::move(drafts));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::exists);
  EXPECT_EQ(refused.error().offset, 2U);
  EXPECT_EQ(ledger->reader().size(), TreeSize(3));
  EXPECT_EQ(ledger->reader().find(id_key("main", "d")), std::nullopt);

  // Contradiction inside one batch.
  std::vector<Draft> twice;
  twice.push_back(bench.draft("f", "one"));
  twice.push_back(bench.draft("f", "two"));
  EXPECT_EQ(append_and_wait(*ledger, std::move(twice)).error().code, Errc::exists);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"d", "f"})));
  EXPECT_EQ(ledger->reader().size(), TreeSize(5));
}

TEST(Ledger, OwnEventsWithoutContent) {
  Bench bench;
  auto ledger = must_open(bench);
  const auto own = [&](const std::string& text) {
    std::vector<Draft> drafts;
    drafts.push_back(prepare(make_event("own", text), "", bench.random));
    return drafts;
  };
  ASSERT_TRUE(append_and_wait(*ledger, own("x")));
  const auto again = append_and_wait(*ledger, own("x"));  // A retry of the very same event.
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->receipts[0].duplicate);
  EXPECT_EQ(append_and_wait(*ledger, own("y")).error().code, Errc::exists);
  EXPECT_EQ(append_and_wait(*ledger, bench.batch({"own"})).error().code, Errc::exists);
}

// Names made to share their first 8 bytes (2^32 work for an attacker) are still different names.
TEST(Ledger, NamesWithTheSamePrefix) {
  Bench bench;
  const auto named = [&](const std::string& id, std::uint8_t last) {
    Draft draft = bench.draft(id);
    draft.key = IdKey{1, 2, 3, 4, 5, 6, 7, 8};
    draft.key[15] = last;
    std::vector<Draft> batch;
    batch.push_back(std::move(draft));
    return batch;
  };
  for (int life = 0; life < 2; ++life) {
    auto ledger = must_open(bench);
    for (std::uint8_t last = 1; last <= 3; ++last) {
      const auto appended = append_and_wait(*ledger, named(std::to_string(last), last));
      ASSERT_TRUE(appended);
      EXPECT_EQ(appended->receipts[0].index.value(), last - 1U);
      EXPECT_EQ(appended->receipts[0].duplicate, life == 1);
      EXPECT_EQ(append_and_wait(*ledger, named("other", last)).error().code, Errc::exists);
    }
    IdKey absent{1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(ledger->reader().find(absent), std::nullopt);
    ASSERT_TRUE(ledger->close());
  }
}

TEST(Ledger, EmptyBatch) {
  Bench bench;
  auto ledger = must_open(bench);
  const auto appended = append_and_wait(*ledger, {});
  ASSERT_TRUE(appended);
  EXPECT_EQ(appended->created, 0U);
  EXPECT_EQ(appended->tree_size, TreeSize(0));
}

TEST(Ledger, ReopensWithEverything) {
  Bench bench;
  std::vector<Hash> leaves;
  {
    auto ledger = must_open(bench);
    for (const char* id : {"a", "b", "c", "d"}) {
      const auto appended = append_and_wait(*ledger, bench.batch({id}));
      ASSERT_TRUE(appended);
      leaves.push_back(appended->receipts[0].leaf_hash);
    }
    ASSERT_TRUE(ledger->close());
    ASSERT_TRUE(ledger->close());
    EXPECT_EQ(append_and_wait(*ledger, bench.batch({"e"})).error().code, Errc::unavailable);
    EXPECT_EQ(publish_and_wait(*ledger).error().code, Errc::unavailable);
  }
  auto ledger = must_open(bench);
  EXPECT_EQ(ledger->recovery().entries, 4U);
  EXPECT_TRUE(ledger->recovery().clean);
  EXPECT_EQ(ledger->reader().latest_checkpoint().size, TreeSize(4));
  for (std::uint64_t n = 0; n < 4; ++n) {
    EXPECT_EQ(ledger->reader().leaf_hash(EntryIndex(n)), leaves[n]);
  }
  const auto appended = append_and_wait(*ledger, bench.batch({"b", "e"}));
  ASSERT_TRUE(appended);
  EXPECT_EQ(appended->receipts[0].index, EntryIndex(1));
  EXPECT_EQ(appended->receipts[1].index, EntryIndex(4));
  EXPECT_TRUE(ledger->close());
  EXPECT_TRUE(bench.verify().ok) << describe(bench.verify());
}

TEST(Ledger, SecondWriterIsRefused) {
  Bench bench;
  auto ledger = must_open(bench);
  EXPECT_EQ(bench.open().error().code, Errc::unavailable);
  EXPECT_TRUE(ledger->close());
  EXPECT_TRUE(bench.open());
}

TEST(Ledger, KeyWithoutLedgerIsRefused) {
  Bench bench;
  ASSERT_TRUE(must_open(bench)->close());
  for (const auto& path : bench.fs.all_files()) {
    if (path.string().find("/ledger/") != std::string::npos) {
      ASSERT_TRUE(bench.fs.remove(path));
    }
  }
  EXPECT_EQ(bench.open().error().code, Errc::corrupt);
}

TEST(Ledger, WithoutItsKeyItDoesNotOpen) {
  Bench bench;
  ASSERT_TRUE(must_open(bench)->close());
  const auto key = bench.fs.get("/data/keys/ledger.key");
  ASSERT_TRUE(key);
  EXPECT_EQ(as_text(*key).substr(0, 20), "PRIVATE+KEY+daybook/");
  ASSERT_TRUE(bench.fs.remove("/data/keys/ledger.key"));
  EXPECT_EQ(bench.open().error().code, Errc::not_found);
  Bench other(99);
  ASSERT_TRUE(must_open(other)->close());
  bench.fs.put("/data/keys/ledger.key", *other.fs.get("/data/keys/ledger.key"));
  EXPECT_EQ(bench.open().error().code, Errc::invalid);
  bench.fs.put("/data/keys/ledger.key", *key);
  EXPECT_TRUE(bench.open());
}

TEST(Ledger, ObserverHearsBeforeCallersAndSeesAll) {
  Bench bench;
  auto ledger = must_open(bench);
  std::vector<std::uint64_t> seen;
  std::atomic<std::uint64_t> seen_size{0};
  ledger->set_observer([&](const std::vector<StoredEntry>& group) {
    for (const StoredEntry& entry : group) {
      EXPECT_LT(entry.index.value(), ledger->reader().size().value());
      EXPECT_EQ(entry.leaf_hash(), ledger->reader().leaf_hash(entry.index));
      EXPECT_FALSE(entry.parts[record::Part::event].empty());
      seen.push_back(entry.index.value());
    }
    seen_size = seen.size();
  });
  std::promise<std::uint64_t> at_answer;
  ledger->append(bench.batch({"a", "b"}),
                 [&](Result<Appended>) { at_answer.set_value(seen_size.load()); });
  EXPECT_EQ(at_answer.get_future().get(), 2U);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a"})));  // Nothing new: nothing to tell.
  ASSERT_TRUE(ledger->close());
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 1}));
}

TEST(Ledger, CheckpointFollowsTheClock) {
  Bench bench;
  bench.options.checkpoint_interval_ms = 1000;
  auto ledger = must_open(bench);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a"})));
  EXPECT_EQ(ledger->reader().latest_checkpoint().size, TreeSize(0));
  bench.clock.advance(1001);
  for (int n = 0; n < 400 && ledger->reader().latest_checkpoint().size == TreeSize(0); ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(ledger->reader().latest_checkpoint().size, TreeSize(1));
  const auto again = publish_and_wait(*ledger);  // Nothing new: the same one.
  ASSERT_TRUE(again);
  EXPECT_EQ(again->note, ledger->reader().latest_checkpoint().note);
}

TEST(Ledger, EveryCheckpointAndItsTilesStay) {
  Bench bench;
  auto ledger = must_open(bench);
  std::vector<PublishedCheckpoint> published;
  for (int n = 0; n < 5; ++n) {
    ASSERT_TRUE(
        append_and_wait(*ledger, bench.batch({"x" + std::to_string(n), "y" + std::to_string(n)})));
    published.push_back(*publish_and_wait(*ledger));
  }
  const Reader& reader = ledger->reader();
  for (const auto& checkpoint : published) {
    const auto found = reader.checkpoint_at(checkpoint.size);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->note, checkpoint.note);
    EXPECT_EQ(reader.root(checkpoint.size), checkpoint.root);
    const auto width = static_cast<unsigned>(checkpoint.size.value());
    EXPECT_EQ(reader.tile({false, 0, 0, width})->size(), 32U * width);
    EXPECT_EQ(reader.tile({true, 0, 0, width})->size(), 99U * width);
    EXPECT_EQ(reader.tile({false, 0, 0, width - 1}).error().code, Errc::not_found);
    const auto proof = reader.consistency_proof(checkpoint.size, published.back().size);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_consistency(width, published.back().size.value(), *proof, checkpoint.root,
                                   published.back().root));
  }
  EXPECT_EQ(reader.checkpoint_at(TreeSize(3)).error().code, Errc::not_found);
}

TEST(Ledger, ManyClientsShareGroupsAndOrderHolds) {
  Bench bench;
  auto ledger = must_open(bench);
  constexpr int kClients = 8;
  constexpr int kEach = 60;
  std::vector<std::thread> clients;
  std::mutex mutex;
  std::set<std::uint64_t> indexes;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      SeededRandom random(static_cast<std::uint64_t>(client) + 1000);
      std::uint64_t last = 0;
      for (int n = 0; n < kEach; ++n) {
        const std::string id = std::to_string(client) + "-" + std::to_string(n);
        std::vector<Draft> drafts;
        drafts.push_back(prepare(make_event(id), id, random));
        const auto done = append_and_wait(*ledger, std::move(drafts));
        ASSERT_TRUE(done);
        const std::uint64_t index = done->receipts[0].index.value();
        EXPECT_TRUE(n == 0 || index > last);
        last = index;
        EXPECT_TRUE(ledger->reader().read(EntryIndex(index)));
        EXPECT_EQ(ledger->reader().find(id_key("main", id)), EntryIndex(index));
        const std::scoped_lock lock(mutex);
        indexes.insert(index);
      }
    });
  }
  std::thread publisher([&] {
    for (int n = 0; n < 30; ++n) EXPECT_TRUE(publish_and_wait(*ledger));
  });
  for (auto& client : clients) client.join();
  publisher.join();
  EXPECT_EQ(indexes.size(), static_cast<std::size_t>(kClients * kEach));
  EXPECT_EQ(*indexes.rbegin(), indexes.size() - 1);
  EXPECT_TRUE(ledger->close());
  EXPECT_TRUE(bench.verify().ok);
}

TEST(Ledger, ScanInOrderAndUntilToldToStop) {
  Bench bench;
  bench.options.segment_entries = 8;
  auto ledger = must_open(bench);
  for (int n = 0; n < 40; ++n) {
    ASSERT_TRUE(append_and_wait(*ledger, bench.batch({std::to_string(n)})));
  }
  std::vector<std::uint64_t> seen;
  ASSERT_TRUE(ledger->reader().scan(EntryIndex(5), EntryIndex(33), [&](const StoredEntry& entry) {
    seen.push_back(entry.index.value());
    EXPECT_EQ(entry.leaf_hash(), ledger->reader().leaf_hash(entry.index));
    return true;
  }));
  ASSERT_EQ(seen.size(), 28U);
  EXPECT_EQ(seen.front(), 5U);
  EXPECT_EQ(seen.back(), 32U);
  std::size_t count = 0;
  ASSERT_TRUE(ledger->reader().scan(EntryIndex(0), EntryIndex(1000),
                                    [&](const StoredEntry&) { return ++count < 3; }));
  EXPECT_EQ(count, 3U);
  count = 0;
  ASSERT_TRUE(ledger->reader().scan(EntryIndex(0), EntryIndex(1000), [&](const StoredEntry&) {
    ++count;
    return true;
  }));
  EXPECT_EQ(count, 40U);
}

TEST(Ledger, ChangedBytesAreNoticedOnReading) {
  Bench bench;
  auto ledger = must_open(bench);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"a"})));
  const std::string path = "/data/ledger/journal-00000000000000000000";
  Bytes bytes = *bench.fs.get(path);
  bytes[bytes.size() - 3] ^= 1U;
  bench.fs.put(path, bytes);
  EXPECT_EQ(ledger->reader().read(EntryIndex(0)).error().code, Errc::corrupt);
  EXPECT_EQ(ledger->reader()
                .scan(EntryIndex(0), EntryIndex(1), [](const StoredEntry&) { return true; })
                .error()
                .code,
            Errc::corrupt);
  // What was written is not what is read back: nothing is signed, and writing stops for good.
  EXPECT_EQ(publish_and_wait(*ledger).error().code, Errc::unavailable);
  EXPECT_FALSE(ledger->writable());
  EXPECT_FALSE(ledger->stopped_because().empty());
  EXPECT_EQ(append_and_wait(*ledger, bench.batch({"b"})).error().code, Errc::unavailable);
  EXPECT_FALSE(ledger->close());
}

TEST(Ledger, QueueIsBounded) {
  Bench bench;
  bench.options.queue_bytes_max = 4000;
  auto ledger = must_open(bench);
  // Hold the writer inside its observer while batches pile up.
  std::promise<void> go;
  auto gate = go.get_future().share();
  std::promise<void> inside;
  bool first = true;
  ledger->set_observer([&](const std::vector<StoredEntry>&) {
    if (!first) return;
    first = false;
    inside.set_value();
    gate.wait();
  });
  std::atomic<int> stored{0};
  std::atomic<int> refused{0};
  std::promise<void> all;
  std::atomic<int> open_answers{21};
  const auto done = [&](const Result<Appended>& answer) {
    if (answer) {
      ++stored;
    } else {
      EXPECT_EQ(answer.error().code, Errc::exhausted);
      ++refused;
    }
    if (--open_answers == 0) all.set_value();
  };
  ledger->append(bench.batch({"first"}), done);
  inside.get_future().wait();
  for (int n = 0; n < 20; ++n) ledger->append(bench.batch({std::to_string(n)}), done);
  EXPECT_GT(refused.load(), 0);
  go.set_value();
  all.get_future().wait();
  EXPECT_GT(stored.load(), 1);
  EXPECT_EQ(stored + refused, 21);
  EXPECT_EQ(ledger->reader().size().value(), static_cast<std::uint64_t>(stored));
}

TEST(Ledger, LargeBatchIsOneGroup) {
  Bench bench;
  bench.options.group_bytes_max = 1000;
  bench.options.segment_entries = 8;
  auto ledger = must_open(bench);
  std::vector<std::string> ids;
  for (int n = 0; n < 25; ++n) ids.push_back(std::to_string(n));
  const auto done = append_and_wait(*ledger, bench.batch(ids));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->created, 25U);
  ASSERT_TRUE(append_and_wait(*ledger, bench.batch({"z"})));
  ASSERT_TRUE(ledger->close());
  EXPECT_TRUE(bench.verify().ok);
  EXPECT_TRUE(bench.fs.get("/data/ledger/journal-00000000000000000025"));
}

}  // namespace
}  // namespace daybook::ledger
