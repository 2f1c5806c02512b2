// SPDX-License-Identifier: Apache-2.0
#include "visible_text.h"

#include <gtest/gtest.h>

#include "daybook/core/utf8.h"
#include "daybook/record/json.h"
#include "daybook/record_testing/random_event.h"

namespace daybook::terminal {
namespace {

TEST(VisibleText, WritesOutWhatATerminalWouldObey) {
  EXPECT_EQ(visible("a\x1B[31mb"), "a\\u{1B}[31mb");
  EXPECT_EQ(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(visible("\xC2\x9B"), "\\u{9B}");                             // CSI of the C1 set
  EXPECT_EQ(visible("x\xE2\x80\xAEy"), "x\\u{202E}y");                   // right-to-left override
  EXPECT_EQ(visible("\xE2\x80\x8B\xEF\xBB\xBF"), "\\u{200B}\\u{FEFF}");  // invisible
  EXPECT_EQ(visible(std::string_view("\0", 1)), "\\u{0}");
}

TEST(VisibleText, KeepsLetters) {
  const std::string text = "Z\xC3\xBCrich \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80 \\n";
  EXPECT_EQ(visible(text), text);
}

TEST(VisibleText, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(visible("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(visible("\xE2\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(VisibleText, MeasuresColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4U);  // two wide letters
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);                 // a combining accent
}

TEST(VisibleText, FitsIntoColumns) {
  EXPECT_EQ(fit("abc", 5), "abc  ");
  EXPECT_EQ(fit("abcdef", 4), "abc\xE2\x80\xA6");
  EXPECT_EQ(display_width(fit("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", 4)), 4U);
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abc", 0), "");
}

// Nothing a terminal obeys gets through, and every width that was asked for is kept.
TEST(VisibleText, HoldsForAnyText) {
  record_testing::RandomEvents random(20261124);
  for (int i = 0; i < 2000; ++i) {
    const std::string shown = visible(random.text());
    ASSERT_TRUE(is_utf8(shown));
    ASSERT_FALSE(has_control(shown));
    const std::size_t width = random.below(20);
    ASSERT_LE(display_width(cut(shown, width)), width);
    ASSERT_EQ(display_width(fit(shown, width)), width);
  }
}

TEST(VisibleText, EscapedJsonHasTheSameValue) {
  EXPECT_EQ(visible_json("{\"a\":\"\xE2\x80\xAE\xF3\xA0\x80\x81\"}"),
            R"({"a":"\u202e\udb40\udc01"})");
  record_testing::RandomEvents random(7);
  for (int i = 0; i < 500; ++i) {
    const record::Json value = random.json(3);
    const std::string shown = visible_json(value.dump());
    ASSERT_FALSE(has_control(shown));
    ASSERT_EQ(record::Json::parse(shown), value);
  }
}

}  // namespace
}  // namespace daybook::terminal
