// SPDX-License-Identifier: Apache-2.0
#include "name_filter.h"

#include <bit>

namespace daybook::ledger {

namespace {
constexpr std::uint32_t kRowsPerEntry = 16;
constexpr std::size_t kSegmentsPerGroup = 64;
}  // namespace

NameFilter::NameFilter(std::uint32_t segment_entries)
    : mask_(std::bit_ceil(segment_entries) * kRowsPerEntry - 1) {}

// Prefixes are SHA-256 output; odd multipliers spread their 32 bits over the rows.
NameFilter::Rows NameFilter::rows_of(std::uint32_t prefix) const {
  constexpr std::array<std::uint64_t, kBits> kMultipliers{0x9e3779b97f4a7c15U, 0xc2b2ae3d27d4eb4fU,
                                                          0x165667b19e3779f9U, 0xd6e8feb86659fd93U};
  Rows rows{};
  for (std::size_t n = 0; n < kBits; ++n) {
    rows[n] = static_cast<std::uint32_t>((prefix * kMultipliers[n]) >> 32U) & mask_;
  }
  return rows;
}

void NameFilter::insert(std::span<const NameSlot> names) {
  if (segments_ / kSegmentsPerGroup == groups_.size()) groups_.emplace_back(std::size_t{mask_} + 1);
  auto& group = groups_.back();
  const std::uint64_t bit = std::uint64_t{1} << (segments_ % kSegmentsPerGroup);
  for (const NameSlot& name : names) {
    for (const std::uint32_t row : rows_of(name.prefix)) group[row] |= bit;
  }
}

std::vector<std::size_t> NameFilter::candidates(const IdKey& key) const {
  std::vector<std::size_t> found;
  const Rows rows = rows_of(name_prefix(key));
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    std::uint64_t bits = ~std::uint64_t{0};
    for (const std::uint32_t row : rows) bits &= groups_[group][row];
    for (; bits != 0; bits &= bits - 1) {
      const auto number =
          group * kSegmentsPerGroup + static_cast<std::size_t>(std::countr_zero(bits));
      if (number < segments_) found.push_back(number);
    }
  }
  return found;
}

}  // namespace daybook::ledger
