// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <shared_mutex>
#include <span>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/ledger/merkle.h"

namespace daybook::ledger {

// The Merkle tree of all leaves. In memory: every perfect subtree from `first_stored` levels up
// (a quarter of a byte a leaf at level 8), and the leaves that no segment holds yet. What lies
// below in segments is read when asked for: roots of groups of leaves, and leaves.
//
// Threads: append(), add_sealed(), drop_leaves() from one at a time; everything else from any,
// beside it.
class HashTree {
 public:
  // Roots of subtrees of a level (0 or that of groups) from number `first` on, all in segments.
  using SealedHashes =
      std::function<Status(unsigned level, std::uint64_t first, std::span<Hash> out)>;
  HashTree(unsigned group_level, unsigned first_stored, SealedHashes sealed);

  void append(std::span<const Hash> leaves);
  // While opening, before any append(): roots of the next subtrees of level `first_stored`.
  void add_sealed(std::span<const Hash> roots);
  // Leaves below `index` are in segments from now on.
  void drop_leaves(std::uint64_t index);
  [[nodiscard]] std::uint64_t size() const;

  // Arguments must lie inside the tree. Errc::io, Errc::corrupt if leaves cannot be read.
  [[nodiscard]] Result<Hash> leaf(std::uint64_t index) const;
  [[nodiscard]] Result<Hash> root(std::uint64_t size) const;
  // Roots of the perfect subtrees of 2^level leaves number first … first+count−1.
  [[nodiscard]] Result<std::vector<Hash>> subtrees(unsigned level, std::uint64_t first,
                                                   std::uint64_t count) const;
  [[nodiscard]] Result<std::vector<Hash>> inclusion(std::uint64_t index, std::uint64_t size) const;
  [[nodiscard]] Result<std::vector<Hash>> consistency(std::uint64_t from, std::uint64_t to) const;

 private:
  class Walk;
  // Roots of complete subtrees of `level`, 0 or that of groups, from memory or segments.
  [[nodiscard]] Status load(unsigned level, std::uint64_t first, std::span<Hash> out) const;
  [[nodiscard]] Hash stored(unsigned level, std::uint64_t number) const;
  void carry(unsigned level, const Hash& root);

  const unsigned group_level_;
  const unsigned first_stored_;
  const SealedHashes sealed_;
  mutable std::shared_mutex mutex_;
  std::uint64_t size_ = 0;
  std::uint64_t base_ = 0;  // Index of leaves_.front().
  std::deque<Hash> leaves_;
  CompactRange open_;                     // Leaves behind the last stored subtree.
  std::vector<std::deque<Hash>> stored_;  // [0] is level first_stored_.
};

}  // namespace daybook::ledger
