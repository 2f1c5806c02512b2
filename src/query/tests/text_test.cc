// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/text.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace daybook::query {
namespace {

using Strings = std::vector<std::string>;

TEST(Tokens, AreRunsOfLettersAndDigitsInLowerCase) {
  EXPECT_EQ(tokens("Company.team/flow-1 (v2)"), (Strings{"company", "team", "flow", "1", "v2"}));
  EXPECT_EQ(tokens("NAMESPACE_FILE"), (Strings{"namespace", "file"}));
  EXPECT_EQ(tokens(""), Strings{});
  EXPECT_EQ(tokens(" .,;\t"), Strings{});
  EXPECT_EQ(tokens(std::string_view("a\0b", 3)), (Strings{"a", "b"}));
}

TEST(Tokens, FoldCaseAndAccentsOfEveryScript) {
  EXPECT_EQ(tokens("R\xC3\xA9sum\xC3\x89"), (Strings{"resume"}));
  EXPECT_EQ(tokens("Re\xCC\x81sume"), (Strings{"resume"}));  // e + combining acute
  EXPECT_EQ(tokens("\xC5\x81\xC3\xB3"
                   "d\xC5\xBA"),
            (Strings{"\xC5\x82"
                     "odz"}));  // A stroke is no accent.
  EXPECT_EQ(tokens("\xCE\x9F\xCE\x94\xCE\x9F\xCE\xA3"),
            (Strings{"\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x83"}));              // Greek capitals.
  EXPECT_EQ(tokens("\xCF\x82"), (Strings{"\xCF\x83"}));                  // Final sigma.
  EXPECT_EQ(tokens("\xD0\x81\xD0\x96"), (Strings{"\xD0\xB5\xD0\xB6"}));  // Cyrillic.
  EXPECT_EQ(tokens("\xE1\xBA\x9E"), (Strings{"\xC3\x9F"}));              // Sharp s: simple folding.
  EXPECT_EQ(tokens("\xE1\xBB\x87"), (Strings{"e"}));                     // Two accents.
  EXPECT_EQ(tokens("\xE6\x97\xA5\xE6\x9C\xAC\xE3\x80\x82\xE8\xAA\x9E"),
            (Strings{"\xE6\x97\xA5\xE6\x9C\xAC", "\xE8\xAA\x9E"}));      // Ideographs.
  EXPECT_EQ(tokens("\xF0\x90\x90\x80"), (Strings{"\xF0\x90\x90\xA8"}));  // Deseret capital
  EXPECT_EQ(tokens("a\xE2\x80\x93"
                   "b"),
            (Strings{"a", "b"}));  // en dash
}

TEST(Tokens, BrokenUtf8CutsAndDoesNoHarm) {
  EXPECT_EQ(tokens("a\xFF"
                   "b"),
            (Strings{"a", "b"}));
  EXPECT_EQ(tokens("a\xC3"), (Strings{"a"}));
  EXPECT_EQ(tokens("\xF0\x9F"), Strings{});
}

record::Event sample() {
  record::Event event;
  event.id = "Hidden1";
  event.tenant_id = "hidden2";
  event.action = "UPDATE";
  event.resource = "KVSTORE";
  event.message = "Not allowed";
  event.reason = "policy";
  event.status = "hidden3";
  event.detail = {{"namespace", "company.team"}, {"revision", 2}, {"list", {{{"deep", "needle"}}}}};
  event.actor.user_id = "u-17";
  event.actor.username = "jane";
  event.actor.name = "Jane Do\xC3\xA9";
  event.actor.email = "jd@example.com";
  event.actor.ip_address = "10.11.12.13";
  event.change.before = record::Json{{"text", "old value"}};
  event.change.applied_patch = record::Json::array({{{"op", "replace"}, {"value", 4711}}});
  return event;
}

TEST(MatchesText, FindsEveryFieldItIsDefinedOver) {
  const auto event = sample();
  for (const char* query :
       {"kvstore", "kv", "STORE", "update", "u", "17", "Jane", "doe", "example", "allowed",
        "policy", "team company", "2", "needle", "old", "replace", ""}) {
    EXPECT_TRUE(matches_text(event, {query})) << query;
  }
}

TEST(MatchesText, FindsNothingElse) {
  const auto event = sample();
  for (const char* query : {"hidden1", "hidden2", "hidden3", "10", "namespace", "revision", "deep",
                            "4711", "tea", "company missing"}) {
    EXPECT_FALSE(matches_text(event, {query})) << query;
  }
}

}  // namespace
}  // namespace daybook::query
