// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/bytes.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"

#include "crc32c.h"

namespace daybook {
namespace {

using testing::SeededRandom;

Bytes random_bytes(SeededRandom& random, std::size_t length) {
  Bytes bytes(length);
  random.fill(bytes);
  return bytes;
}

TEST(Hex, RoundTripsAndIsLowerCase) {
  SeededRandom random(1);
  for (std::size_t length = 0; length < 70; ++length) {
    const Bytes bytes = random_bytes(random, length);
    const std::string text = to_hex(bytes);
    EXPECT_EQ(text.size(), 2 * length);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(from_hex(text).value(), bytes);
  }
  EXPECT_EQ(to_hex(Bytes{0x00, 0xa5, 0xff}), "00a5ff");
}

TEST(Hex, RefusesEverythingElse) {
  for (const char* text : {"a", "abc", "AB", "aB", "0x", " 0", "g0", "0g", "00 "}) {
    const auto bytes = from_hex(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, Errc::invalid);
  }
}

TEST(Hex, HashesHaveExactly64Digits) {
  const std::string text(64, 'c');
  EXPECT_EQ(to_hex(hash_from_hex(text).value()), text);
  EXPECT_FALSE(hash_from_hex(text + "c"));
  EXPECT_FALSE(hash_from_hex(text + "cc"));
  EXPECT_FALSE(hash_from_hex(text.substr(2)));
  EXPECT_FALSE(hash_from_hex(std::string(64, 'C')));
  EXPECT_FALSE(hash_from_hex(""));
}

TEST(Base64, VectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), coded);
    EXPECT_EQ(as_text(from_base64(coded).value()), plain);
  }
  EXPECT_EQ(to_base64(Bytes{0xfb, 0xff, 0xfe}), "+//+");
}

TEST(Base64, RoundTripsAnyBytes) {
  SeededRandom random(2);
  for (int round = 0; round < 500; ++round) {
    const Bytes bytes = random_bytes(random, random.below(200));
    EXPECT_EQ(from_base64(to_base64(bytes)).value(), bytes);
  }
}

// Strict: exactly one text decodes to a given value. Any text that decodes must encode to itself.
TEST(Base64, WhatDecodesIsCanonical) {
  SeededRandom random(3);
  const std::string alphabet = "AQgwZzab019+/=\n -_";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(9); i > 0; --i) {
      text.push_back(alphabet[random.below(alphabet.size())]);
    }
    const auto bytes = from_base64(text);
    if (bytes) {
      ++accepted;
      EXPECT_EQ(to_base64(*bytes), text);
    } else {
      EXPECT_EQ(bytes.error().code, Errc::invalid);
    }
  }
  EXPECT_GT(accepted, 500);
}

TEST(Base64, RefusesLenientForms) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "=g==", "Zg==Zg==",
                           "Zm9v\n", " Zm9v", "Zm-v", "Zm_v", "Zm8=Zm8=", "Zm=v"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Integers, BothByteOrders) {
  Bytes out;
  put_u16_be(out, 0x0102);
  put_u64_be(out, 0x0102030405060708);
  EXPECT_EQ(to_hex(out), "01020102030405060708");
  out.clear();
  put_u16_le(out, 0x0102);
  put_u32_le(out, 0x01020304);
  put_u64_le(out, 0x0102030405060708);
  EXPECT_EQ(to_hex(out), "0201040302010807060504030201");
  EXPECT_EQ(get_u16_le(out.data()), 0x0102U);
  EXPECT_EQ(get_u32_le(&out[2]), 0x01020304U);
  EXPECT_EQ(get_u64_le(&out[6]), 0x0102030405060708U);
}

// A third implementation, bit by bit from the definition.
std::uint32_t crc32c_naive(ByteSpan bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0x82f63b78U : crc >> 1U;
  }
  return ~crc;
}

// RFC 3720 (iSCSI) appendix B.4.
TEST(Crc32c, VectorsOfRfc3720) {
  EXPECT_EQ(crc32c(Bytes(32, 0x00)), 0x8a9136aaU);
  EXPECT_EQ(crc32c(Bytes(32, 0xff)), 0x62a8ab43U);
  Bytes rising(32);
  for (std::size_t i = 0; i < 32; ++i) rising[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(crc32c(rising), 0x46dd794eU);
  std::reverse(rising.begin(), rising.end());
  EXPECT_EQ(crc32c(rising), 0x113fdb5cU);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, AllImplementationsAgreeAtEveryLengthAndChain) {
  SeededRandom random(4);
  for (std::size_t length = 0; length < 100; ++length) {
    const Bytes bytes = random_bytes(random, length);
    const std::uint32_t expected = crc32c_naive(bytes);
    EXPECT_EQ(crc32c(bytes), expected);
    EXPECT_EQ(internal::crc32c_portable(bytes, 0), expected);
    const ByteSpan all(bytes);
    const std::size_t cut = random.below(length + 1);
    EXPECT_EQ(crc32c(all.subspan(cut), crc32c(all.first(cut))), expected);
    EXPECT_EQ(internal::crc32c_portable(all.subspan(cut), crc32c(all.first(cut))), expected);
  }
}

TEST(EqualConstantTime, IsEquality) {
  SeededRandom random(5);
  for (int round = 0; round < 200; ++round) {
    const Bytes a = random_bytes(random, 1 + random.below(40));
    Bytes b = a;
    EXPECT_TRUE(equal_constant_time(a, b));
    b[random.below(b.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
    EXPECT_FALSE(equal_constant_time(a, b));
    b = a;
    b.push_back(0);
    EXPECT_FALSE(equal_constant_time(a, b));
  }
  EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(Errors, EveryCodeHasItsOwnWord) {
  std::set<std::string> words;
  for (int code = 0; code <= static_cast<int>(Errc::cancelled); ++code) {
    words.insert(to_string(static_cast<Errc>(code)));
  }
  EXPECT_EQ(words.size(), static_cast<std::size_t>(Errc::cancelled) + 1);
  EXPECT_FALSE(words.contains("unknown"));
}

}  // namespace
}  // namespace daybook
