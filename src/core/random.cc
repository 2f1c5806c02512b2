// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "daybook/core/check.h"

namespace daybook {
namespace {

void fill_from_kernel(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    DAYBOOK_CHECK(got > 0);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

// Small requests share a call to the kernel. Bytes that were handed out are gone from here; nothing
// of this forks.
class Pool {
 public:
  void fill(std::span<std::uint8_t> out) {
    if (left_ < out.size()) {
      fill_from_kernel(bytes_);
      left_ = bytes_.size();
    }
    left_ -= out.size();
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(left_);
    const auto size = static_cast<std::ptrdiff_t>(out.size());
    std::copy(from, from + size, out.begin());
    std::fill(from, from + size, std::uint8_t{0});
  }
  static constexpr std::size_t kBytes = 1024;

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
  std::size_t left_ = 0;
};

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    constexpr std::size_t kSmall = 32;
    if (out.size() > kSmall) return fill_from_kernel(out);
    thread_local Pool pool;
    pool.fill(out);
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

std::string random_id(Random& random) {
  constexpr std::size_t kLength = 22;
  return random_base62(random, kLength);
}

}  // namespace daybook
