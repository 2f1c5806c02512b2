// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/query/filter.h"

namespace daybook::query {
namespace {

record::Event sample() {
  record::Event event;
  event.id = "e1";
  event.tenant_id = "main";
  event.kind = record::Kind::outcome;
  event.attempt_id = "a1";
  event.date = 1000;
  event.action = "UPDATE";
  event.resource = "FLOW";
  event.detail = {{"namespace", "company.team"},
                  {"flowId", "hello"},
                  {"revision", 2},
                  {"flag", true},
                  {"tags", {1, "x"}},
                  {"a.b", "dotted"}};
  event.result = record::ResultWord::failure;
  event.source = record::Source::gateway;
  event.actor_kind = record::ActorKind::service_account;
  event.actor.user_id = "u1";
  event.actor.ip_address = "::1";
  event.actor.submitter = record::Submitter{"s1", "s", "STANDARD", {}};
  return event;
}

bool fits(const record::Event& event, Field field, Op op, std::vector<std::string> values,
          std::string key = "") {
  return matches({{Clause{field, op, std::move(key), std::move(values), 0}}}, event);
}

bool detail_is(const record::Event& event, const std::string& key, const std::string& value) {
  return fits(event, Field::detail, Op::equals, {value}, key);
}

TEST(Matches, EveryFieldByEquality) {
  const auto event = sample();
  const std::vector<std::pair<Field, std::string>> values = {{Field::namespace_, "company.team"},
                                                             {Field::flow_id, "hello"},
                                                             {Field::user_id, "u1"},
                                                             {Field::username, "u1"},
                                                             {Field::id, "e1"},
                                                             {Field::resource, "FLOW"},
                                                             {Field::action, "UPDATE"},
                                                             {Field::kind, "outcome"},
                                                             {Field::attempt_id, "a1"},
                                                             {Field::result, "FAILURE"},
                                                             {Field::actor_kind, "SERVICE_ACCOUNT"},
                                                             {Field::source, "gateway"},
                                                             {Field::ip_address, "::1"},
                                                             {Field::tenant_id, "main"},
                                                             {Field::submitter_id, "s1"}};
  for (const auto& [field, value] : values) {
    SCOPED_TRACE(value);
    EXPECT_TRUE(fits(event, field, Op::equals, {value}));
    EXPECT_FALSE(fits(event, field, Op::not_equals, {value}));
    EXPECT_TRUE(fits(event, field, Op::in, {"other", value}));
    EXPECT_FALSE(fits(event, field, Op::not_in, {"other", value}));
    EXPECT_FALSE(fits(event, field, Op::equals, {value + "x"}));
    EXPECT_TRUE(fits(event, field, Op::not_equals, {value + "x"}));
  }
  EXPECT_FALSE(fits(event, Field::action, Op::equals, {"update"}));
}

TEST(Matches, AMissingFieldFitsOnlyComplements) {
  const auto event = sample();
  EXPECT_FALSE(fits(event, Field::execution_id, Op::equals, {""}));
  EXPECT_FALSE(fits(event, Field::execution_id, Op::in, {"", "x"}));
  EXPECT_FALSE(fits(event, Field::execution_id, Op::prefix, {""}));
  EXPECT_FALSE(fits(event, Field::execution_id, Op::contains, {""}));
  EXPECT_TRUE(fits(event, Field::execution_id, Op::not_equals, {"x"}));
  EXPECT_TRUE(fits(event, Field::execution_id, Op::not_in, {"x"}));
}

TEST(Matches, PrefixIsTheNamespaceTree) {
  const auto event = sample();
  EXPECT_TRUE(fits(event, Field::namespace_, Op::prefix, {"company"}));
  EXPECT_TRUE(fits(event, Field::namespace_, Op::prefix, {"company.team"}));
  EXPECT_FALSE(fits(event, Field::namespace_, Op::prefix, {"company.te"}));
  EXPECT_FALSE(fits(event, Field::namespace_, Op::prefix, {"company."}));
  EXPECT_TRUE(fits(event, Field::namespace_, Op::starts_with, {"company.te"}));
  EXPECT_TRUE(fits(event, Field::namespace_, Op::ends_with, {".team"}));
  EXPECT_TRUE(fits(event, Field::namespace_, Op::contains, {"y.t"}));
}

TEST(Matches, DetailValuesCompareAsText) {
  const auto event = sample();
  EXPECT_TRUE(detail_is(event, "revision", "2"));
  EXPECT_FALSE(detail_is(event, "revision", "2.0"));
  EXPECT_TRUE(detail_is(event, "flag", "true"));
  EXPECT_TRUE(detail_is(event, "tags", "[1,\"x\"]"));
  EXPECT_TRUE(detail_is(event, "a.b", "dotted"));
  EXPECT_FALSE(detail_is(event, "a", "dotted"));
}

TEST(Matches, DetailIsTheOneThatIsShown) {
  auto event = sample();
  EXPECT_TRUE(detail_is(event, "resource", "FLOW"));
  EXPECT_TRUE(detail_is(event, "resourceType", "FLOW"));
  EXPECT_TRUE(detail_is(event, "type", "FLOW"));
  event.detail["type"] = "io.kestra.Flow";
  EXPECT_TRUE(detail_is(event, "type", "io.kestra.Flow"));
  event.actor.subject = record::Json{{"email", "x"}};
  EXPECT_TRUE(detail_is(event, "subject", "{\"email\":\"x\"}"));
}

TEST(Matches, UserIdsThatFollowFromTheKind) {
  auto event = sample();
  event.actor.user_id.reset();
  EXPECT_FALSE(fits(event, Field::user_id, Op::equals, {""}));
  event.actor_kind = record::ActorKind::system;
  EXPECT_TRUE(fits(event, Field::user_id, Op::equals, {"system"}));
  EXPECT_FALSE(fits(event, Field::username, Op::equals, {"system"}));
  event.actor_kind = record::ActorKind::webhook;
  EXPECT_TRUE(fits(event, Field::user_id, Op::equals, {"webhook"}));
}

TEST(Matches, OnlyEventsAndOutcomesUnlessKindIsNamed) {
  auto event = sample();
  for (const auto kind :
       {record::Kind::event, record::Kind::attempt, record::Kind::outcome, record::Kind::system}) {
    event.kind = kind;
    const bool shown = kind == record::Kind::event || kind == record::Kind::outcome;
    EXPECT_EQ(matches({}, event), shown);
    EXPECT_EQ(fits(event, Field::attempt_id, Op::equals, {"a1"}), shown);
    EXPECT_TRUE(fits(event, Field::kind, Op::in, {std::string(record::to_string(kind))}));
    EXPECT_TRUE(fits(event, Field::kind, Op::not_in, {"none"}));
  }
}

TEST(Matches, DatesAreInclusiveToTheMillisecond) {
  const auto event = sample();
  const auto date = [&event](Op op, UnixMillis time) {
    return matches({{Clause{Field::date, op, "", {}, time}}}, event);
  };
  EXPECT_TRUE(date(Op::greater_or_equal, 1000) && date(Op::less_or_equal, 1000));
  EXPECT_FALSE(date(Op::greater, 1000) || date(Op::less, 1000));
  EXPECT_TRUE(date(Op::greater, 999) && date(Op::less, 1001));
  EXPECT_TRUE(date(Op::equals, 1000) && date(Op::not_equals, 1001));
  EXPECT_FALSE(date(Op::equals, 999) || date(Op::not_equals, 1000));
}

TEST(Matches, ClausesAreAnd) {
  const auto event = sample();
  const Clause yes{Field::id, Op::equals, "", {"e1"}, 0};
  const Clause no{Field::id, Op::equals, "", {"e2"}, 0};
  EXPECT_TRUE(matches({{yes, yes}}, event));
  EXPECT_FALSE(matches({{yes, no}}, event));
}

}  // namespace
}  // namespace daybook::query
