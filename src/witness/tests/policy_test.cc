// SPDX-License-Identifier: Apache-2.0
#include "daybook/witness/policy.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/record/json.h"

namespace daybook::witness {
namespace {

std::string key_of(const std::string& name, std::uint8_t seed, std::uint8_t type) {
  crypto::Ed25519Public key{};
  key.fill(seed);
  return crypto::NoteVerifier(name, key, type).vkey();
}
std::string witness_line(const std::string& name, std::uint8_t seed) {
  return "witness " + name + " " + key_of("w.example/" + name, seed, 4) + " http://w.example/\n";
}

TEST(PolicyFile, TheSharedExample) {
  std::ifstream in(std::string(DAYBOOK_TEST_DATA) + "/tlog/vectors.json");
  const record::Json vectors = record::Json::parse(in);
  const auto policy = parse_policy(vectors.at("policy").at("text").get<std::string>());
  ASSERT_TRUE(policy.has_value()) << policy.error().context;
  EXPECT_EQ(policy->logs.size(), 1U);
  ASSERT_EQ(policy->witnesses.size(), 2U);
  EXPECT_EQ(policy->witnesses[0].url, "http://127.0.0.1:7380/");
  EXPECT_EQ(policy->witnesses[1].url, "");
  EXPECT_FALSE(has_quorum(*policy, {}));
  EXPECT_TRUE(has_quorum(*policy, {"w2"}));
}

TEST(PolicyFile, GroupsNest) {
  const std::string text = "# ours\n" + witness_line("a", 1) + witness_line("b", 2) +
                           witness_line("c", 3) + witness_line("d", 4) +
                           "group pair all a b\ngroup two\t2  pair c d  # not a comment here\n";
  EXPECT_FALSE(parse_policy(text).has_value()) << "words after a line's end are members";
  const auto policy = parse_policy(
      witness_line("a", 1) + witness_line("b", 2) + witness_line("c", 3) + witness_line("d", 4) +
      "\n  \ngroup pair all a b\ngroup two\t2 pair c  d\nquorum two\n");
  ASSERT_TRUE(policy.has_value()) << policy.error().context;
  EXPECT_FALSE(has_quorum(*policy, {"a", "c"}));
  EXPECT_TRUE(has_quorum(*policy, {"a", "b", "c"}));
  EXPECT_TRUE(has_quorum(*policy, {"c", "d"}));
  const auto none = parse_policy("quorum none\n");
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(has_quorum(*none, {}));
}

TEST(PolicyFile, WhatIsOffIsNamedByItsLine) {
  const std::string a = witness_line("a", 1);
  const std::string b = witness_line("b", 2);
  for (const std::string& text :
       {std::string(), a, a + "quorum b\n", a + "quorum a\nquorum a\n", a + a + "quorum a\n",
        a + witness_line("c", 1) + "quorum none\n", a + "group none any a\nquorum a\n",
        a + "group g 0 a\nquorum g\n", a + "group g 2 a\nquorum g\n", a + "group g any\nquorum a\n",
        a + "group g any a\ngroup h any a\nquorum g\n", a + b + "group g any g a\nquorum g\n",
        "witness a " + key_of("a", 1, 1) + "\nquorum a\n", std::string("nonsense\nquorum none\n"),
        std::string("log x\nquorum none\n")}) {
    const auto policy = parse_policy(text);
    ASSERT_FALSE(policy.has_value()) << text;
    EXPECT_EQ(policy.error().code, Errc::invalid);
  }
}

}  // namespace
}  // namespace daybook::witness
