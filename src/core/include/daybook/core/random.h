// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace daybook {

// Source of randomness. Injected, so that tests are deterministic.
// Threads: fill() from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

// getrandom(2). Lives for the whole process; aborts if the kernel has no randomness.
[[nodiscard]] Random& system_random();

// `length` characters of [0-9A-Za-z], unbiased.
[[nodiscard]] std::string random_base62(Random& random, std::size_t length);
// 22 of them, 131 bits: of entries, accounts, tokens.
[[nodiscard]] std::string random_id(Random& random);

}  // namespace daybook
