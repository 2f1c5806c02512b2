// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/json.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/record_testing/random_event.h"

#include "json_reader.h"

namespace daybook::record {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

// Through simdjson first, and by the token reader alone: each rule must hold in both.
std::vector<Result<Json>> read_both(const std::string& text, JsonLimits limits = {}) {
  return {parse_json(text, limits), read_tokens(text, limits)};
}

void expect_refused(const std::string& text, std::uint64_t offset) {
  for (const Result<Json>& value : read_both(text)) {
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().code, Errc::invalid) << text;
    EXPECT_EQ(value.error().offset, offset) << text;
    EXPECT_NE(value.error().context.find("byte " + std::to_string(offset)), std::string::npos);
  }
}

TEST(ParseJson, ReadsEveryKindOfValue) {
  const std::string text = R"({"a":[1,-2,3.5,1e2,true,false,null],"b":{"c":"\u00e9\ud83d\ude00"}})";
  for (const Result<Json>& value : read_both(text)) {
    ASSERT_TRUE(value.has_value()) << value.error().context;
    EXPECT_EQ(value->at("a").size(), 7U);
    EXPECT_EQ(value->at("a").at(1), -2);
    EXPECT_EQ(value->at("b").at("c"), "\xC3\xA9\xF0\x9F\x98\x80");
  }
}

TEST(ParseJson, RefusesWithTheByteOffset) {
  expect_refused("", 0);
  expect_refused("{", 1);
  expect_refused("[1,]", 3);
  expect_refused("{\"a\":1,}", 7);
  expect_refused("{\"a\" 1}", 5);
  expect_refused("[1] x", 4);
  expect_refused("nul", 3);
  expect_refused("{\"a\":NaN}", 5);
  expect_refused("[\"\x01\"]", 2);
  expect_refused("[01]", 2);
}

TEST(ParseJson, RefusesAByteOrderMark) {
  const Result<Json> value = parse_json("\xEF\xBB\xBF{}");
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().offset, 0U);
}

TEST(ParseJson, ReadsDocumentsAboveTheFastLimit) {
  const std::string text = "[\"" + std::string(3U << 20U, 'x') + "\"]";
  EXPECT_TRUE(parse_json(text).has_value());
  EXPECT_FALSE(parse_json(text + "]").has_value());
}

TEST(ParseJson, RefusesDuplicateNames) {
  expect_refused(R"({"a":1,"a":2})", 7);
  expect_refused(R"({"x":{"a":1 , "\u0061":2}})", 14);
  expect_refused(R"([{"a":[1,2],"a":null}])", 12);
}

TEST(ParseJson, RefusesLoneSurrogatesAndBadUtf8) {
  for (const char* text : {R"(["\ud800"])", R"(["\udc00"])", R"(["\ud800x"])",
                           R"(["\ud800\ud800"])", R"({"\udfff":1})", "[\"\xED\xA0\x80\"]",
                           "[\"\xC0\xAF\"]", "[\"\xFF\"]", "[\"\xF4\x90\x80\x80\"]"}) {
    const Result<Json> value = parse_json(text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().code, Errc::invalid);
    EXPECT_TRUE(value.error().offset.has_value());
  }
}

TEST(ParseJson, IntegersEndAtTwoToThe53) {
  EXPECT_TRUE(parse_json("9007199254740991").has_value());
  EXPECT_TRUE(parse_json("-9007199254740991").has_value());
  expect_refused("[9007199254740992]", 1);
  expect_refused("[-9007199254740992]", 1);
  expect_refused("[1, 18446744073709551616]", 4);
  expect_refused("{\"a\":18446744073709551615}", 5);
  expect_refused("{\"a\":-9223372036854775809}", 5);
  EXPECT_TRUE(parse_json("9007199254740993.0").has_value());
  EXPECT_TRUE(parse_json("1e20").has_value());
  expect_refused("[1e400]", 1);
  expect_refused("[-1e400]", 1);
}

TEST(ParseJson, BigIntegersAreDoublesWhereAllowed) {
  for (const char* text : {"100000000000000000000", "9007199254740992", "-9007199254740992"}) {
    const Result<Json> value = parse_json(text, {.big_integers = true});
    ASSERT_TRUE(value.has_value()) << text;
    EXPECT_TRUE(value->is_number_float());
    EXPECT_EQ(canonical_or_die(*value), text);
  }
}

TEST(ParseJson, DepthIsBounded) {
  EXPECT_TRUE(parse_json(nested(64)).has_value());
  expect_refused(nested(65), 64);
  EXPECT_FALSE(parse_json(nested(5000)).has_value());
  EXPECT_FALSE(parse_json(std::string(1U << 20U, '[')).has_value());
  EXPECT_TRUE(parse_json(nested(3), {.depth_max = 3}).has_value());
  EXPECT_FALSE(parse_json(nested(4), {.depth_max = 3}).has_value());
}

TEST(ParseJson, ErrorsDoNotQuoteTheInput) {
  for (const char* text : {R"({"password":"hunter2" "x"})", R"({"hunter2":1,"hunter2":2})",
                           R"({"password":hunter2})"}) {
    const Result<Json> value = parse_json(text);
    ASSERT_FALSE(value.has_value());
    EXPECT_EQ(value.error().context.find("hunter2"), std::string::npos);
  }
}

