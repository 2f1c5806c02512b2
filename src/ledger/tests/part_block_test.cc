// SPDX-License-Identifier: Apache-2.0
// Blocks give back the very bytes they were made from, and nothing from what is not a block.
#include "part_block.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "daybook/core_testing/manual_clock.h"
#include "daybook/record/parts.h"

#include "part_member.h"
#include "tests/support.h"

namespace daybook::ledger {
namespace {

using testing::SeededRandom;

constexpr std::uint64_t kBytesMax = 1U << 20U;

void expect_round_trip(const std::vector<std::string>& parts) {
  BlockBuilder builder;
  for (const std::string& part : parts) builder.add(part);
  const auto count = static_cast<std::uint32_t>(parts.size());
  ASSERT_EQ(builder.count(), count);
  const Bytes content = builder.take();
  EXPECT_EQ(builder.count(), 0U);
  EXPECT_FALSE(unpack_block(content, count + 1, kBytesMax));
  if (count > 0) {
    EXPECT_FALSE(unpack_block(content, count - 1, kBytesMax));
  }
  const auto block = unpack_block(content, count, kBytesMax);
  ASSERT_TRUE(block);
  for (std::size_t n = 0; n < parts.size(); ++n) EXPECT_EQ(block->part(n), parts[n]);
}

// Any bytes at all; of those that matter to JSON more than chance would give.
std::string some_bytes(SeededRandom& random, bool control) {
  constexpr std::string_view kLikely = "\"\\:{}[],0123456789-+.eEab";
  std::string text;
  for (std::uint64_t n = random.below(60); n > 0; --n) {
    if (random.below(8) != 0) {
      text += kLikely[random.below(kLikely.size())];
    } else {
      const std::uint64_t from = control ? 0 : 0x20;
      text += static_cast<char>(from + random.below(256 - from));
    }
  }
  return text;
}

// The example was made by hand, not by the code that reads it here.
TEST(PartBlock, WorkedExampleIsTrue) {
  std::ifstream file(std::string(DAYBOOK_TEST_DATA) + "/../../docs/formats.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  const std::size_t from = document.find("```block\n") + 9;
  std::istringstream block(document.substr(from, document.find("```", from) - from));
  Bytes content;
  for (std::string word; block >> word;) {
    content.push_back(static_cast<std::uint8_t>(std::stoul(word, nullptr, 16)));
  }
  const auto unpacked = unpack_block(content, 2, 30);
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(unpacked->part(0), R"({"a":1,"b":"x"})");
  EXPECT_EQ(unpacked->part(1), R"({"a":22,"b":""})");
  BlockBuilder builder;
  builder.add(unpacked->part(0));
  builder.add(unpacked->part(1));
  EXPECT_EQ(builder.take(), content);
}

TEST(PartBlock, GivesBackAnyBytes) {
  SeededRandom random(3);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> parts;
    const bool control = round % 4 == 0;
    for (std::uint64_t n = random.below(12); n > 0; --n) {
      parts.push_back(random.below(3) == 0 ? "" : some_bytes(random, control));
    }
    expect_round_trip(parts);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(PartBlock, GivesBackEvents) {
  std::array<std::vector<std::string>, record::kPartCount> kinds;
  for (int n = 0; n < 200; ++n) {
    auto event = testing::make_event("e" + std::to_string(n), "text \"quoted\" \\ \n 1e5 \u00e4");
    if (n % 3 == 0) event.change.applied_patch = record::Json::array({{{"op", "add"}, {"v", n}}});
    if (n % 5 == 0) event.detail["n"] = -1.5e-7 * n;
    const auto parts = record::encode(event);
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      kinds[kind].push_back(parts.bytes[kind]);
    }
  }
  for (const auto& parts : kinds) expect_round_trip(parts);
}

TEST(PartBlock, ValuesLieTogether) {
  BlockBuilder builder;
  for (const char* name : {"anna", "bert", "carl"}) {
    builder.add(R"({"a":1,"name":")" + std::string(name) + "\"}");
  }
  const Bytes content = builder.take();
  EXPECT_NE(as_text(content).find(std::string("anna\0bert\0carl\0", 15)), std::string_view::npos);
}

// Content that was changed anywhere is refused or gives parts within bounds, and never more.
TEST(PartBlock, ChangedContentStaysInBounds) {
  BlockBuilder builder;
  for (int n = 0; n < 20; ++n) {
    builder.add(R"({"id":"x)" + std::to_string(n * 77) + R"(","list":[1,2,"three"],"n":)" +
                std::to_string(n) + "}");
  }
  const Bytes content = builder.take();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < content.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      Bytes changed = content;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
      const auto block = unpack_block(changed, 20, kBytesMax);
      if (!block) {
        ++refused;
        continue;
      }
      ASSERT_EQ(block->offsets.size(), 21U);
      EXPECT_LE(block->offsets.back(), block->raw.size());
    }
    EXPECT_FALSE(unpack_block(
        Bytes(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at)), 20, kBytesMax));
  }
  EXPECT_GT(refused, 0U);
  EXPECT_FALSE(unpack_block(content, 20, 100));  // More than allowed.
}

TEST(PartMember, FindsTheTextBeforeTheTail) {
  constexpr std::string_view kTail = R"(","v":1})";
  EXPECT_EQ(text_member_before(R"({"a":"b","tenantId":"main","v":1})", "tenantId", kTail), "main");
  EXPECT_EQ(text_member_before(R"({"tenantId":"","v":1})", "tenantId", kTail), "");
  for (const char* other :
       {R"({"a":"b","v":1})", R"({"tenantId":"main","v":2})", R"({"tenantId":"a\"b","v":1})",
        R"({"tenantId":"main","w":"x","v":1})", R"({"a":"\",\"tenantId\":\"main","v":1})",
        R"({"xtenantId":"main","v":1})", R"(","v":1})", R"(tenantId":"main","v":1})"}) {
    EXPECT_EQ(text_member_before(other, "tenantId", kTail), std::nullopt) << other;
  }
}

TEST(PartMember, FindsTextsOfTheFirstLevel) {
  const std::string part =
      R"({"detail":{"id":"no","x":["id",{"id":"no"}]},"a":"\"id\":\"no\"","id":"yes","n":1})";
  EXPECT_EQ(text_member(part, "id"), "yes");
  EXPECT_EQ(text_member(part, "tenantId"), std::nullopt);
  EXPECT_EQ(text_member(part, "n"), std::nullopt);
  EXPECT_EQ(text_member(part, "x"), std::nullopt);
  EXPECT_EQ(text_member(R"({"id":"a\u0001b"})", "id"), std::nullopt);  // Escaped: not as it stands.
  for (std::size_t cut = 0; cut < part.size(); ++cut) {
    static_cast<void>(text_member(part.substr(0, cut), "id"));
  }
}

}  // namespace
}  // namespace daybook::ledger
