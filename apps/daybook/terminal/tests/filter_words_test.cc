// SPDX-License-Identifier: Apache-2.0
#include "filter_words.h"

#include <gtest/gtest.h>

#include "daybook/core/percent.h"

namespace daybook::terminal {
namespace {

constexpr UnixMillis kNow = 1'795'514'400'000;  // 2026-11-24T10:00:00Z

std::string encoded(const FilterWords& words) {
  const auto params = to_params(words, Zone::utc, kNow);
  return params ? encode_query(*params) : "refused: " + params.error().path;
}

TEST(FilterWords, PassesArgumentsOnAsTheyAre) {
  EXPECT_EQ(encoded({.filters = {"namespace=company.team", "q=a & b"}}),
            "namespace=company.team&q=a%20%26%20b");
  EXPECT_EQ(encoded({.filters = {"filters[details][EQUALS][a=b]=c=d"}}),
            "filters%5Bdetails%5D%5BEQUALS%5D%5Ba%3Db%5D=c%3Dd");
  EXPECT_EQ(encoded({.filters = {"details={\"flowId\":\"x=y\"}"}}),
            "details=%7B%22flowId%22%3A%22x%3Dy%22%7D");
  EXPECT_EQ(encoded({.filters = {"q="}}), "q=");
}

TEST(FilterWords, TakesTheQueryOfALink) {
  EXPECT_EQ(encoded({.filters = {"?filters%5Btype%5D%5BIN%5D=CREATE%2CDELETE&q=a+b"}}),
            "filters%5Btype%5D%5BIN%5D=CREATE%2CDELETE&q=a%20b");
}

TEST(FilterWords, RefusesAnArgumentThatIsNoFilter) {
  EXPECT_EQ(encoded({.filters = {"ledger"}}), "refused: ledger");
  EXPECT_EQ(encoded({.filters = {"=x"}}), "refused: =x");
}

TEST(FilterWords, TranslatesOptions) {
  FilterWords words;
  words.users = {"jane.doe"};
  words.resources = {"FLOW", "EXECUTION"};
  words.actions = {"UPDATE"};
  words.namespace_ = "company";
  words.flows = {"hello"};
  words.executions = {"a,b"};
  words.since = "24h";
  words.text = "daily ledger";
  const query::Params expected{
      {"filters[username][EQUALS]", "jane.doe"}, {"filters[resources][IN]", "FLOW,EXECUTION"},
      {"filters[type][EQUALS]", "UPDATE"},       {"filters[namespace][PREFIX]", "company"},
      {"filters[flowId][EQUALS]", "hello"},      {"filters[executionId][EQUALS]", "a,b"},
      {"filters[timeRange][EQUALS]", "PT24H"},   {"q", "daily ledger"}};
  EXPECT_EQ(*to_params(words, Zone::utc, kNow), expected);
}

TEST(FilterWords, TranslatesTimes) {
  EXPECT_EQ(*to_params({.from = "2026-11-01", .to = "2026-11-02"}, Zone::utc, kNow),
            (query::Params{{"startDate", "2026-11-01T00:00:00.000Z"},
                           {"endDate", "2026-11-02T23:59:59.999Z"}}));
  EXPECT_EQ(encoded({.from = "soon"}), "refused: --from");
  EXPECT_EQ(encoded({.to = "soon"}), "refused: --to");
  EXPECT_EQ(encoded({.since = "soon"}), "refused: --since");
}

TEST(FilterWords, RefusesACommaInOneOfSeveralValues) {
  EXPECT_EQ(encoded({.users = {"a,b", "c"}}), "refused: --user");
}

// Whatever the options say is understood by the parser behind the HTTP API, and means it.
TEST(FilterWords, MakesWhatTheFilterLanguageReads) {
  FilterWords words;
  words.users = {"jane.doe", "ana"};
  words.resources = {"FLOW"};
  words.namespace_ = "company";
  words.from = "2026-11-01";
  words.to = "2026-11-30";
  words.since = "52w";
  const auto params = to_params(words, Zone::utc, kNow);
  ASSERT_TRUE(params);
  const auto sent = parse_query(encode_query(*params));
  EXPECT_EQ(sent, *params);
  const auto search = query::parse_search(sent, query::Endpoint::search, kNow);
  ASSERT_TRUE(search) << search.error().context;
  record::Event event;
  event.tenant_id = "main";
  event.date = kNow;
  event.resource = "FLOW";
  event.actor.user_id = "1";
  event.actor.username = "ana";
  event.detail = {{"namespace", "company.team"}};
  EXPECT_TRUE(query::matches(search->filter, event));
  event.actor.username = "somebody";
  EXPECT_FALSE(query::matches(search->filter, event));
}

}  // namespace
}  // namespace daybook::terminal
