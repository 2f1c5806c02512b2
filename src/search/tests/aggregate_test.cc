// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/search/engine.h"

#include "fake_reader.h"

namespace daybook::search {
namespace {

using query::Field;
using query::Op;

using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

class AggregateTest : public ::testing::Test {
 protected:
  void add(const std::string& resource, const std::string& action, const std::string& date,
           const std::string& space = "") {
    record::Event event;
    event.id = "e" + std::to_string(reader.size().value());
    event.tenant_id = "main";
    event.resource = resource;
    event.action = action;
    event.date = parse_time(date).value();
    if (!space.empty()) event.detail["namespace"] = space;
    engine->add({reader.append(event)});
  }
  void add_three_days() {
    add("FLOW", "CREATE", "2026-03-28T22:30:00Z", "a");
    add("FLOW", "UPDATE", "2026-03-29T10:00:00Z", "a.b");
    add("FLOW", "UPDATE", "2026-03-29T21:59:59.999Z", "A");
    add("EXECUTION", "CREATE", "2026-03-29T22:00:00Z");
    add("KVSTORE", "UPDATE", "2026-03-31T00:00:00Z", std::string(2000, 'x'));
  }
  Aggregation run(const query::Params& params) {
    const auto request = query::parse_aggregate(params, 0);
    EXPECT_TRUE(request) << (request ? "" : request.error().context);
    auto out = engine->aggregate(*request);
    EXPECT_TRUE(out) << (out ? "" : out.error().context);
    return out ? *std::move(out) : Aggregation{};
  }
  static Counts counts(const std::vector<Group>& groups) {
    Counts out;
    for (const auto& group : groups) {
      std::string key;
      for (const auto& value : group.key) key += (key.empty() ? "" : "/") + value;
      out.emplace_back(std::move(key), group.count);
    }
    return out;
  }

