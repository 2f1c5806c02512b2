// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/query/values.h"
#include "daybook/search/engine.h"

#include "fake_reader.h"
#include "random_events.h"

namespace daybook::search {
namespace {

using query::Search;
using query::Sort;

constexpr std::uint64_t kSeeds[] = {1, 2, 3};
constexpr std::size_t kEvents = 4500;  // More than a block.
constexpr std::size_t kFilters = 200;

std::string show(const query::Filter& filter) {
  std::string out;
  for (const auto& clause : filter.all) {
    out += std::to_string(static_cast<int>(clause.field)) + "[" + clause.key + "] op " +
           std::to_string(static_cast<int>(clause.op)) + " " + std::to_string(clause.time);
    for (const auto& value : clause.values) out += " '" + value + "'";
    out += "; ";
  }
  return out;
}

// The world of one seed: half of it found by a rebuild, half added in groups.
class World {
 public:
  explicit World(std::uint64_t seed) : random(seed), engine(Engine::make(reader)) {
    for (std::size_t i = 0; i < kEvents / 2; ++i) append();
    EXPECT_TRUE(engine->rebuild({}));
    while (events.size() < kEvents) {
      std::vector<ledger::StoredEntry> group;
      for (auto left = 1 + random.below(300); left > 0; --left) group.push_back(append());
      engine->add(group);
    }
  }

  // What every answer has to be: descending indexes of all matches below `size`.
  [[nodiscard]] std::vector<EntryIndex> expected(const query::Filter& filter,
                                                 std::size_t size) const {
    std::vector<EntryIndex> out;
    for (auto i = size; i-- > 0;) {
      if (query::matches(filter, events[i])) out.emplace_back(i);
    }
    return out;
  }

  void sort(std::vector<EntryIndex>& rows, const std::vector<Sort>& sorts) const {
    const auto keys = sorts.empty() ? std::vector<Sort>{Sort{}} : sorts;
    std::sort(rows.begin(), rows.end(), [&](EntryIndex a, EntryIndex b) {
      for (const auto& key : keys) {
        const int sign = compare(key.by, events[a.value()], events[b.value()]);
        if (sign != 0) return key.descending ? sign > 0 : sign < 0;
      }
      return keys.back().descending ? a > b : a < b;
    });
  }

  RandomEvents random;
  FakeReader reader;
  std::vector<record::Event> events;
  std::unique_ptr<Engine> engine;

 private:
  ledger::StoredEntry append() {
    events.push_back(random.event());
    return reader.append(events.back());
  }

  static int compare(Sort::By by, const record::Event& a, const record::Event& b) {
    const auto user = [](const record::Event& event) {
      const auto id = query::user_id_value(event.actor_kind, event.actor.user_id);
      return id ? "+" + std::string(*id) : "";
    };
    switch (by) {
      case Sort::By::date:
        return a.date < b.date ? -1 : (a.date > b.date ? 1 : 0);
      case Sort::By::action:
        return a.action.compare(b.action);
      case Sort::By::resource:
        return a.resource.compare(b.resource);
      case Sort::By::id:
        return a.id.compare(b.id);
      case Sort::By::user_id:
        return user(a).compare(user(b));
    }
    return 0;
  }
};

class EngineProperty : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(EngineProperty, EveryFilterAgreesWithTheReference) {
  World world(GetParam());
  for (std::size_t i = 0; i < kFilters; ++i) {
    Search search;
    search.filter = world.random.filter();
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + " filter " + show(search.filter));
    const std::size_t size =
        world.random.one_in(3) ? world.random.below(world.events.size() + 1) : world.events.size();
    if (size != world.events.size()) search.tree_size = TreeSize(size);
    search.size = 1 + world.random.below(30);
    search.page = 1 + world.random.below(4);
    for (auto left = world.random.below(3); left > 0; --left) {
      search.sort.push_back({static_cast<Sort::By>(world.random.below(5)), world.random.one_in(2)});
    }
    auto rows = world.expected(search.filter, size);

    const auto cursor = world.engine->descending(search.filter, TreeSize(size));
    ASSERT_TRUE(cursor);
    const auto visited = (*cursor)->next(size + 1);
    ASSERT_TRUE(visited);
    ASSERT_EQ(*visited, rows);

    world.sort(rows, search.sort);
    const auto total = rows.size();
    const auto begin = std::min<std::size_t>((search.page - 1) * search.size, total);
    const auto end = std::min<std::size_t>(begin + search.size, total);
    const auto page = world.engine->search(search);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->total, total);
    ASSERT_EQ(page->tree_size, TreeSize(size));
    ASSERT_FALSE(page->next);
    ASSERT_EQ(page->entries,
              std::vector<EntryIndex>(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                      rows.begin() + static_cast<std::ptrdiff_t>(end)));
  }
}

TEST_P(EngineProperty, KeysetPagesPartitionTheMatches) {
  World world(GetParam() + 1000);
  for (std::size_t i = 0; i < kFilters / 10; ++i) {
    Search search;
    search.filter = world.random.filter();
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + " filter " + show(search.filter));
    search.size = 40 + world.random.below(960);
    const auto rows = world.expected(search.filter, world.events.size());

    std::vector<EntryIndex> down;
    for (std::optional<EntryIndex> next = EntryIndex(1ULL << 50U); next;) {
      search.before = next;
      const auto page = world.engine->search(search);
      ASSERT_TRUE(page);
      ASSERT_EQ(page->total, rows.size());
      ASSERT_LE(page->entries.size(), search.size);
      ASSERT_TRUE(!page->next || page->entries.size() == search.size);
      down.insert(down.end(), page->entries.begin(), page->entries.end());
      next = page->next;
    }
    ASSERT_EQ(down, rows);

    // Upwards from the smallest match, which `after` leaves out.
    if (rows.empty()) continue;
    search.before.reset();
    std::vector<EntryIndex> up;
    for (std::optional<EntryIndex> next = rows.back(); next;) {
      search.after = next;
      const auto page = world.engine->search(search);
      ASSERT_TRUE(page);
      ASSERT_TRUE(std::is_sorted(page->entries.rbegin(), page->entries.rend()));
      up.insert(up.end(), page->entries.rbegin(), page->entries.rend());
      next = page->next;
    }
    up.insert(up.begin(), rows.back());
    ASSERT_EQ(up, std::vector<EntryIndex>(rows.rbegin(), rows.rend()));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EngineProperty, ::testing::ValuesIn(kSeeds));

}  // namespace
}  // namespace daybook::search
