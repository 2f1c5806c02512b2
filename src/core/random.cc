// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "daybook/core/check.h"

namespace daybook {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      const ssize_t got = ::getrandom(out.data(), out.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      DAYBOOK_CHECK(got > 0);
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }
};

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

std::string random_base62(Random& random, std::size_t length) {
  // Bytes from 248 = 4 * 62 on are thrown away: taking them would favour the first digits.
  constexpr unsigned kUnbiasedEnd = 248;
  std::string text;
  text.reserve(length);
  std::array<std::uint8_t, 32> block{};
  while (text.size() < length) {
    random.fill(block);
    for (const std::uint8_t byte : block) {
      if (byte < kUnbiasedEnd && text.size() < length) text.push_back(kBase62[byte % 62U]);
    }
  }
  return text;
}

}  // namespace daybook
