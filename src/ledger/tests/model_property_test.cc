// SPDX-License-Identifier: Apache-2.0
// Random histories against a model that is a list of ids and a list of leaves.
#include <map>

#include <gtest/gtest.h>

#include "daybook/ledger/merkle.h"

#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::Bench;
using testing::describe;
using testing::must_open;
using testing::SeededRandom;

struct Model {
  std::vector<std::string> ids;  // By index.
  std::vector<Hash> leaves;
  std::map<std::string, std::pair<std::uint64_t, std::string>> by_id;  // Index and text.
  std::map<std::uint64_t, Hash> published;

  [[nodiscard]] Hash root(std::uint64_t size) const {
    CompactRange range;
    for (std::uint64_t n = 0; n < size; ++n) range.append(leaves[n]);
    return range.root();
  }
};

struct Sent {
  std::string id;
  std::string text;
};

// What the batch must lead to: nullopt if it must be refused, and where.
struct Expected {
  std::optional<std::size_t> refused_at;
  std::vector<std::pair<std::uint64_t, bool>> receipts;  // Index, duplicate.
};

Expected expect(const Model& model, const std::vector<Sent>& batch) {
  Expected expected;
  std::map<std::string, std::pair<std::uint64_t, std::string>> fresh;
  for (std::size_t n = 0; n < batch.size(); ++n) {
    const auto& [id, text] = batch[n];
    const auto old = model.by_id.find(id);
    const auto mine = fresh.find(id);
    if (old == model.by_id.end() && mine == fresh.end()) {
      const std::uint64_t index = model.ids.size() + fresh.size();
      fresh[id] = {index, text};
      expected.receipts.emplace_back(index, false);
      continue;
    }
    const auto& known = old != model.by_id.end() ? old->second : mine->second;
    if (known.second != text) {
      expected.refused_at = n;
      return expected;
    }
    expected.receipts.emplace_back(known.first, true);
  }
  return expected;
}

void append_and_compare(Ledger& ledger, Bench& bench, SeededRandom& random, Model& model) {
  std::vector<Sent> batch;
  for (std::uint64_t n = random.below(6); n > 0; --n) {
    batch.push_back({"id" + std::to_string(random.below(200)),
                     random.below(12) == 0 ? "changed" : std::string(random.below(9), 'x')});
    const auto known = model.by_id.find(batch.back().id);
    if (known != model.by_id.end() && random.below(4) != 0)
      batch.back().text = known->second.second;
  }
  std::vector<Draft> drafts;
  for (const Sent& sent : batch) drafts.push_back(bench.draft(sent.id, sent.text));
  const Expected expected = expect(model, batch);
  const auto appended = append_and_wait(ledger, std::move(drafts));
  if (expected.refused_at) {
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, Errc::exists);
    EXPECT_EQ(appended.error().offset, *expected.refused_at);
    EXPECT_EQ(ledger.reader().size().value(), model.ids.size());
    return;
  }
  ASSERT_TRUE(appended) << appended.error().context;
  ASSERT_EQ(appended->receipts.size(), batch.size());
  for (std::size_t n = 0; n < batch.size(); ++n) {
    const Receipt& receipt = appended->receipts[n];
    EXPECT_EQ(receipt.index.value(), expected.receipts[n].first);
    EXPECT_EQ(receipt.duplicate, expected.receipts[n].second);
    if (!receipt.duplicate) {
      model.by_id[batch[n].id] = {receipt.index.value(), batch[n].text};
      model.ids.push_back(batch[n].id);
      model.leaves.push_back(receipt.leaf_hash);
    }
    EXPECT_EQ(receipt.leaf_hash, model.leaves[receipt.index.value()]);
  }
  EXPECT_EQ(appended->tree_size.value(), model.ids.size());
}

void compare_all(const Reader& reader, const Model& model) {
  ASSERT_EQ(reader.size().value(), model.ids.size());
  EXPECT_EQ(reader.root(reader.size()), model.root(model.ids.size()));
  std::uint64_t next = 0;
  ASSERT_TRUE(
      reader.scan(EntryIndex(0), EntryIndex(model.ids.size()), [&](const StoredEntry& entry) {
        EXPECT_EQ(entry.index.value(), next);
        EXPECT_EQ(entry.leaf_hash(), model.leaves[next]);
        const auto event = record::decode(entry.parts);
        EXPECT_TRUE(event && event->id == model.ids[next]);
        ++next;
        return true;
      }));
  EXPECT_EQ(next, model.ids.size());
  for (const auto& [id, known] : model.by_id) {
    EXPECT_EQ(reader.find(id_key("main", id)), EntryIndex(known.first));
  }
  for (const auto& [size, root] : model.published) {
    const auto checkpoint = reader.checkpoint_at(TreeSize(size));
    ASSERT_TRUE(checkpoint) << size;
    EXPECT_EQ(checkpoint->root, root);
    EXPECT_EQ(root, model.root(size));
  }
}

TEST(LedgerModel, RandomHistories) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Bench bench(seed);
    bench.options.segment_entries = 1U << (seed % 5);
    bench.options.group_bytes_max = seed % 2 == 0 ? 1 : 8U << 20U;
    SeededRandom random(seed + 5000);
    Model model;
    for (int life = 0; life < 4; ++life) {
      auto ledger = must_open(bench);
      ASSERT_TRUE(ledger) << "seed " << seed;
      compare_all(ledger->reader(), model);
      for (int step = 0; step < 15; ++step) {
        append_and_compare(*ledger, bench, random, model);
        if (random.below(5) == 0) {
          const auto published = publish_and_wait(*ledger);
          ASSERT_TRUE(published);
          EXPECT_EQ(published->size.value(), model.ids.size());
          model.published[published->size.value()] = published->root;
        }
        if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
      }
      compare_all(ledger->reader(), model);
      if (random.below(2) == 0) {
        ASSERT_TRUE(ledger->close());
        model.published[model.ids.size()] = model.root(model.ids.size());
      } else {
        bench.fs.kill_process();
      }
      ledger.reset();
      const auto report = bench.verify();
      ASSERT_TRUE(report.ok) << "seed " << seed << ": " << describe(report);
      EXPECT_EQ(report.root, model.root(model.ids.size()));
    }
  }
}

}  // namespace
}  // namespace daybook::ledger