// Both readers agree on cut and damaged texts: accept the same, with the same value.
TEST(ParseJson, ReadersAgreeOnDamagedTexts) {
  record_testing::RandomEvents random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (const char c : canonical_or_die(random.json(4))) {
      if (random.below(60) != 0) {
        text += random.below(60) == 0 ? static_cast<char>(random.below(256)) : c;
      }
    }
    const Result<Json> fast = parse_json(text, {.big_integers = true});
    const Result<Json> slow = read_tokens(text, {.big_integers = true});
    ASSERT_EQ(fast.has_value(), slow.has_value()) << text;
    if (fast) {
      EXPECT_EQ(*fast, *slow);
    }
  }
}

TEST(Canonical, PublishedVectors) {
  std::ifstream file(std::string(DAYBOOK_TEST_DATA) + "/tlog/vectors.json");
  std::stringstream all;
  all << file.rdbuf();
  const Json vectors = Json::parse(all.str()).at("jcs");
  ASSERT_GE(vectors.size(), 15U);
  for (const Json& vector : vectors) {
    const auto in = vector.at("in").get<std::string>();
    const Result<Json> value = parse_json(in, {.big_integers = true});
    if (!vector.contains("out")) {
      EXPECT_FALSE(value.has_value()) << in;
      continue;
    }
    ASSERT_TRUE(value.has_value()) << in;
    EXPECT_EQ(canonical_or_die(*value), vector.at("out").get<std::string>());
  }
}

// RFC 8785 appendix B.
TEST(Canonical, NumbersOfTheRfc) {
  const std::vector<std::pair<std::uint64_t, std::string>> cases = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : cases) {
    EXPECT_EQ(canonical_or_die(Json(std::bit_cast<double>(bits))), text);
  }
}

TEST(Canonical, RefusesWhatHasNoForm) {
  EXPECT_FALSE(canonical(Json(std::nan(""))).has_value());
  EXPECT_FALSE(canonical(Json(HUGE_VAL)).has_value());
  EXPECT_FALSE(canonical(Json(std::int64_t{9007199254740992})).has_value());
  EXPECT_FALSE(canonical(Json(std::uint64_t{18446744073709551615U})).has_value());
  EXPECT_FALSE(canonical(Json({{"a", "\xED\xA0\x80"}})).has_value());
  EXPECT_FALSE(canonical(Json::binary({1, 2})).has_value());
}

TEST(Canonical, InverseOfReading) {
  record_testing::RandomEvents random(1);
  for (int round = 0; round < 3000; ++round) {
    const Json value = random.json(6);
    const std::string text = canonical_or_die(value);
    const Result<Json> again = parse_json(text, {.big_integers = true});
    ASSERT_TRUE(again.has_value()) << again.error().context << "\n" << text;
    EXPECT_EQ(*again, value);
    EXPECT_EQ(canonical_or_die(*again), text);
  }
}

// The order of names against a naive one over UTF-16 code units.
TEST(Canonical, NamesSortByUtf16) {
  record_testing::RandomEvents random(2);
  const auto units = [](const std::string& text) {
    std::vector<std::uint32_t> out;
    for (std::size_t at = 0; at < text.size();) {
      const auto lead = static_cast<unsigned char>(text[at]);
      const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
      for (std::size_t i = 1; i < length; ++i) {
        code = (code << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
      }
      if (code >= 0x10000) {
        out.push_back(0xD800 + ((code - 0x10000) >> 10U));
        out.push_back(0xDC00 + ((code - 0x10000) & 0x3FFU));
      } else {
        out.push_back(code);
      }
      at += length;
    }
    return out;
  };
  for (int round = 0; round < 1000; ++round) {
    Json object = Json::object();
    std::vector<std::string> names;
    for (int i = 0; i < 6; ++i) {
      names.push_back(random.text());
      object[names.back()] = nullptr;
    }
    std::sort(names.begin(), names.end(),
              [&](const auto& a, const auto& b) { return units(a) < units(b); });
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string expected = "{";
    for (const std::string& name : names) {
      expected += expected.size() == 1 ? "" : ",";
      append_json_string(expected, name);
      expected += ":null";
    }
    EXPECT_EQ(canonical_or_die(object), expected + "}");
  }
}

TEST(AppendJsonString, ReplacesIllFormedBytes) {
  std::string out;
  append_json_string(out, "a\xFF\xC3\xA9\xE2\x82\"\n");
  EXPECT_EQ(out, "\"a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\\\"\\n\"");
  EXPECT_TRUE(parse_json(out).has_value());
}

TEST(WithoutNulls, LeavesArraysAlone) {
  const Json value = Json::parse(R"({"a":null,"b":{"c":null,"d":[null,{"e":null}]},"f":1})");
  EXPECT_EQ(without_nulls(value), Json::parse(R"({"b":{"d":[null,{"e":null}]},"f":1})"));
  EXPECT_EQ(without_nulls(Json(nullptr)), Json(nullptr));
}

}  // namespace
}  // namespace daybook::record
