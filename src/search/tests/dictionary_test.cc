// SPDX-License-Identifier: Apache-2.0
#include "dictionary.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace daybook::search {
namespace {

TEST(Dictionary, NumbersValuesAsAMapWould) {
  Dictionary dictionary(42);
  std::map<std::string, ValueId> model;
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    // Lengths around the eight bytes that are hashed at once, the empty value, a shared prefix.
    const std::string text = std::string(random() % 20, 'p') + std::to_string(random() % 300);
    const auto known = model.find(text);
    EXPECT_EQ(dictionary.find(text), known == model.end() ? kAbsent : known->second);
    const auto id = dictionary.intern(text);
    if (known == model.end()) {
      EXPECT_EQ(id, model.size() + 1);
      model.emplace(text, id);
    } else {
      EXPECT_EQ(id, known->second);
    }
  }
  EXPECT_EQ(dictionary.size(), model.size());
  const auto ranks = dictionary.ranks();
  std::uint32_t rank = 0;
  for (const auto& [text, id] : model) EXPECT_EQ(ranks[id], ++rank) << text;
}

TEST(Dictionary, HoldsEmptyAndVeryLongValues) {
  Dictionary dictionary(1);
  const std::string big(100'000, 'x');
  const auto empty = dictionary.intern("");
  const auto large = dictionary.intern(big);
  const auto small = dictionary.intern("a");
  EXPECT_EQ(dictionary.find(""), empty);
  EXPECT_EQ(dictionary.find(big), large);
  EXPECT_EQ(dictionary.find("a"), small);
  EXPECT_EQ(dictionary.find_all([](std::string_view text) { return text.size() < 2; }),
            (std::vector<ValueId>{empty, small}));
}

TEST(Dictionary, CountsRowsAndRemembersTheLast) {
  Dictionary dictionary(1);
  const auto a = dictionary.intern("a");
  const auto b = dictionary.intern("b");
  EXPECT_EQ(dictionary.last_row(a), kNoRow);
  dictionary.note_row(a, 3);
  dictionary.note_row(a, 9);
  EXPECT_EQ(dictionary.count(a), 2U);
  EXPECT_EQ(dictionary.last_row(a), 9U);
  EXPECT_EQ(dictionary.count(b), 0U);
}

}  // namespace
}  // namespace daybook::search
