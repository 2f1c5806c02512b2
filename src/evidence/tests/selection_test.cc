// SPDX-License-Identifier: Apache-2.0
#include "daybook/evidence/selection.h"

#include <gtest/gtest.h>

namespace daybook::evidence {
namespace {

TEST(Filters, AreThoseOfASearch) {
  const auto filter =
      parse_filters("resource=FLOW&filters%5Bnamespace%5D%5BPREFIX%5D=company.team");
  ASSERT_TRUE(filter.has_value());
  EXPECT_EQ(filter->all.size(), 2U);
  EXPECT_TRUE(parse_filters("").has_value());
}

TEST(Filters, NothingElseIsAccepted) {
  for (const char* text : {"page=1", "size=5", "sort=date:asc", "treeSize=3", "expand=daybook",
                           "format=csv", "before=3", "nonsense=1", "filters[x][EQUALS]=1"}) {
    const auto filter = parse_filters(text);
    ASSERT_FALSE(filter.has_value()) << text;
    EXPECT_EQ(filter.error().code, Errc::invalid);
    EXPECT_FALSE(filter.error().path.empty());
  }
}

TEST(Filters, RelativeTimesMeanSomethingElseTomorrow) {
  EXPECT_FALSE(parse_filters("timeRange=PT1H").has_value());
  EXPECT_FALSE(parse_filters("filters[timeRange][EQUALS]=P1D").has_value());
  EXPECT_TRUE(parse_filters("startDate=2026-01-01T00:00:00Z").has_value());
}

TEST(Filters, ConditionsOnHiddenPartsAreLeftOut) {
  const auto filter =
      parse_filters("resource=FLOW&username=jane&ipAddress=10.0.0.1&q=x&details[subject]=s");
  ASSERT_TRUE(filter.has_value()) << filter.error().context;
  const auto count = [&](Shown shown) { return answerable(*filter, shown).all.size(); };
  EXPECT_EQ(count({true, true}), 5U);
  EXPECT_EQ(count({false, true}), 1U);
  EXPECT_EQ(count({true, false}), 4U);
}

TEST(Scopes, BecomeClauses) {
  EXPECT_TRUE(clauses_of({}).empty());
  const Scope scope{"main", "company", "account-1"};
  EXPECT_EQ(clauses_of(scope).size(), 3U);
  EXPECT_EQ(
      to_json(scope),
      (record::Json{{"tenant", "main"}, {"namespace", "company"}, {"submitter", "account-1"}}));
}

}  // namespace
}  // namespace daybook::evidence
