// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"

namespace daybook::ledger {

// Pure tree maths of RFC 6962 section 2.1 / RFC 9162 section 2.1 over leaf hashes. No storage.

[[nodiscard]] Hash empty_root();
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);

// Root of a growing tree, one stack slot per set bit of the size.
class CompactRange {
 public:
  void append(const Hash& leaf);
  // The root of a perfect subtree of 2^level leaves; the size must be a multiple of that.
  void append_subtree(unsigned level, const Hash& root);
  [[nodiscard]] Hash root() const;
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::vector<Hash> stack_;
  std::uint64_t size_ = 0;
};

// Hash of the perfect subtree of 2^level leaves that begins at leaf index·2^level.
using SubtreeHash = std::function<Hash(unsigned level, std::uint64_t index)>;

[[nodiscard]] Hash root_of(std::uint64_t size, const SubtreeHash& subtree);
// Siblings from the leaf upward. Errc::invalid unless index < size.
Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                          const SubtreeHash& subtree);
// Errc::invalid unless 1 ≤ from ≤ to. Empty when equal.
Result<std::vector<Hash>> consistency_proof(std::uint64_t from, std::uint64_t to,
                                            const SubtreeHash& subtree);

[[nodiscard]] bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                    std::span<const Hash> proof, const Hash& root);
[[nodiscard]] bool verify_consistency(std::uint64_t from, std::uint64_t to,
                                      std::span<const Hash> proof, const Hash& from_root,
                                      const Hash& to_root);

}  // namespace daybook::ledger
