// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/query/filter.h"

namespace daybook::query {
namespace {

constexpr UnixMillis kNow = 1'700'000'000'000;

Filter parse(const Params& params) {
  auto filter = parse_filter(params, kNow);
  EXPECT_TRUE(filter) << (filter ? "" : filter.error().path + ": " + filter.error().context);
  return filter ? *std::move(filter) : Filter{};
}

Clause type(const std::string& value) {
  return {Field::action, Op::equals, "", {value}, 0};
}
Clause user(const std::string& value) {
  return {Field::user_id, Op::equals, "", {value}, 0};
}
Clause space(const std::string& value) {
  return {Field::namespace_, Op::equals, "", {value}, 0};
}
Clause detail(const std::string& key, const std::string& value) {
  return {Field::detail, Op::equals, key, {value}, 0};
}

void expect_refused(const Params& params, const std::string& path) {
  const auto filter = parse_filter(params, kNow);
  ASSERT_FALSE(filter) << path;
  EXPECT_EQ(filter.error().code, Errc::invalid);
  EXPECT_EQ(filter.error().path, path);
}

TEST(Groups, OrOfConditions) {
  const auto filter =
      parse({{"filters[or][0][type][EQUALS]", "CREATE"}, {"filters[or][1][userId][EQUALS]", "u1"}});
  EXPECT_EQ(filter, (Filter{{}, {{{{type("CREATE")}, {user("u1")}}}}}));
}

TEST(Groups, AndWithANestedOr) {
  const auto filter = parse({{"filters[and][0][namespace][EQUALS]", "a"},
                             {"filters[and][1][or][0][action][IN]", "CREATE,DELETE"},
                             {"filters[and][1][or][1][userId][EQUALS]", "u1"}});
  const Clause action{Field::action, Op::in, "", {"CREATE", "DELETE"}, 0};
  EXPECT_EQ(filter, (Filter{{space("a")}, {{{{action}, {user("u1")}}}}}));
}

TEST(Groups, OrWithANestedAnd) {
  const auto filter = parse({{"filters[or][0][type][EQUALS]", "x"},
                             {"filters[or][1][and][0][userId][EQUALS]", "f"},
                             {"filters[or][1][and][1][namespace][EQUALS]", "n"}});
  EXPECT_EQ(filter, (Filter{{}, {{{{type("x")}, {user("f"), space("n")}}}}}));
}

TEST(Groups, ParametersOfOneChildAreAnd) {
  const auto filter = parse({{"filters[or][0][details][EQUALS][a]", "1"},
                             {"filters[or][1][type][EQUALS]", "x"},
                             {"filters[or][0][details][EQUALS][b]", "2"}});
  EXPECT_EQ(filter, (Filter{{}, {{{{detail("a", "1"), detail("b", "2")}, {type("x")}}}}}));
  const auto nested = parse({{"filters[and][3][or][0][details][EQUALS][a]", "1"},
                             {"filters[and][3][or][0][details][EQUALS][b]", "2"},
                             {"filters[and][3][or][7][type][EQUALS]", "x"}});
  EXPECT_EQ(nested, filter);
}

TEST(Groups, OrderAndGapsOfNumbersMeanNothingButGrouping) {
  const auto filter = parse({{"filters[or][9][userId][EQUALS]", "u"},
                             {"filters[namespace][EQUALS]", "n"},
                             {"filters[or][2][type][EQUALS]", "x"}});
  EXPECT_EQ(filter, (Filter{{space("n")}, {{{{type("x")}, {user("u")}}}}}));
}

TEST(Groups, SameKindNestingIsFlat) {
  const Filter both{{type("x"), user("u")}};
  EXPECT_EQ(
      parse({{"filters[and][0][type][EQUALS]", "x"}, {"filters[and][1][userId][EQUALS]", "u"}}),
      both);
  EXPECT_EQ(parse({{"filters[and][0][and][0][type][EQUALS]", "x"},
                   {"filters[and][0][and][1][userId][EQUALS]", "u"}}),
            both);
  EXPECT_EQ(parse({{"filters[or][0][or][0][type][EQUALS]", "x"},
                   {"filters[or][0][or][1][userId][EQUALS]", "u"},
                   {"filters[or][1][namespace][EQUALS]", "n"}}),
            (Filter{{}, {{{{space("n")}, {type("x")}, {user("u")}}}}}));
}

TEST(Groups, AGroupOfOneIsItsMember) {
  EXPECT_EQ(parse({{"filters[or][4][type][EQUALS]", "x"}}), Filter{{type("x")}});
  EXPECT_EQ(parse({{"filters[and][0][or][0][type][EQUALS]", "x"}}), Filter{{type("x")}});
  EXPECT_EQ(parse({{"filters[or][0][and][0][type][EQUALS]", "x"},
                   {"filters[or][0][and][1][userId][EQUALS]", "u"}}),
            (Filter{{type("x"), user("u")}}));
}

TEST(Groups, SeveralGroupsAllHold) {
  const auto filter = parse({{"filters[or][0][type][EQUALS]", "x"},
                             {"filters[or][1][type][EQUALS]", "y"},
                             {"filters[and][0][or][0][userId][EQUALS]", "u"},
                             {"filters[and][0][or][1][userId][EQUALS]", "v"},
                             {"namespace", "a,b"}});
  const Clause a{Field::namespace_, Op::prefix, "", {"a"}, 0};
  const Clause b{Field::namespace_, Op::prefix, "", {"b"}, 0};
  EXPECT_EQ(
      filter,
      (Filter{{}, {{{{type("x")}, {type("y")}}}, {{{user("u")}, {user("v")}}}, {{{a}, {b}}}}}));
}

TEST(Groups, AMapKeyMayLookLikeAGroup) {
  EXPECT_EQ(parse({{"filters[or][0][details][EQUALS][or][0]", "1"},
                   {"filters[or][1][details][EQUALS][a.b-c]", "2"}}),
            (Filter{{}, {{{{detail("or][0", "1")}, {detail("a.b-c", "2")}}}}}));
}

TEST(Groups, WhatIsNoGroupIsRefused) {
  for (const char* bad : {"filters[and]",
                          "filters[or]",
                          "filters[or][0]",
                          "filters[or][0][]",
                          "filters[or][][type][EQUALS]",
                          "filters[or][-1][type][EQUALS]",
                          "filters[or][x][type][EQUALS]",
                          "filters[or][1.5][type][EQUALS]",
                          "filters[or][10000][type][EQUALS]",
                          "filters[or][type][EQUALS]",
                          "filters[or][0][and][type][EQUALS]",
                          "filters[OR][0][type][EQUALS]",
                          "filters[or][0][and][0][or][0][type][EQUALS]",
                          "filters[and][0][and][0][and][0][type][EQUALS]",
                          "filters[or][0][type]",
                          "filters[or][0][scope][EQUALS]",
                          "filters[or][0][type][PREFIX]",
                          "filters[or][0][type][EQUALS][key]",
                          "filters[or][0][and][0][permission][EQUALS]",
                          "filters[or][99999999999999999999][type][EQUALS]"}) {
    expect_refused({{bad, "x"}}, bad);
  }
  EXPECT_TRUE(parse_filter({{"filters[or][9999][type][EQUALS]", "x"}}, kNow));
}

TEST(Groups, AChildIsAConditionOrAnOrGroup) {
  expect_refused(
      {{"filters[or][0][type][EQUALS]", "x"}, {"filters[or][0][or][0][type][EQUALS]", "y"}},
      "filters[or][0][or][0][type][EQUALS]");
  expect_refused(
      {{"filters[or][0][or][0][type][EQUALS]", "x"}, {"filters[or][0][and][0][type][EQUALS]", "y"}},
      "filters[or][0][and][0][type][EQUALS]");
}

TEST(Groups, ConditionsAreCountedOverAllGroups) {
  Params many;
  for (int i = 0; i < 200; ++i) {
    many.emplace_back("filters[or][" + std::to_string(i) + "][type][EQUALS]", "x");
  }
  EXPECT_TRUE(parse_filter(many, kNow));
  many.emplace_back("namespace", "a");
  expect_refused(many, "namespace");
  expect_refused({{"namespace", std::string(200, ',')}}, "namespace");
}

TEST(Groups, EmptyKeysOfDetailsAreRefused) {
  expect_refused({{"details[]", "x"}}, "details[]");
  expect_refused({{"details[]", "a:b"}}, "details[]");
  expect_refused({{"details", ",x"}}, "details");
  expect_refused({{"details", ":x"}}, "details");
  expect_refused({{"details", R"({"":"x"})"}}, "details");
  expect_refused({{"filters[details][EQUALS]", ":x"}}, "filters[details][EQUALS]");
}

TEST(Groups, OnlyFiltersAreFilters) {
  expect_refused({{"size", "1"}}, "size");
  expect_refused({{"treeSize", "1"}}, "treeSize");
}

record::Event attempt() {
  record::Event event;
  event.id = "e";
  event.kind = record::Kind::attempt;
  event.action = "CREATE";
  event.resource = "FLOW";
  return event;
}

TEST(Groups, AKindWithinAGroupDecidesAlone) {
  const auto event = attempt();
  EXPECT_FALSE(matches(parse({{"type", "CREATE"}}), event));
  EXPECT_TRUE(matches(parse({{"filters[or][0][kind][EQUALS]", "attempt"},
                             {"filters[or][1][type][EQUALS]", "DELETE"}}),
                      event));
  // Named, be it in an alternative that does not hold.
  EXPECT_TRUE(matches(parse({{"filters[or][0][kind][EQUALS]", "system"},
                             {"filters[or][1][type][EQUALS]", "CREATE"}}),
                      event));
}

TEST(Groups, OneAlternativeOfEachGroupHasToHold) {
  auto event = attempt();
  event.kind = record::Kind::event;
  EXPECT_TRUE(matches({{type("CREATE")}, {{{{user("u")}, {type("CREATE")}}}}}, event));
  EXPECT_FALSE(matches({{type("CREATE")}, {{{{user("u")}, {type("DELETE")}}}}}, event));
  EXPECT_FALSE(
      matches({{}, {{{{type("CREATE")}, {user("u")}}}, {{{user("u")}, {user("v")}}}}}, event));
  EXPECT_FALSE(matches({{}, {{{{type("CREATE"), user("u")}, {user("v")}}}}}, event));
}

TEST(Groups, BoundsHoldBesideEverythingAndAreNotPrinted) {
  auto event = attempt();
  event.kind = record::Kind::event;
  Filter filter{{type("CREATE")}};
  EXPECT_TRUE(matches(filter, event));
  filter.bounds.push_back(space("a"));
  EXPECT_FALSE(matches(filter, event));
  EXPECT_EQ(parse(filter_params(filter)), Filter{{type("CREATE")}});
  EXPECT_EQ(print_filter(Filter{{type("a b")}}), "filters%5Btype%5D%5BEQUALS%5D=a%20b");
}

}  // namespace
}  // namespace daybook::query
