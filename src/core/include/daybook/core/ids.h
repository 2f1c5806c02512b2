// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>

namespace daybook {

// A number with a meaning: explicit construction only, no arithmetic across kinds.
template <class Tag>
class StrongU64 {
 public:
  constexpr StrongU64() = default;
  constexpr explicit StrongU64(std::uint64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  friend constexpr auto operator<=>(StrongU64, StrongU64) = default;

 private:
  std::uint64_t value_ = 0;
};

// Position of an entry in the ledger, from 0.
using EntryIndex = StrongU64<struct EntryIndexTag>;
// Number of entries a tree covers; EntryIndex(n-1) is the last of TreeSize(n).
using TreeSize = StrongU64<struct TreeSizeTag>;

// A SHA-256 value.
using Hash = std::array<std::uint8_t, 32>;

}  // namespace daybook

template <class Tag>
struct std::hash<daybook::StrongU64<Tag>> {
  std::size_t operator()(daybook::StrongU64<Tag> id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value());
  }
};
