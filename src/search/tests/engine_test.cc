// SPDX-License-Identifier: Apache-2.0
#include "daybook/search/engine.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fake_reader.h"

namespace daybook::search {
namespace {

using Key = std::vector<std::string>;
using query::Clause;
using query::Field;
using query::Op;
using query::Search;

record::Event event(std::uint64_t number, const std::string& tenant = "main") {
  record::Event out;
  out.id = "e" + std::to_string(number);
  out.tenant_id = tenant;
  out.date = 1'000'000 + static_cast<UnixMillis>(number);
  out.action = "UPDATE";
  out.resource = "FLOW";
  out.detail = {{"namespace", "company"}, {"executionId", "x" + std::to_string(number / 3)}};
  out.actor.user_id = "u" + std::to_string(number % 7);
  return out;
}

Search where(Field field, Op op, std::vector<std::string> values, std::string key = "") {
  Search search;
  search.filter.all.push_back({field, op, std::move(key), std::move(values), 0});
  return search;
}

class EngineTest : public ::testing::Test {
 protected:
  void fill(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) reader.append(event(reader.size().value()));
    ASSERT_TRUE(engine->rebuild({}));
  }
  std::uint64_t total(const Search& search) {
    const auto page = engine->search(search);
    EXPECT_TRUE(page);
    return page ? page->total : 0;
  }

  FakeReader reader;
  std::unique_ptr<Engine> engine = Engine::make(reader);
};

TEST_F(EngineTest, AnEmptyLedgerHasNoRows) {
  ASSERT_TRUE(engine->rebuild({}));
  const auto page = engine->search({});
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->entries.empty());
  EXPECT_EQ(page->total, 0U);
  EXPECT_EQ(page->tree_size, TreeSize(0));
  EXPECT_FALSE(engine->has_tenant("main"));
}

TEST_F(EngineTest, AnAddedEntryIsFoundByTheNextQuery) {
  fill(10);
  const auto entry = reader.append(event(10, "dev"));
  EXPECT_FALSE(engine->has_tenant("dev"));
  EXPECT_EQ(engine->size(), TreeSize(10));
  engine->add({entry});
  EXPECT_TRUE(engine->has_tenant("dev"));
  EXPECT_EQ(engine->size(), TreeSize(11));
  EXPECT_EQ(total(where(Field::tenant_id, Op::equals, {"dev"})), 1U);
}

TEST_F(EngineTest, WhatWasErasedIsForgottenAndWhatStaysIsFound) {
  fill(20);
  EXPECT_EQ(total(where(Field::user_id, Op::equals, {"u3"})), 3U);
  auto begun = engine->descending(where(Field::user_id, Op::equals, {"u3"}).filter, TreeSize(20));
  ASSERT_TRUE(begun);
  for (const std::uint64_t at : {3U, 10U, 17U}) reader.erase_actor(EntryIndex(at));
  ASSERT_TRUE(engine->forget());
  EXPECT_EQ(engine->size(), TreeSize(20));
  EXPECT_EQ(total(where(Field::user_id, Op::equals, {"u3"})), 0U);
  EXPECT_EQ(total(where(Field::user_id, Op::equals, {"u4"})), 3U);
  query::Aggregate values;
  values.by = {{"userId", Field::user_id}};
  values.top = 100;
  const auto counted = engine->aggregate(values);
  ASSERT_TRUE(counted);
  for (const auto& group : counted->groups.top) EXPECT_NE(group.key, Key{"u3"});
  EXPECT_EQ(counted->groups.top.size(), 6U);
  EXPECT_EQ(counted->groups.others, 3U);
  // One that was at work goes on over what it began with.
  const auto rest = (*begun)->next(10);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->size(), 3U);
  engine->add({reader.append(event(20))});
  EXPECT_EQ(engine->size(), TreeSize(21));
}

