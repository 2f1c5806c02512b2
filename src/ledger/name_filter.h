// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "segment_format.h"

namespace daybook::ledger {

// Which sealed segments may hold a name: one Bloom filter a segment, laid bit by bit beside each
// other, so that 64 segments cost four memory reads. 2 bytes an entry when 64 segments are there;
// about one look-up in 400 names a segment that does not hold the name.
//
// Threads: the caller's lock.
class NameFilter {
 public:
  explicit NameFilter(std::uint32_t segment_entries);
  // Names of the next segment, some or all; it counts once it is complete.
  void insert(std::span<const NameSlot> names);
  void complete() { ++segments_; }
  // Numbers of complete segments to look into, ascending.
  [[nodiscard]] std::vector<std::size_t> candidates(const IdKey& key) const;
  [[nodiscard]] std::size_t segments() const { return segments_; }

 private:
  static constexpr std::size_t kBits = 4;
  using Rows = std::array<std::uint32_t, kBits>;
  [[nodiscard]] Rows rows_of(std::uint32_t prefix) const;

  std::uint32_t mask_;
  std::size_t segments_ = 0;
  std::vector<std::vector<std::uint64_t>> groups_;  // A bit a segment in each row.
};

}  // namespace daybook::ledger
