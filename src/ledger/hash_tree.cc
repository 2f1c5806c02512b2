// SPDX-License-Identifier: Apache-2.0
#include "hash_tree.h"

#include <mutex>

#include "daybook/core/check.h"
#include "daybook/ledger/merkle.h"

namespace daybook::ledger {

void HashTree::append(std::span<const Hash> leaves) {
  const std::unique_lock lock(mutex_);
  for (const Hash& leaf : leaves) {
    leaves_.push_back(leaf);
    const std::uint64_t size = leaves_.size();
    for (unsigned level = kFirstStored; size % (1ULL << level) == 0; ++level) {
      const std::uint64_t number = (size >> level) - 1;
      const Hash left = subtree_unlocked(level - 1, 2 * number);
      const Hash root = node_hash(left, subtree_unlocked(level - 1, 2 * number + 1));
      if (stored_.size() <= level - kFirstStored) stored_.emplace_back();
      stored_[level - kFirstStored].push_back(root);
    }
  }
}

std::uint64_t HashTree::size() const {
  const std::shared_lock lock(mutex_);
  return leaves_.size();
}

Hash HashTree::subtree_unlocked(unsigned level, std::uint64_t number) const {
  if (level == 0) {
    DAYBOOK_CHECK(number < leaves_.size());
    return leaves_[number];
  }
  if (level >= kFirstStored) {
    DAYBOOK_CHECK(level - kFirstStored < stored_.size());
    const auto& stored = stored_[level - kFirstStored];
    DAYBOOK_CHECK(number < stored.size());
    return stored[number];
  }
  const Hash left = subtree_unlocked(level - 1, 2 * number);
  return node_hash(left, subtree_unlocked(level - 1, 2 * number + 1));
}

Hash HashTree::leaf(std::uint64_t index) const {
  const std::shared_lock lock(mutex_);
  return subtree_unlocked(0, index);
}

std::vector<Hash> HashTree::subtrees(unsigned level, std::uint64_t first,
                                     std::uint64_t count) const {
  const std::shared_lock lock(mutex_);
  std::vector<Hash> hashes;
  hashes.reserve(count);
  for (std::uint64_t n = 0; n < count; ++n) hashes.push_back(subtree_unlocked(level, first + n));
  return hashes;
}

Hash HashTree::root(std::uint64_t size) const {
  const std::shared_lock lock(mutex_);
  return root_of(size, [this](unsigned level, std::uint64_t number) {
    return subtree_unlocked(level, number);
  });
}

Result<std::vector<Hash>> HashTree::inclusion(std::uint64_t index, std::uint64_t size) const {
  const std::shared_lock lock(mutex_);
  if (size > leaves_.size()) return Error{Errc::invalid, "tree size past the end of the ledger"};
  return inclusion_proof(index, size, [this](unsigned level, std::uint64_t number) {
    return subtree_unlocked(level, number);
  });
}

Result<std::vector<Hash>> HashTree::consistency(std::uint64_t from, std::uint64_t to) const {
  const std::shared_lock lock(mutex_);
  if (to > leaves_.size()) return Error{Errc::invalid, "tree size past the end of the ledger"};
  return consistency_proof(from, to, [this](unsigned level, std::uint64_t number) {
    return subtree_unlocked(level, number);
  });
}

}  // namespace daybook::ledger
