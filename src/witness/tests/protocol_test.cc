// SPDX-License-Identifier: Apache-2.0
#include "protocol.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "daybook/record/json.h"

namespace daybook::witness {
namespace {

const record::Json& vectors() {
  static const record::Json all = [] {
    std::ifstream in(std::string(DAYBOOK_TEST_DATA) + "/tlog/vectors.json");
    return record::Json::parse(in);
  }();
  return all;
}

TEST(Requests, AreWrittenAsTheSharedOnes) {
  for (const auto& one : vectors().at("witness_requests")) {
    const std::string body = one.at("body");
    if (one.at("why") == "first checkpoint of size 2, old 0, empty proof") {
      EXPECT_EQ(add_checkpoint_body(0, {}, body.substr(body.find("\n\n") + 2)), body);
      return;
    }
  }
  FAIL() << "the vectors have changed";
}

TEST(Conflicts, NameASize) {
  EXPECT_EQ(parse_known_size("70000\n"), 70000U);
  EXPECT_EQ(parse_known_size("0\n"), 0U);
  for (const char* body : {"", "\n", "x\n", "-1\n", "1 \n", "9223372036854775808\n", "1\n\n"}) {
    EXPECT_FALSE(parse_known_size(body).has_value()) << body;
  }
}

TEST(Cosignatures, AreTakenOnlyFromTheWitnessThatWasAsked) {
  for (const auto& one : vectors().at("cosignatures").at("ed25519")) {
    const std::string note = one.at("full_note");
    const std::size_t cut = note.rfind("\n\n");
    const std::string text = note.substr(0, cut + 1);
    const std::string lines = note.substr(cut + 2);
    std::size_t taken = 0;
    for (const auto& [name, key] : vectors().at("keys").items()) {
      if (!key.contains("cosignature_vkey")) continue;
      const auto verifier =
          crypto::NoteVerifier::parse(key.at("cosignature_vkey").get<std::string>());
      ASSERT_TRUE(verifier.has_value());
      const auto accepted = accept_cosignature(lines, text, *verifier);
      if (!accepted) continue;
      ++taken;
      EXPECT_NE(lines.find(accepted->line + "\n"), std::string::npos);
      EXPECT_GT(accepted->time_s, 0U);
      EXPECT_FALSE(accept_cosignature(lines, "x" + text, *verifier).has_value());
      EXPECT_FALSE(accept_cosignature(text + "\n" + lines, text, *verifier).has_value());
    }
    EXPECT_GT(taken, 0U);
  }
  const auto some = crypto::NoteVerifier::parse(
      vectors().at("keys").at("witness1").at("cosignature_vkey").get<std::string>());
  for (const char* body : {"", "\n", "hello\n", "\xe2\x80\x94 w AAAA\n"}) {
    EXPECT_FALSE(accept_cosignature(body, "a\n1\nb\n", *some).has_value()) << body;
  }
}

}  // namespace
}  // namespace daybook::witness
