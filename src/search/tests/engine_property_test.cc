// SPDX-License-Identifier: Apache-2.0
//
// Random requests over random entries: parsed, printed, parsed again and run, the engine has to
// answer as query::matches() does, event by event.
//
// DAYBOOK_FILTERS sets how many (make property-search FILTERS=100000), DAYBOOK_SEED the seed, which
// is printed.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/query/text.h"
#include "daybook/query/values.h"
#include "daybook/query_testing/random_world.h"
#include "daybook/search/engine.h"

#include "fake_reader.h"
#include "naive_aggregate.h"

namespace daybook::search {
namespace {

using query::RandomWorld;
using query::Search;
using query::Sort;

#ifdef __OPTIMIZE__
constexpr std::uint64_t kFilters = 4000;
#else
constexpr std::uint64_t kFilters = 400;
#endif
constexpr std::size_t kSmall = 300;
constexpr std::size_t kBig = 4500;  // More than a block.
constexpr std::uint64_t kFiltersSmall = 200;
constexpr std::uint64_t kFiltersBig = 20;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// Entries of one seed: half of them found by a rebuild, half added in groups.
class World {
 public:
  World(std::uint64_t seed, std::size_t size) : random(seed), engine(Engine::make(reader)) {
    for (std::size_t i = 0; i < size / 2; ++i) append();
    EXPECT_TRUE(engine->rebuild({}));
    while (events.size() < size) {
      std::vector<ledger::StoredEntry> group;
      for (auto left = 1 + random.below(300); left > 0; --left) group.push_back(append());
      engine->add(group);
    }
  }

  // Descending indexes of all matches below `size`.
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

