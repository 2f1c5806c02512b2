// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/query/aggregate.h"

namespace daybook::query {
namespace {

using Unit = Interval::Unit;

void expect_refused(const Params& params, const std::string& path) {
  const auto request = parse_aggregate(params, 0);
  ASSERT_FALSE(request) << path;
  EXPECT_EQ(request.error().code, Errc::invalid);
  EXPECT_EQ(request.error().path, path);
}

TEST(AggregateParser, NothingAskedCountsOverTime) {
  const auto request = parse_aggregate({}, 0);
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->by.empty() && request->facets.empty());
  EXPECT_EQ(request->interval, (Interval{Unit::automatic, 1}));
  EXPECT_EQ(request->time_zone, "UTC");
  EXPECT_EQ(request->top, 10U);
  EXPECT_FALSE(request->tree_size || request->like);
}

TEST(AggregateParser, EverythingAsked) {
  const auto request = parse_aggregate({{"by", "resource,type"},
                                        {"by", "userId"},
                                        {"facets", "namespace"},
                                        {"facets", "kind,tenantId"},
                                        {"like", "Fl"},
                                        {"interval", "PT1H"},
                                        {"tz", "Europe/Berlin"},
                                        {"top", "0"},
                                        {"treeSize", "7"},
                                        {"type", "CREATE"},
                                        {"filters[or][0][flowId][EQUALS]", "a"},
                                        {"filters[or][1][flowId][EQUALS]", "b"}},
                                       0);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->by, (std::vector<GroupBy>{{"resource", Field::resource},
                                               {"type", Field::action},
                                               {"userId", Field::user_id}}));
  EXPECT_EQ(request->facets, (std::vector<GroupBy>{{"namespace", Field::namespace_},
                                                   {"kind", Field::kind},
                                                   {"tenantId", Field::tenant_id}}));
  EXPECT_EQ(request->like, "Fl");
  EXPECT_EQ(request->interval, (Interval{Unit::hour, 1}));
  EXPECT_EQ(request->time_zone, "Europe/Berlin");
  EXPECT_EQ(request->top, 0U);
  EXPECT_EQ(request->tree_size, TreeSize(7));
  EXPECT_EQ(request->filter.all.size(), 1U);
  EXPECT_EQ(request->filter.any.size(), 1U);
}

TEST(AggregateParser, EveryFieldOfTheContractIsOne) {
  for (const char* name :
       {"resource", "type", "userId", "actorKind", "namespace", "flowId", "result", "ipAddress",
        "tenantId", "username", "executionId", "source", "kind"}) {
    const auto request = parse_aggregate({{"by", name}, {"facets", name}}, 0);
    ASSERT_TRUE(request) << name;
    EXPECT_EQ(request->by.front().name, name);
  }
}

TEST(AggregateParser, WhatIsUnknownIsRefusedByName) {
  expect_refused({{"by", "colour"}}, "by");
  expect_refused({{"by", ""}}, "by");
  expect_refused({{"by", "resource,"}}, "by");
  expect_refused({{"by", "resource,resource"}}, "by");
  expect_refused({{"by", "resource,type,userId,result,source"}}, "by");
  expect_refused({{"facets", "q"}}, "facets");
  expect_refused({{"interval", "PT5H"}}, "interval");
  expect_refused({{"tz", "Mars/Olympus"}}, "tz");
  expect_refused({{"top", "1001"}}, "top");
  expect_refused({{"top", "-1"}}, "top");
  expect_refused({{"treeSize", "x"}}, "treeSize");
  expect_refused({{"like", "x"}}, "like");
  expect_refused({{"by", "type"}, {"like", std::string(257, 'x')}}, "like");
  expect_refused({{"interval", "auto"}, {"interval", "auto"}}, "interval");
  expect_refused({{"size", "10"}}, "size");
  expect_refused({{"filters[type][PREFIX]", "x"}}, "filters[type][PREFIX]");
}

TEST(AggregateParser, AFacetIgnoresWhatIsOnItsFieldAlone) {
  const Clause type{Field::action, Op::in, "", {"a"}, 0};
  const Clause flow{Field::flow_id, Op::equals, "", {"f"}, 0};
  const Clause tag{Field::detail, Op::equals, "flowId", {"f"}, 0};
  const Clause other{Field::detail, Op::equals, "revision", {"2"}, 0};
  const AnyOf same{{{flow}, {tag}}};
  const AnyOf mixed{{{flow}, {type}}};
  const Filter filter{{type, flow, tag, other}, {same, mixed}, {flow}};
  EXPECT_EQ(without_field(filter, Field::flow_id), (Filter{{type, other}, {mixed}, {flow}}));
  EXPECT_EQ(without_field(filter, Field::action),
            (Filter{{flow, tag, other}, {same, mixed}, {flow}}));
  EXPECT_EQ(without_field(filter, Field::user_id), filter);
}

TEST(AggregateParser, TheFacetOfKindsCountsThemAll) {
  const auto filter = without_field({{{Field::kind, Op::equals, "", {"event"}, 0}}}, Field::kind);
  for (const auto kind :
       {record::Kind::event, record::Kind::attempt, record::Kind::outcome, record::Kind::system}) {
    record::Event event;
    event.kind = kind;
    EXPECT_TRUE(matches(filter, event));
  }
}

}  // namespace
}  // namespace daybook::query
