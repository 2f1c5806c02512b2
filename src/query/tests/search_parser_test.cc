// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/query/filter.h"

namespace daybook::query {
namespace {

constexpr UnixMillis kNow = 1'700'000'000'000;

Result<Search> parse(const Params& params, Endpoint endpoint = Endpoint::search) {
  return parse_search(params, endpoint, kNow);
}

// The only clause of a request with one parameter.
Clause only(const std::string& name, const std::string& value) {
  const auto search = parse({{name, value}});
  EXPECT_TRUE(search) << name << "=" << value;
  if (!search || search->filter.all.size() != 1) {
    ADD_FAILURE() << name << " is not one clause";
    return {};
  }
  return search->filter.all.front();
}

void expect_clause(const Clause& clause, Field field, Op op, const std::vector<std::string>& values,
                   const std::string& key = "") {
  EXPECT_EQ(clause.field, field);
  EXPECT_EQ(clause.op, op);
  EXPECT_EQ(clause.values, values);
  EXPECT_EQ(clause.key, key);
}

void expect_refused(const Params& params, const std::string& path,
                    const std::vector<std::string>& named = {},
                    Endpoint endpoint = Endpoint::search) {
  const auto search = parse(params, endpoint);
  ASSERT_FALSE(search) << path;
  EXPECT_EQ(search.error().code, Errc::invalid);
  EXPECT_EQ(search.error().path, path);
  // Which words a refusal names is behaviour that callers rely on; its wording is not.
  for (const auto& word : named) {
    EXPECT_NE(search.error().context.find(word), std::string::npos) << word;
  }
}

TEST(SearchParser, NothingAskedIsTheFirstTen) {
  const auto search = parse({});
  ASSERT_TRUE(search);
  EXPECT_TRUE(search->filter.all.empty());
  EXPECT_TRUE(search->sort.empty());
  EXPECT_EQ(search->page, 1U);
  EXPECT_EQ(search->size, 10U);
  EXPECT_FALSE(search->tree_size || search->before || search->after || search->expand);
}

TEST(SearchParser, FlatParametersAreEqualsInOrPrefix) {
  expect_clause(only("namespace", "a.b"), Field::namespace_, Op::prefix, {"a.b"});
  expect_clause(only("flowId", "f"), Field::flow_id, Op::in, {"f"});
  expect_clause(only("executionId", "e1,e2"), Field::execution_id, Op::in, {"e1", "e2"});
  expect_clause(only("userId", "cn=a,ou=b"), Field::user_id, Op::equals, {"cn=a,ou=b"});
  expect_clause(only("username", "a b"), Field::username, Op::equals, {"a b"});
  expect_clause(only("id", "x"), Field::id, Op::in, {"x"});
  expect_clause(only("resource", "FLOW"), Field::resource, Op::in, {"FLOW"});
  expect_clause(only("permission", "FLOW"), Field::resource, Op::in, {"FLOW"});
  expect_clause(only("action", "READ"), Field::action, Op::in, {"READ"});
  expect_clause(only("kind", "attempt,outcome"), Field::kind, Op::in, {"attempt", "outcome"});
  expect_clause(only("attemptId", "a"), Field::attempt_id, Op::in, {"a"});
  expect_clause(only("result", "DENIED"), Field::result, Op::in, {"DENIED"});
  expect_clause(only("actorKind", "WEBHOOK"), Field::actor_kind, Op::in, {"WEBHOOK"});
  expect_clause(only("source", "ingest"), Field::source, Op::in, {"ingest"});
  expect_clause(only("ipAddress", "::1"), Field::ip_address, Op::in, {"::1"});
  expect_clause(only("q", "a & b"), Field::q, Op::equals, {"a & b"});
}

TEST(SearchParser, RepeatedResourcesAndTypesAreAlternatives) {
  const auto search = parse({{"resources", "FLOW,KVSTORE"},
                             {"type", "CREATE"},
                             {"resource", "TRIGGER"},
                             {"type", "DELETE"},
                             {"userId", "a"},
                             {"userId", "b"}});
  ASSERT_TRUE(search);
  const auto& all = search->filter.all;
  ASSERT_EQ(all.size(), 4U);
  expect_clause(all[0], Field::user_id, Op::equals, {"a"});
  expect_clause(all[1], Field::user_id, Op::equals, {"b"});
  expect_clause(all[2], Field::resource, Op::in, {"FLOW", "KVSTORE", "TRIGGER"});
  expect_clause(all[3], Field::action, Op::in, {"CREATE", "DELETE"});
}

TEST(SearchParser, DatesAreFromAndUpTo) {
  const auto from = only("startDate", "2026-01-01T00:00:00Z");
  EXPECT_EQ(from.op, Op::greater_or_equal);
  EXPECT_EQ(from.time, 1'767'225'600'000);
  const auto to = only("endDate", "2026-01-01T01:00:00.123456+01:00");
  EXPECT_EQ(to.op, Op::less_or_equal);
  EXPECT_EQ(to.time, 1'767'225'600'123);
  EXPECT_EQ(only("startDate", "2026-01-01T01:00:00 01:00").time, 1'767'225'600'000);

  const std::string date = "2026-01-01T00:00:00Z";
  EXPECT_EQ(only("filters[startDate][NOT_EQUALS]", date).op, Op::less);
  EXPECT_EQ(only("filters[endDate][NOT_EQUALS]", date).op, Op::greater);
  EXPECT_EQ(only("filters[endDate][GREATER_THAN]", date).op, Op::greater);
  EXPECT_EQ(only("filters[startDate][LESS_THAN_OR_EQUAL_TO]", date).op, Op::less_or_equal);
  for (const char* bad : {"", "yesterday", "2026-01-01", "2026-13-01T00:00:00Z"}) {
    expect_refused({{"startDate", bad}}, "startDate");
    expect_refused({{"filters[endDate][EQUALS]", bad}}, "filters[endDate][EQUALS]");
  }
}

TEST(SearchParser, TimeRangeGoesBackFromNow) {
  const auto range = only("filters[timeRange][EQUALS]", "PT24H");
  EXPECT_EQ(range.field, Field::date);
  EXPECT_EQ(range.op, Op::greater_or_equal);
  EXPECT_EQ(range.time, kNow - 86'400'000);
  expect_refused({{"filters[timeRange][EQUALS]", "1 day"}}, "filters[timeRange][EQUALS]");
  expect_refused({{"filters[timeRange][IN]", "PT1H"}}, "filters[timeRange][IN]", {"EQUALS"});
}

TEST(SearchParser, FiltersWithOperators) {
  expect_clause(only("filters[namespace][PREFIX]", "a"), Field::namespace_, Op::prefix, {"a"});
  expect_clause(only("filters[resources][IN]", "A,B"), Field::resource, Op::in, {"A", "B"});
  expect_clause(only("filters[action][NOT_IN]", "A"), Field::action, Op::not_in, {"A"});
  expect_clause(only("filters[userId][NOT_EQUALS]", "a,b"), Field::user_id, Op::not_equals,
                {"a,b"});
  expect_clause(only("filters[flowId][CONTAINS]", "x"), Field::flow_id, Op::contains, {"x"});
  expect_clause(only("filters[q][NOT_EQUALS]", "x"), Field::q, Op::not_equals, {"x"});
  const auto both = parse({{"filters[flowId][EQUALS]", "a"}, {"flowId", "b"}});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->filter.all.size(), 2U);
}

TEST(SearchParser, DetailsInEveryForm) {
  const auto expect = [](const std::string& name, const std::string& value) {
    SCOPED_TRACE(name);
    expect_clause(only(name, value), Field::detail, Op::equals, {"hello"}, "flow.id");
  };
  expect("filters[details][EQUALS][flow.id]", "hello");
  expect("filters[details][EQUALS]", "flow.id:hello");
  expect("details", R"({"flow.id":"hello"})");
  expect("details", "flow.id,hello");
  expect("details", "flow.id:hello");
  expect("details[flow.id]", "hello");
  expect_clause(only("details", R"({"n":[1, {"b":2}]})"), Field::detail, Op::equals,
                {R"([1,{"b":2}])"}, "n");
  expect_clause(only("details", "url:a:b,c"), Field::detail, Op::equals, {"a:b,c"}, "url");
  expect_clause(only("filters[details][IN][a][b]", "1,2"), Field::detail, Op::in, {"1", "2"},
                "a][b");
  const auto map = parse({{"details", R"({"a":"1","b":2})"}});
  ASSERT_TRUE(map);
  EXPECT_EQ(map->filter.all.size(), 2U);
  expect_refused({{"details", "flowId"}}, "details");
  expect_refused({{"details", "a,b,c"}}, "details");
  expect_refused({{"details", "{\"a\":"}}, "details");
  expect_refused({{"filters[details][EQUALS]", "flowId"}}, "filters[details][EQUALS]");
  expect_refused({{"filters[details][EQUALS][]", "x"}}, "filters[details][EQUALS][]");
}

TEST(SearchParser, WhatIsUnknownIsNamedWithTheKnown) {
  expect_refused({{"sizes", "1"}}, "sizes", {"sizes", "size", "startDate", "treeSize"});
  expect_refused({{"filters[scope][EQUALS]", "x"}}, "filters[scope][EQUALS]",
                 {"scope", "namespace", "attemptId"});
  expect_refused({{"filters[type][PREFIX]", "x"}}, "filters[type][PREFIX]",
                 {"PREFIX", "EQUALS", "NOT_IN"});
  expect_refused({{"filters[type][equals]", "x"}}, "filters[type][equals]", {"EQUALS"});
  expect_refused({{"filters[kind][NOT_EQUALS]", "event"}}, "filters[kind][NOT_EQUALS]", {"NOT_IN"});
  expect_refused({{"filters[type]", "x"}}, "filters[type]", {"EQUALS"});
  expect_refused({{"filters", "x"}}, "filters");
  expect_refused({{"filters[type", "x"}}, "filters[type");
  expect_refused({{"filters[type][EQUALS][key]", "x"}}, "filters[type][EQUALS][key]");
  expect_refused({{"filters[permission][EQUALS]", "x"}}, "filters[permission][EQUALS]");
  expect_refused({{"kind", "attempts"}}, "kind", {"attempts", "attempt", "outcome", "system"});
  expect_refused({{"filters[result][IN]", "SUCCESS,failure"}}, "filters[result][IN]", {"FAILURE"});
  expect_refused({{"sort", "namespace:asc"}}, "sort", {"namespace", "date", "userId", "resource"});
  expect_refused({{"expand", "all"}}, "expand", {"daybook"});
  expect_refused({{"tenantId", "main"}}, "tenantId");
}

TEST(SearchParser, PagesAndSizes) {
  const auto search =
      parse({{"page", "7"}, {"size", "1000"}, {"treeSize", "0"}, {"expand", "daybook"}});
  ASSERT_TRUE(search);
  EXPECT_EQ(search->page, 7U);
  EXPECT_EQ(search->size, 1000U);
  EXPECT_EQ(search->tree_size, TreeSize(0));
  EXPECT_TRUE(search->expand);
  for (const char* bad : {"0", "1001", "-1", "", "1.0", "ten", "1 ", "99999999999999999999"}) {
    expect_refused({{"size", bad}}, "size");
  }
  for (const char* bad : {"0", "-1", "2147483648", "x"}) expect_refused({{"page", bad}}, "page");
  expect_refused({{"treeSize", "-1"}}, "treeSize");
  expect_refused({{"size", "5"}, {"size", "6"}}, "size");
}

TEST(SearchParser, SortsRepeatedOrInAList) {
  const auto search = parse({{"sort", "type:asc,date:desc"}, {"sort", "detail.resource:up"}});
  ASSERT_TRUE(search);
  ASSERT_EQ(search->sort.size(), 3U);
  EXPECT_EQ(search->sort[0].by, Sort::By::action);
  EXPECT_FALSE(search->sort[0].descending);
  EXPECT_EQ(search->sort[1].by, Sort::By::date);
  EXPECT_TRUE(search->sort[1].descending);
  EXPECT_EQ(search->sort[2].by, Sort::By::resource);
  EXPECT_TRUE(search->sort[2].descending);
  expect_refused({{"sort", "date"}}, "sort");
  expect_refused({{"sort", ""}}, "sort");
}

TEST(SearchParser, KeysetPagingHasNoPagesAndNoOrder) {
  const auto search = parse({{"before", "12"}, {"size", "3"}, {"treeSize", "20"}});
  ASSERT_TRUE(search);
  EXPECT_EQ(search->before, EntryIndex(12));
  expect_refused({{"before", "12"}, {"page", "1"}}, "before");
  expect_refused({{"sort", "date:desc"}, {"after", "12"}}, "after");
  expect_refused({{"before", "12"}, {"after", "1"}}, "after");
  expect_refused({{"before", "x"}}, "before");
}

TEST(SearchParser, ExportHasFormatsAndNoPages) {
  const auto search = parse({{"format", "ndjson"}, {"treeSize", "4"}, {"filters[id][EQUALS]", "a"}},
                            Endpoint::export_);
  ASSERT_TRUE(search);
  EXPECT_EQ(search->format, "ndjson");
  EXPECT_EQ(parse({}, Endpoint::export_)->format, "csv");
  expect_refused({{"format", "xml"}}, "format", {"csv", "ndjson", "json"}, Endpoint::export_);
  expect_refused({{"format", "csv"}}, "format");
  for (const char* name : {"page", "size", "sort", "before"}) {
    expect_refused({{name, "1"}}, name, {"treeSize"}, Endpoint::export_);
  }
}

TEST(SearchParser, RequestsAreBounded) {
  Params many;
  for (int i = 0; i < 201; ++i) many.emplace_back("userId", "u");
  EXPECT_FALSE(parse(many));
  many.pop_back();
  EXPECT_TRUE(parse(many));
  expect_refused({{"flowId", std::string(1000, ',')}}, "flowId");
  EXPECT_TRUE(parse({{"flowId", std::string(999, ',')}}));
  Params repeats;
  for (int i = 0; i < 3; ++i) repeats.emplace_back("type", std::string(500, ','));
  EXPECT_FALSE(parse(repeats));
}

}  // namespace
}  // namespace daybook::query