  FakeReader reader;
  std::unique_ptr<Engine> engine = Engine::make(reader);
};

TEST_F(AggregateTest, NothingMatches) {
  const auto got = run({{"by", "resource"}});
  EXPECT_EQ(got.total, 0U);
  EXPECT_TRUE(got.groups.top.empty());
  EXPECT_EQ(got.groups.others, 0U);
  EXPECT_TRUE(got.histogram.empty());
}

TEST_F(AggregateTest, GroupsByCountThenKey) {
  add_three_days();
  const auto got = run({{"by", "resource"}, {"interval", "none"}});
  EXPECT_EQ(counts(got.groups.top), (Counts{{"FLOW", 3}, {"EXECUTION", 1}, {"KVSTORE", 1}}));
  EXPECT_EQ(got.groups.others, 0U);
  EXPECT_EQ(got.total, 5U);
  const auto both = run({{"by", "resource,type"}, {"top", "2"}});
  EXPECT_EQ(counts(both.groups.top), (Counts{{"FLOW/UPDATE", 2}, {"EXECUTION/CREATE", 1}}));
  EXPECT_EQ(both.groups.others, 2U);
}

TEST_F(AggregateTest, WhatIsNotShownOrLacksTheFieldIsAmongTheOthers) {
  add_three_days();
  const auto got = run({{"by", "namespace"}, {"like", "A"}});
  EXPECT_EQ(counts(got.groups.top), (Counts{{"A", 1}, {"a", 1}, {"a.b", 1}}));
  EXPECT_EQ(got.groups.others, 2U);
  const auto none = run({});
  EXPECT_EQ(none.total, 5U);
  EXPECT_EQ(none.groups.others, 5U);
}

TEST_F(AggregateTest, ValuesTooLongForAColumnAreReadFromTheEntry) {
  add_three_days();
  const auto before = reader.reads();
  const auto got = run({{"by", "namespace"}, {"like", "xxx"}});
  EXPECT_EQ(counts(got.groups.top), (Counts{{std::string(2000, 'x'), 1}}));
  EXPECT_EQ(reader.reads() - before, 1U);
}

TEST_F(AggregateTest, AFacetIgnoresItsOwnConditionAndNeverABound) {
  add_three_days();
  const auto got = run({{"resources", "FLOW"}, {"type", "UPDATE"}, {"facets", "resource,type"}});
  EXPECT_EQ(got.total, 2U);
  ASSERT_EQ(got.facets.size(), 2U);
  EXPECT_EQ(counts(got.facets[0].top), (Counts{{"FLOW", 2}, {"KVSTORE", 1}}));
  EXPECT_EQ(counts(got.facets[1].top), (Counts{{"UPDATE", 2}, {"CREATE", 1}}));

  auto request = *query::parse_aggregate({{"facets", "namespace,tenantId"}}, 0);
  request.filter.bounds.push_back({Field::namespace_, Op::prefix, "", {"a"}, 0});
  request.filter.bounds.push_back({Field::tenant_id, Op::equals, "", {"main"}, 0});
  const auto bounded = engine->aggregate(request);
  ASSERT_TRUE(bounded);
  EXPECT_EQ(counts(bounded->facets[0].top), (Counts{{"a", 1}, {"a.b", 1}}));
  EXPECT_EQ(counts(bounded->facets[1].top), (Counts{{"main", 2}}));
}

TEST_F(AggregateTest, BucketsFollowTheTimeZone) {
  add_three_days();
  const auto got = run({{"by", "type"}, {"interval", "P1D"}, {"tz", "Europe/Berlin"}});
  ASSERT_EQ(got.histogram.size(), 4U);
  EXPECT_EQ(format_time(got.histogram[0].from), "2026-03-27T23:00:00.000Z");
  EXPECT_EQ(format_time(got.histogram[1].from), "2026-03-28T23:00:00.000Z");
  EXPECT_EQ(format_time(got.histogram[2].from), "2026-03-29T22:00:00.000Z");  // 23 hours.
  EXPECT_EQ(format_time(got.histogram[3].to), "2026-03-31T22:00:00.000Z");
  EXPECT_EQ(got.histogram[0].count, 1U);
  EXPECT_EQ(counts(got.histogram[1].groups), (Counts{{"UPDATE", 2}}));
  EXPECT_EQ(counts(got.histogram[2].groups), (Counts{{"CREATE", 1}}));
  EXPECT_EQ(got.interval, (query::Interval{query::Interval::Unit::day, 1}));
}

TEST_F(AggregateTest, GapsHaveBuckets) {
  add("FLOW", "CREATE", "2026-01-01T00:00:00Z");
  add("FLOW", "CREATE", "2026-01-05T00:00:00Z");
  const auto got = run({{"interval", "P1D"}});
  ASSERT_EQ(got.histogram.size(), 5U);
  EXPECT_EQ(got.histogram[2].count, 0U);
  EXPECT_TRUE(got.histogram[2].groups.empty());
}

TEST_F(AggregateTest, DatesFromTheYearZeroOn) {
  add("FLOW", "CREATE", "0000-01-01T00:00:00Z");
  add("FLOW", "CREATE", "9999-12-31T23:59:59.999Z");
  for (const char* zone : {"UTC", "Europe/Berlin"}) {
    const auto got = run({{"tz", zone}});
    ASSERT_FALSE(got.histogram.empty());
    EXPECT_LE(got.histogram.size(), 60U);
    EXPECT_EQ(got.histogram.front().count + got.histogram.back().count, 2U);
    for (const char* interval : {"PT1S", "PT1H", "P1D", "P1W", "P1M", "P1Y"}) {
      auto request = *query::parse_aggregate({{"tz", zone}, {"interval", interval}}, 0);
      const auto refused = engine->aggregate(request);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, Errc::invalid);
      EXPECT_EQ(refused.error().path, "interval");
    }
  }
}

TEST_F(AggregateTest, APinnedTreeSizeLeavesOutWhatCameAfter) {
  add_three_days();
  EXPECT_EQ(run({{"treeSize", "2"}}).total, 2U);
  EXPECT_EQ(run({{"treeSize", "2"}}).tree_size, TreeSize(2));
  const auto above = engine->aggregate(*query::parse_aggregate({{"treeSize", "6"}}, 0));
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().code, Errc::invalid);
  EXPECT_EQ(above.error().path, "treeSize");
}

TEST_F(AggregateTest, ErasedEventsHaveNoDateAndNoResource) {
  add("FLOW", "CREATE", "2026-01-01T00:00:00Z");
  record::Event event;
  event.id = "gone";
  auto erased = reader.append(event);
  erased.parts.bytes[0].clear();
  engine->add({erased});
  const auto got = run({{"by", "resource"}, {"interval", "P1D"}});
  EXPECT_EQ(got.total, 2U);
  EXPECT_EQ(counts(got.groups.top), (Counts{{"FLOW", 1}}));
  EXPECT_EQ(got.groups.others, 1U);
  ASSERT_EQ(got.histogram.size(), 1U);
  EXPECT_EQ(got.histogram[0].count, 1U);
}

}  // namespace
}  // namespace daybook::search