  RandomWorld random;
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
      const auto id = query::field_value(query::Field::user_id, "", event);
      return id ? "+" + *id : "";
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

// A filter that went the way of a request; one in eight has bounds, or conditions that daybook
// alone makes.
query::Filter random_filter(RandomWorld& random) {
  auto filter = query::parse_filter(random.request(), RandomWorld::kNow);
  EXPECT_TRUE(filter);
  const auto again = query::parse_filter(query::filter_params(*filter), 0);
  EXPECT_TRUE(again && *again == *filter);
  auto out = *again;
  if (random.one_in(8)) out.bounds.push_back(random.clause());
  if (random.one_in(8)) out.all.push_back(random.clause());
  return out;
}

std::vector<EntryIndex> drain(Cursor& cursor, RandomWorld& random) {
  std::vector<EntryIndex> out;
  while (true) {
    const auto piece = cursor.next(1 + random.below(200));
    if (!piece) {
      ADD_FAILURE() << piece.error().context;
      return out;
    }
    if (piece->empty()) return out;
    out.insert(out.end(), piece->begin(), piece->end());
  }
}

void check_cursors(World& world, const query::Filter& filter, std::size_t size,
                   const std::vector<EntryIndex>& rows) {
  const auto down = world.engine->descending(filter, TreeSize(size));
  ASSERT_TRUE(down);
  ASSERT_EQ(drain(**down, world.random), rows);
  const auto from = world.random.below(size + 2);
  const auto up = world.engine->ascending(filter, EntryIndex(from), TreeSize(size));
  ASSERT_TRUE(up);
  auto rising = drain(**up, world.random);
  std::reverse(rising.begin(), rising.end());
  std::vector<EntryIndex> wanted = rows;
  std::erase_if(wanted, [from](EntryIndex row) { return row.value() < from; });
  ASSERT_EQ(rising, wanted);
}

void check_page(World& world, Search search, std::size_t size, std::vector<EntryIndex> rows) {
  auto& random = world.random;
  search.size = 1 + random.below(30);
  search.page = 1 + random.below(4);
  for (auto left = random.below(3); left > 0; --left) {
    search.sort.push_back({static_cast<Sort::By>(random.below(5)), random.one_in(2)});
  }
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

// Pages by index partition the matches, downwards and, from the smallest on, upwards.
void check_keyset(World& world, Search search, const std::vector<EntryIndex>& rows) {
  search.size = 1 + rows.size() / (1 + world.random.below(5));
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
  if (rows.empty()) return;
  search.before.reset();
  std::vector<EntryIndex> up{rows.back()};  // `after` leaves it out.
  for (std::optional<EntryIndex> next = rows.back(); next;) {
    search.after = next;
    const auto page = world.engine->search(search);
    ASSERT_TRUE(page);
    ASSERT_TRUE(std::is_sorted(page->entries.rbegin(), page->entries.rend()));
    up.insert(up.end(), page->entries.rbegin(), page->entries.rend());
    next = page->next;
  }
  ASSERT_EQ(up, std::vector<EntryIndex>(rows.rbegin(), rows.rend()));
}

query::Aggregate random_aggregate(RandomWorld& random, const query::Filter& filter) {
  query::Params params;
  const RandomWorld::Strings names{"resource",  "type",   "userId",      "username", "actorKind",
                                   "namespace", "flowId", "executionId", "result",   "ipAddress",
                                   "tenantId",  "source", "kind"};
  const auto add = [&](const char* name, std::uint64_t count) {
    for (RandomWorld::Strings used; used.size() < count;) {
      const auto& field = random.pick(names);
      if (std::find(used.begin(), used.end(), field) != used.end()) continue;
      params.emplace_back(name, field);
      used.push_back(field);
    }
  };
  const auto fields = random.below(4);
  add("by", fields);
  if (random.one_in(3)) add("facets", 1 + random.below(3));
  if (fields > 0 && random.one_in(4))
    params.emplace_back("like", random.pick({"", "E", "jose", "1", "FLOW-"}));
  params.emplace_back("interval", random.pick({"auto", "auto", "none", "PT1S", "PT1H", "PT6H",
                                               "P1D", "P1W", "P1M", "P1Y"}));
  params.emplace_back("tz",
                      random.pick({"UTC", "Europe/Berlin", "America/St_Johns", "Asia/Tokyo"}));
  params.emplace_back("top", random.pick({"0", "1", "3", "10", "1000"}));
  auto request = query::parse_aggregate(params, 0);
  EXPECT_TRUE(request);
  request->filter = filter;
  return *request;
}

void check_groups(const Groups& groups, const NaiveCounts& naive, std::uint64_t top,
                  const std::optional<std::string>& like) {
  std::vector<std::pair<Key, std::uint64_t>> wanted;
  for (const auto& [key, count] : naive.counts) {
    const bool shown =
        !like || query::folded(key[0]).find(query::folded(*like)) != std::string::npos;
    if (shown) wanted.emplace_back(key, count);
  }
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  wanted.resize(std::min<std::size_t>(wanted.size(), top));
  ASSERT_EQ(groups.top.size(), wanted.size());
  auto sum = groups.others;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(groups.top[i].key, wanted[i].first);
    ASSERT_EQ(groups.top[i].count, wanted[i].second);
    sum += wanted[i].second;
  }
  ASSERT_EQ(sum, naive.total);
}

void check_histogram(const Aggregation& got, const query::Aggregate& request,
                     const std::vector<record::Event>& events,
                     const std::vector<EntryIndex>& rows) {
  if (rows.empty() || request.interval.unit == query::Interval::Unit::none) {
    ASSERT_TRUE(got.histogram.empty());
    return;
  }
  const auto& histogram = got.histogram;
  ASSERT_FALSE(histogram.empty());
  ASSERT_GT(histogram.front().count, 0U);
  ASSERT_GT(histogram.back().count, 0U);
  ASSERT_LE(histogram.size(),
            request.interval.unit == query::Interval::Unit::automatic ? 60U : 1000U);
  std::vector<std::uint64_t> counts(histogram.size());
  std::vector<std::map<Key, std::uint64_t>> groups(histogram.size());
  Key key;
  for (const auto row : rows) {
    const auto& event = events[row.value()];
    std::size_t bucket = 0;
    while (bucket < histogram.size() && event.date >= histogram[bucket].to) ++bucket;
    ASSERT_LT(bucket, histogram.size());
    ASSERT_GE(event.date, histogram[bucket].from);
    ++counts[bucket];
    if (has_key(request.by, event, key)) ++groups[bucket][key];
  }
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    if (i > 0) {
      ASSERT_EQ(histogram[i].from, histogram[i - 1].to);
    }
    ASSERT_EQ(histogram[i].count, counts[i]);
    std::vector<std::pair<Key, std::uint64_t>> wanted;
    for (const auto& top : got.groups.top) {
      const auto found = groups[i].find(top.key);
      if (found != groups[i].end()) wanted.emplace_back(*found);
    }
    ASSERT_EQ(histogram[i].groups.size(), wanted.size());
    for (std::size_t g = 0; g < wanted.size(); ++g) {
      ASSERT_EQ(histogram[i].groups[g].key, wanted[g].first);
      ASSERT_EQ(histogram[i].groups[g].count, wanted[g].second);
    }
  }
}

void check_aggregate(World& world, const query::Filter& filter, std::size_t size,
                     const std::vector<EntryIndex>& rows) {
  auto request = random_aggregate(world.random, filter);
  if (size != world.events.size()) request.tree_size = TreeSize(size);
  const auto got = world.engine->aggregate(request);
  if (!got) {
    // Only the interval can be refused: if the matches are that far apart.
    ASSERT_EQ(got.error().code, Errc::invalid);
    ASSERT_EQ(got.error().path, "interval");
    const auto date = [&](EntryIndex row) { return world.events[row.value()].date; };
    const auto [first, last] = std::minmax_element(
        rows.begin(), rows.end(), [&](auto a, auto b) { return date(a) < date(b); });
    ASSERT_FALSE(
        query::make_buckets(request.interval, request.time_zone, date(*first), date(*last)));
    return;
  }
  ASSERT_EQ(got->total, rows.size());
  ASSERT_EQ(got->tree_size, TreeSize(size));
  check_groups(got->groups, NaiveCounts(world.events, size, filter, request.by), request.top,
               request.like);
  ASSERT_EQ(got->facets.size(), request.facets.size());
  for (std::size_t i = 0; i < request.facets.size(); ++i) {
    const auto& field = request.facets[i];
    const NaiveCounts naive(world.events, size, query::without_field(filter, field.field), {field});
    check_groups(got->facets[i], naive, request.top, std::nullopt);
  }
  check_histogram(*got, request, world.events, rows);
}

void check_filter(World& world) {
  auto& random = world.random;
  Search search;
  search.filter = random_filter(random);
  SCOPED_TRACE(query::print_filter(search.filter) + " and " +
               std::to_string(search.filter.bounds.size()) + " bounds");
  const std::size_t size =
      random.one_in(3) ? random.below(world.events.size() + 1) : world.events.size();
  if (size != world.events.size()) search.tree_size = TreeSize(size);
  const auto rows = world.expected(search.filter, size);
  check_page(world, search, size, rows);
  check_cursors(world, search.filter, size, rows);
  if (random.one_in(4)) check_keyset(world, search, rows);
  check_aggregate(world, search.filter, size, rows);
}

TEST(EngineProperty, EveryRequestAgreesWithTheReference) {
  const auto filters = setting("DAYBOOK_FILTERS", kFilters);
  const auto seed = setting("DAYBOOK_SEED", 1);
  std::cout << "DAYBOOK_SEED=" << seed << " DAYBOOK_FILTERS=" << filters << "\n";
  std::uint64_t done = 0;
  for (std::uint64_t number = 0; done < filters; ++number) {
    const bool big = number % 5 == 1;
    World world(seed * 1'000'003 + number, big ? kBig : kSmall);
    for (auto left = big ? kFiltersBig : kFiltersSmall; left > 0 && done < filters;
         --left, ++done) {
      SCOPED_TRACE("world " + std::to_string(number));
      check_filter(world);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace daybook::search
