// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/regex.h"

#include <string>

#include <gtest/gtest.h>

#include "daybook/query/filter.h"

namespace daybook::query {
namespace {

bool fits(const std::string& pattern, const std::string& text) {
  const auto regex = Regex::compile(pattern);
  EXPECT_TRUE(regex) << pattern;
  return regex && (*regex)->matches(text);
}

TEST(Regex, IsUnanchoredAndCaseSensitive) {
  EXPECT_TRUE(fits("team", "company.team.a"));
  EXPECT_FALSE(fits("^team", "company.team.a"));
  EXPECT_TRUE(fits("^company\\.team(\\..+)?$", "company.team"));
  EXPECT_FALSE(fits("TEAM", "company.team"));
  EXPECT_TRUE(fits("(?i)TEAM", "company.team"));
  EXPECT_TRUE(fits("", ""));
  EXPECT_TRUE(fits("^\xC3\xA9.$", "\xC3\xA9\xC3\xA9"));  // A dot is a character.
}

TEST(Regex, WhatCannotBeCompiledIsInvalid) {
  for (const std::string bad : {"(", "[z-a]", "*", "\\", "(?=a)", "\\1", "a{1001}", "\xFF"}) {
    const auto regex = Regex::compile(bad);
    ASSERT_FALSE(regex) << bad;
    EXPECT_EQ(regex.error().code, Errc::invalid);
  }
}

TEST(Regex, SizeIsBounded) {
  EXPECT_TRUE(Regex::compile(std::string(Regex::kPatternBytesMax, 'a')));
  EXPECT_FALSE(Regex::compile(std::string(Regex::kPatternBytesMax + 1, 'a')));
  EXPECT_FALSE(Regex::compile("((a{100}){100})"));
  EXPECT_FALSE(Regex::compile("(((x{2}){2}){2}|\\pL{500})"));
  EXPECT_FALSE(Regex::compile("(\\pL\\pN\\pS\\pZ){20}"));
}

TEST(Regex, HostilePatternsTakeLinearTime) {
  const std::string text(20'000, 'a');
  EXPECT_FALSE(fits("(a*)*(a|aa)*b$", text));
  EXPECT_FALSE(fits("^(a+)+$", text + "!"));
}

TEST(Regex, OfARequest) {
  const auto filter = parse_filter({{"filters[namespace][REGEX]", "^a\\.b"}}, 0);
  ASSERT_TRUE(filter);
  ASSERT_EQ(filter->all.size(), 1U);
  EXPECT_EQ(filter->all[0].op, Op::regex);
  EXPECT_EQ(filter->all[0].values, std::vector<std::string>{"^a\\.b"});
  ASSERT_NE(filter->all[0].regex, nullptr);
  record::Event event;
  event.detail = {{"namespace", "a.b.c"}};
  EXPECT_TRUE(matches(*filter, event));
  event.detail = {{"namespace", "x.a.b"}};
  EXPECT_FALSE(matches(*filter, event));
  event.detail = record::Json::object();
  EXPECT_FALSE(matches(*filter, event));

  const auto bad = parse_filter({{"filters[flowId][REGEX]", "("}}, 0);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::invalid);
  EXPECT_EQ(bad.error().path, "filters[flowId][REGEX]");
  Params many(11, {"filters[id][REGEX]", "a"});
  EXPECT_FALSE(parse_filter(many, 0));
  many.pop_back();
  EXPECT_TRUE(parse_filter(many, 0));
}

}  // namespace
}  // namespace daybook::query
