// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/utf8.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

namespace daybook {
namespace {

using testing::SeededRandom;

std::string encode(std::uint32_t point) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
  };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0U | (point >> 6U)), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0U | (point >> 12U)), tail(6), tail(0)};
  return {static_cast<char>(0xf0U | (point >> 18U)), tail(12), tail(6), tail(0)};
}

// Decodes by arithmetic and refuses by the definition: shortest form, no surrogate, in range.
bool is_utf8_naive(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    std::size_t length = 1;
    std::uint32_t point = first;
    if (first >= 0xf0 && first < 0xf8) {
      length = 4;
      point = first & 0x07U;
    } else if (first >= 0xe0 && first < 0xf0) {
      length = 3;
      point = first & 0x0fU;
    } else if (first >= 0xc0 && first < 0xe0) {
      length = 2;
      point = first & 0x1fU;
    } else if (first >= 0x80) {
      return false;
    }
    if (i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0U) != 0x80U) return false;
      point = (point << 6U) | (next & 0x3fU);
    }
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    if (encode(point).size() != length) return false;
    i += length;
  }
  return true;
}

TEST(Utf8, EveryCodePointAndNoSurrogate) {
  for (std::uint32_t point = 0; point < 0x110000; ++point) {
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    ASSERT_EQ(is_utf8(encode(point)), !surrogate) << point;
  }
  EXPECT_FALSE(is_utf8(encode(0x110000)));
}

TEST(Utf8, EveryPairOfBytes) {
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      const std::string text{static_cast<char>(a), static_cast<char>(b)};
      ASSERT_EQ(is_utf8(text), is_utf8_naive(text)) << a << ' ' << b;
    }
  }
}

TEST(Utf8, AgreesWithTheDefinitionOnRandomNeighboursOfGoodText) {
  SeededRandom random(1);
  int good = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::uint64_t i = 1 + random.below(4); i > 0; --i) {
      text += encode(static_cast<std::uint32_t>(random.below(0x110800)));
    }
    if (random.below(2) == 0)
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    if (random.below(4) == 0) text.pop_back();
    ASSERT_EQ(is_utf8(text), is_utf8_naive(text));
    if (is_utf8(text)) ++good;
  }
  EXPECT_GT(good, 10'000);
}

TEST(Utf8, CountsCodePoints) {
  SeededRandom random(2);
  for (int round = 0; round < 1'000; ++round) {
    std::string text;
    const std::uint64_t count = random.below(20);
    for (std::uint64_t i = 0; i < count; ++i) {
      text += encode(static_cast<std::uint32_t>(random.below(0xd800)));
    }
    EXPECT_EQ(count_code_points(text), count);
  }
}

TEST(Control, ExactlyC0DelAndC1) {
  for (std::uint32_t point = 0; point < 0x3000; ++point) {
    const bool control = point < 0x20 || (point >= 0x7f && point <= 0x9f);
    ASSERT_EQ(has_control("a" + encode(point) + "b"), control) << point;
  }
  EXPECT_FALSE(has_control(""));
  EXPECT_TRUE(has_control(std::string("a\0b", 3)));
}

TEST(Ascii, LowersLettersOnly) {
  for (unsigned c = 0; c < 256; ++c) {
    const std::string text{static_cast<char>(c)};
    const std::string expected =
        c >= 'A' && c <= 'Z' ? std::string{static_cast<char>(c + 32)} : text;
    EXPECT_EQ(ascii_lower(text), expected);
  }
  EXPECT_TRUE(equal_ascii_case("X-Csrf-Token", "x-CSRF-tOKEN"));
  EXPECT_FALSE(equal_ascii_case("abc", "abcd"));
  EXPECT_FALSE(equal_ascii_case("\xc3\x89", "\xc3\xa9"));
  EXPECT_FALSE(equal_ascii_case("[", "{"));
}

TEST(TrimOws, TakesBlanksAndTabsOffBothEnds) {
  EXPECT_EQ(trim_ows(" \ta b\t "), "a b");
  EXPECT_EQ(trim_ows(" \t"), "");
  EXPECT_EQ(trim_ows("\na"), "\na");
}

}  // namespace
}  // namespace daybook
