// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/random.h"

#include <cctype>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/core_testing/manual_clock.h"

namespace daybook {
namespace {

TEST(SystemRandom, FillsWithDifferentBytes) {
  Bytes a(1'000);
  Bytes b(1'000);
  system_random().fill(a);
  system_random().fill(b);
  EXPECT_NE(a, b);
  EXPECT_GT(std::set<std::uint8_t>(a.begin(), a.end()).size(), 200U);
  system_random().fill({});
}

TEST(Base62, HasTheLengthAskedForAndTheAlphabet) {
  testing::SeededRandom random(1);
  for (std::size_t length = 0; length < 100; ++length) {
    const std::string text = random_base62(random, length);
    EXPECT_EQ(text.size(), length);
    for (const char c : text) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)));
  }
}

TEST(Base62, TakesEveryDigitEquallyOften) {
  testing::SeededRandom random(2);
  constexpr int kPerDigit = 2'000;
  std::map<char, int> counts;
  for (const char c : random_base62(random, 62 * kPerDigit)) ++counts[c];
  EXPECT_EQ(counts.size(), 62U);
  // Six standard deviations; taking all 256 bytes would put eight digits 25 % above the rest.
  for (const auto& [digit, count] : counts) EXPECT_NEAR(count, kPerDigit, 270) << digit;
}

TEST(Base62, SkipsBytesThatWouldBias) {
  class Fixed final : public Random {
   public:
    void fill(std::span<std::uint8_t> out) override {
      for (auto& byte : out) byte = next_++;
    }

   private:
    std::uint8_t next_ = 240;
  };
  Fixed random;
  // 240 to 247 are digits 54 to 61 (s to z); 248 to 255 are thrown away; then 0, 1 and so on.
  EXPECT_EQ(random_base62(random, 10), "stuvwxyz01");
}

}  // namespace
}  // namespace daybook