TEST_F(EngineTest, AGroupThatComesTwiceOrLateLeavesNoGapAndNoDouble) {
  std::vector<ledger::StoredEntry> entries;
  for (std::uint64_t i = 0; i < 9; ++i) entries.push_back(reader.append(event(i)));
  engine->add({entries[0], entries[1]});
  engine->add({entries[1], entries[2]});
  EXPECT_EQ(engine->size(), TreeSize(3));
  engine->add({entries[7], entries[8]});  // 3 to 6 are read from the ledger.
  EXPECT_EQ(engine->size(), TreeSize(9));
  EXPECT_EQ(total({}), 9U);
}

TEST_F(EngineTest, ATreeSizeAboveTheCurrentIsInvalid) {
  fill(5);
  Search search;
  search.tree_size = TreeSize(6);
  const auto page = engine->search(search);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Errc::invalid);
  EXPECT_EQ(page.error().path, "treeSize");
  search.tree_size = TreeSize(5);
  EXPECT_EQ(total(search), 5U);
  search.tree_size = TreeSize(0);
  EXPECT_EQ(total(search), 0U);
  for (const auto& cursor :
       {engine->descending({}, TreeSize(6)), engine->ascending({}, EntryIndex(0), TreeSize(6))}) {
    ASSERT_FALSE(cursor);
    EXPECT_EQ(cursor.error().code, Errc::invalid);
  }
}

TEST_F(EngineTest, PagesPastTheEndAreEmptyAndTotalsStay) {
  fill(25);
  Search search;
  search.page = 3;
  const auto last = engine->search(search);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->entries.size(), 5U);
  EXPECT_EQ(last->entries.back(), EntryIndex(0));
  search.page = INT32_MAX;
  search.size = 1000;
  const auto past = engine->search(search);
  ASSERT_TRUE(past);
  EXPECT_TRUE(past->entries.empty());
  EXPECT_EQ(past->total, 25U);
}

