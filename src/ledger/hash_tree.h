// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <shared_mutex>
#include <span>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"

namespace daybook::ledger {

// The Merkle tree of all leaves in memory: every leaf hash and every perfect subtree of 16 leaves
// or more; what lies between is computed when asked for. 36 bytes an entry.
//
// Threads: append() from one; everything else from any, beside it.
class HashTree {
 public:
  void append(std::span<const Hash> leaves);
  [[nodiscard]] std::uint64_t size() const;

  // Arguments must lie inside the tree.
  [[nodiscard]] Hash leaf(std::uint64_t index) const;
  [[nodiscard]] Hash root(std::uint64_t size) const;
  // Roots of the perfect subtrees of 2^level leaves number first … first+count−1.
  [[nodiscard]] std::vector<Hash> subtrees(unsigned level, std::uint64_t first,
                                           std::uint64_t count) const;
  [[nodiscard]] Result<std::vector<Hash>> inclusion(std::uint64_t index, std::uint64_t size) const;
  [[nodiscard]] Result<std::vector<Hash>> consistency(std::uint64_t from, std::uint64_t to) const;

 private:
  static constexpr unsigned kFirstStored = 4;  // Level of the smallest stored subtree.

  [[nodiscard]] Hash subtree_unlocked(unsigned level, std::uint64_t number) const;

  mutable std::shared_mutex mutex_;
  std::deque<Hash> leaves_;
  std::vector<std::deque<Hash>> stored_;  // [0] is level kFirstStored.
};

}  // namespace daybook::ledger
