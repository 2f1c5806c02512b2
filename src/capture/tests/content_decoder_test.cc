// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/content_decoder.h"

#include <zlib.h>

#include <string>

#include <gtest/gtest.h>
#include <zstd.h>

#include "compress.h"

namespace daybook::capture {
namespace {

using testing::gzip;
using testing::zstd;

std::string pattern(std::size_t size) {
  std::string out;
  std::uint32_t state = 7;
  while (out.size() < size) {
    state = state * 1664525U + 1013904223U;
    out += "line " + std::to_string(state >> 20U) + "\n";
  }
  out.resize(size);
  return out;
}

// Feeds `coded` in pieces of `step` bytes.
Result<std::string> decode(ContentCoding coding, const std::string& coded, std::size_t step) {
  auto decoder = ContentDecoder::make(coding);
  std::string out;
  for (std::size_t at = 0; at < coded.size(); at += step) {
    decoder->give(std::string_view(coded).substr(at, step));
    for (;;) {
      DAYBOOK_ASSIGN_OR_RETURN(const std::string_view slice, decoder->take());
      if (slice.empty()) {
        break;
      }
      EXPECT_LE(slice.size(), std::max(ContentDecoder::kSliceMax, step));
      out += slice;
    }
  }
  DAYBOOK_RETURN_IF_ERROR(decoder->end());
  return out;
}

TEST(ContentDecoder, GivesBackWhatWasCodedHoweverItIsCut) {
  for (const std::size_t size : {0UL, 1UL, 100UL, 65'536UL, 300'000UL}) {
    const std::string text = pattern(size);
    for (const std::size_t step : {1UL, 7UL, 4096UL, 1'000'000UL}) {
      if (step == 1 && size > 100'000) {
        continue;
      }
      EXPECT_EQ(decode(ContentCoding::gzip, gzip(text), step).value(), text);
      EXPECT_EQ(decode(ContentCoding::zstd, zstd(text), step).value(), text);
      EXPECT_EQ(decode(ContentCoding::identity, text, step).value(), text);
    }
  }
}

TEST(ContentDecoder, MembersInARowAreOneStream) {
  EXPECT_EQ(decode(ContentCoding::gzip, gzip("ab") + gzip("cd"), 3).value(), "abcd");
  EXPECT_EQ(decode(ContentCoding::zstd, zstd("ab") + zstd("cd"), 3).value(), "abcd");
}

TEST(ContentDecoder, CutOrForeignBytesAreInvalid) {
  for (const auto coding : {ContentCoding::gzip, ContentCoding::zstd}) {
    const std::string coded =
        coding == ContentCoding::gzip ? gzip(pattern(1000)) : zstd(pattern(1000));
    for (std::size_t keep = 0; keep < coded.size(); ++keep) {
      EXPECT_FALSE(decode(coding, coded.substr(0, keep), 64).has_value()) << keep;
    }
    EXPECT_FALSE(decode(coding, "hello, I am no frame", 64).has_value());
    EXPECT_FALSE(decode(coding, coded + "rest", 4096).has_value());
  }
}

TEST(ContentDecoder, WholeBodiesAreBounded) {
  const std::string bomb = gzip(std::string(10U << 20U, 'x'));
  ASSERT_LT(bomb.size(), 50'000U);
  const auto refused = decode_whole(ContentCoding::gzip, bomb, 1U << 20U);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::exhausted);
  EXPECT_EQ(decode_whole(ContentCoding::gzip, bomb, 10U << 20U).value().size(), 10U << 20U);
}

TEST(ContentCoding, NamesAreReadWithoutCase) {
  EXPECT_EQ(parse_content_coding("GZIP"), ContentCoding::gzip);
  EXPECT_EQ(parse_content_coding(" x-gzip "), ContentCoding::gzip);
  EXPECT_EQ(parse_content_coding("zstd"), ContentCoding::zstd);
  EXPECT_EQ(parse_content_coding("identity"), ContentCoding::identity);
  EXPECT_EQ(parse_content_coding(""), ContentCoding::identity);
  EXPECT_FALSE(parse_content_coding("br").has_value());
  EXPECT_FALSE(parse_content_coding("gzip, zstd").has_value());
}

}  // namespace
}  // namespace daybook::capture
