// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/core/percent.h"
#include "daybook/query/aggregate.h"
#include "daybook/query/filter.h"
#include "daybook/query_testing/random_world.h"

namespace daybook::query {
namespace {

constexpr std::uint64_t kSeed = 4;
constexpr int kRequests = 4000;

std::string show(const Params& params) {
  std::string out;
  for (const auto& [name, value] : params) out += name + "=" + value + "\n";
  return out;
}

TEST(RequestProperty, APrintedFilterParsesToItself) {
  RandomWorld world(kSeed);
  std::size_t groups = 0;
  for (int i = 0; i < kRequests; ++i) {
    const auto params = world.request();
    SCOPED_TRACE(show(params));
    const auto filter = parse_filter(params, RandomWorld::kNow);
    ASSERT_TRUE(filter) << filter.error().path << ": " << filter.error().context;
    const auto printed = print_filter(*filter);
    const auto again = parse_filter(parse_query(printed), RandomWorld::kNow + 1'000'000);
    ASSERT_TRUE(again) << printed;
    ASSERT_EQ(*again, *filter) << printed;
    ASSERT_EQ(print_filter(*again), printed);
    groups += filter->any.size();
    const auto event = world.event();
    ASSERT_EQ(matches(*again, event), matches(*filter, event));
  }
  EXPECT_GT(groups, kRequests / 10U);  // The generator makes what it is there for.
}

// Every operator on every field, alone and in a group: taken exactly if the contract's table has
// it.
TEST(RequestProperty, TheTableOfOperatorsIsTheContracts) {
  RandomWorld world(kSeed);
  for (const auto& rule : field_rules()) {
    for (const auto op : all_operators()) {
      const bool known =
          std::find(rule.operators.begin(), rule.operators.end(), op) != rule.operators.end();
      const std::string key = rule.field == Field::detail ? "[flowId]" : "";
      const auto value = world.value(rule, known ? op : "EQUALS", "flowId");
      for (const char* place : {"", "[or][0]", "[and][1][or][2]"}) {
        const auto name = "filters" + std::string(place) + "[" + std::string(rule.name) + "][" +
                          std::string(op) + "]" + key;
        const auto filter = parse_filter({{name, value}}, RandomWorld::kNow);
        EXPECT_EQ(filter.has_value(), known) << name << "=" << value;
        if (filter) continue;
        EXPECT_EQ(filter.error().code, Errc::invalid);
        EXPECT_EQ(filter.error().path, name);
        for (const auto word : rule.operators) {
          EXPECT_NE(filter.error().context.find(word), std::string::npos) << name << " " << word;
        }
      }
    }
  }
}

// Requests of known and unknown pieces, most of them wrong: refused as invalid with the parameter's
// name, or taken; whatever is taken can be printed, parsed and run.
TEST(RequestProperty, AnyRequestIsTakenOrInvalid) {
  RandomWorld world(kSeed + 1);
  const std::vector<std::string> heads{"filters",
                                       "filters[or][0]",
                                       "filters[and][1]",
                                       "filters[or][1][and][0]",
                                       "filters[and][0][or][3]",
                                       "filters[or][0][or][0][or][0]",
                                       "filters[and]",
                                       "filter",
                                       "filters[or][x]"};
  const std::vector<std::string> values{"",           "x",
                                        "a,b",        "2026-01-01T00:00:00Z",
                                        "2026-01-01", "PT1H",
                                        "P1000Y",     "flowId:hello",
                                        "{\"a\":1}",  "{",
                                        "(",          "event",
                                        "SUCCESS",    "attempt,outcome",
                                        "\xFF",       std::string(2000, 'a')};
  const auto event = world.event();
  std::size_t taken = 0;
  for (int i = 0; i < kRequests; ++i) {
    Params params;
    for (auto left = 1 + world.below(3); left > 0; --left) {
      std::string name = world.pick(heads);
      const auto& rule = field_rules()[world.below(field_rules().size())];
      name += world.one_in(8) ? "[scope]" : "[" + std::string(rule.name) + "]";
      name +=
          world.one_in(8) ? "[LIKE]" : "[" + std::string(all_operators()[world.below(13)]) + "]";
      if (world.one_in(6)) name += world.one_in(2) ? "[flowId]" : "[]";
      if (world.one_in(10))
        name = world.pick({"details", "details[", "filters", "", "tenantId", "sort"});
      params.emplace_back(name, world.pick(values));
    }
    SCOPED_TRACE(show(params));
    const auto search = parse_search(params, Endpoint::search, RandomWorld::kNow);
    const auto filter = parse_filter(params, RandomWorld::kNow);
    if (search && filter) {
      ASSERT_EQ(search->filter, *filter);
    }
    if (filter) {
      ++taken;
      ASSERT_EQ(parse_filter(parse_query(print_filter(*filter)), 0), *filter);
      static_cast<void>(matches(*filter, event));
      continue;
    }
    ASSERT_EQ(filter.error().code, Errc::invalid);
    ASSERT_TRUE(std::any_of(params.begin(), params.end(), [&](const auto& param) {
      return param.first == filter.error().path;
    })) << filter.error().path;
  }
  EXPECT_GT(taken, 50U);
}

}  // namespace
}  // namespace daybook::query
