// SPDX-License-Identifier: Apache-2.0
#include "array_extents.h"

#include <gtest/gtest.h>

namespace daybook::capture {
namespace {

using Lengths = std::vector<std::size_t>;

TEST(ItemLengths, AreThoseOfTheItemsAlone) {
  EXPECT_EQ(item_lengths("[]"), Lengths{});
  EXPECT_EQ(item_lengths(" [ ] "), Lengths{});
  EXPECT_EQ(item_lengths("[1]"), Lengths{1});
  EXPECT_EQ(item_lengths(" [ {\"a\":[1,2]} , \"x,]\" ,\n[3] ] "), (Lengths{11, 5, 3}));
  EXPECT_EQ(item_lengths(R"(["\\","\"]","\\\""])"), (Lengths{4, 5, 6}));
  EXPECT_EQ(item_lengths(R"([{"a":{"b":"}"}},{}])"), (Lengths{15, 2}));
}

}  // namespace
}  // namespace daybook::capture