TEST_F(EngineTest, ColumnsDecideWithoutReadingEntries) {
  fill(10'000);
  const auto before = reader.reads();
  EXPECT_EQ(total(where(Field::execution_id, Op::equals, {"x100"})), 3U);
  EXPECT_EQ(total(where(Field::detail, Op::equals, {"x100"}, "executionId")), 3U);
  EXPECT_EQ(total(where(Field::id, Op::in, {"e1", "e9999", "none"})), 2U);
  EXPECT_EQ(total(where(Field::namespace_, Op::prefix, {"company"})), 10'000U);
  EXPECT_EQ(total(where(Field::detail, Op::not_equals, {"x"}, "never")), 10'000U);
  EXPECT_EQ(reader.reads(), before);
}

TEST_F(EngineTest, FullTextReadsOnlyWhatOtherConditionsLeave) {
  fill(10'000);
  const auto before = reader.reads();
  auto search = where(Field::q, Op::equals, {"COMPANY x100"});
  search.filter.all.push_back({Field::user_id, Op::equals, "", {"u6"}, 0});
  search.filter.all.push_back({Field::execution_id, Op::in, "", {"x100", "x101"}, 0});
  EXPECT_EQ(total(search), 1U);
  EXPECT_EQ(reader.reads() - before, 1U);
}

TEST_F(EngineTest, ErasedPartsLeaveTheirFieldsAbsent) {
  const auto full = reader.append(event(0));
  auto no_actor = full;
  no_actor.index = EntryIndex(1);
  no_actor.parts.bytes[1].clear();
  auto nothing = no_actor;
  nothing.index = EntryIndex(2);
  nothing.parts.bytes[0].clear();
  reader.append(event(1));
  reader.append(event(2));
  engine->add({full, no_actor, nothing});
  EXPECT_EQ(total(where(Field::user_id, Op::equals, {"u0"})), 1U);
  EXPECT_EQ(total(where(Field::user_id, Op::not_equals, {"u0"})), 2U);
  EXPECT_EQ(total(where(Field::resource, Op::equals, {"FLOW"})), 2U);
}

TEST_F(EngineTest, ADamagedEntryStopsARebuild) {
  for (std::uint64_t i = 0; i < 5; ++i) reader.append(event(i));
  reader.damage(EntryIndex(3));
  const auto status = engine->rebuild({});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::corrupt);
}

TEST_F(EngineTest, RebuildTellsHowFarItIs) {
  for (std::uint64_t i = 0; i < 40'000; ++i) reader.append(event(i));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  ASSERT_TRUE(engine->rebuild(
      [&told](std::uint64_t done, std::uint64_t all) { told.emplace_back(done, all); }));
  ASSERT_GE(told.size(), 2U);
  EXPECT_LT(told.front().first, 40'000U);
  EXPECT_EQ(told.back(), std::pair(std::uint64_t{40'000}, std::uint64_t{40'000}));
}

std::vector<std::uint64_t> values(const Result<std::vector<EntryIndex>>& rows) {
  std::vector<std::uint64_t> out;
  EXPECT_TRUE(rows);
  if (rows) {
    for (const auto row : *rows) out.push_back(row.value());
  }
  return out;
}

TEST_F(EngineTest, CursorsGoOnWhereTheyStopped) {
  fill(9000);
  using Rows = std::vector<std::uint64_t>;
  const auto down = engine->descending({}, TreeSize(4100));
  ASSERT_TRUE(down);
  EXPECT_EQ(values((*down)->next(3)), (Rows{4099, 4098, 4097}));
  EXPECT_EQ(values((*down)->next(2)), (Rows{4096, 4095}));
  EXPECT_EQ(values((*down)->next(10'000)).size(), 4095U);
  EXPECT_EQ(values((*down)->next(1)), Rows{});
  const auto up = engine->ascending({}, EntryIndex(4094), TreeSize(4098));
  ASSERT_TRUE(up);
  EXPECT_EQ(values((*up)->next(3)), (Rows{4094, 4095, 4096}));
  EXPECT_EQ(values((*up)->next(3)), Rows{4097});
  EXPECT_EQ(values((*up)->next(3)), Rows{});
  const auto rare = where(Field::execution_id, Op::in, {"x10", "x11", "x2000"}).filter;
  const auto listed = engine->ascending(rare, EntryIndex(32), TreeSize(6001));
  ASSERT_TRUE(listed);
  EXPECT_EQ(values((*listed)->next(100)), (Rows{32, 33, 34, 35, 6000}));
  const auto past = engine->ascending({}, EntryIndex(9001), TreeSize(9000));
  ASSERT_TRUE(past);
  EXPECT_EQ(values((*past)->next(1)), Rows{});
}

TEST_F(EngineTest, ACursorStaysWithinItsTreeSize) {
  fill(100);
  const auto cursor = engine->ascending({}, EntryIndex(0), TreeSize(100));
  ASSERT_TRUE(cursor);
  EXPECT_EQ(values((*cursor)->next(60)).size(), 60U);
  engine->add({reader.append(event(100))});
  EXPECT_EQ(values((*cursor)->next(1000)).size(), 40U);
}

TEST_F(EngineTest, SubscribersHearOfEveryGrowthOnceItCanBeFound) {
  std::vector<std::uint64_t> heard;
  auto subscription = engine->subscribe([&](TreeSize size) {
    EXPECT_EQ(engine->size(), size);
    heard.push_back(size.value());
  });
  const std::vector group{reader.append(event(0)), reader.append(event(1))};
  engine->add(group);
  engine->add(group);  // Nothing new.
  engine->add({reader.append(event(2))});
  subscription.reset();
  engine->add({reader.append(event(3))});
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{2, 3}));
  auto late = engine->subscribe([](TreeSize) {});
  engine.reset();  // The subscription outlives it.
}

TEST_F(EngineTest, TheSameIdInTwoTenantsIsTwoEntries) {
  engine->add({reader.append(event(0, "a")), reader.append(event(0, "b"))});
  EXPECT_EQ(total(where(Field::id, Op::equals, {"e0"})), 2U);
  auto search = where(Field::id, Op::equals, {"e0"});
  search.filter.all.push_back({Field::tenant_id, Op::equals, "", {"b"}, 0});
  const auto page = engine->search(search);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->entries, std::vector<EntryIndex>{EntryIndex(1)});
}

}  // namespace
}  // namespace daybook::search
