// SPDX-License-Identifier: Apache-2.0
#include "hash_tree.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "daybook/core/check.h"

namespace daybook::ledger {

// One question to the tree. What lies below the stored levels is computed from roots of groups, and
// below those from leaves, which are loaded some at a time; after a failed read its hashes are zero
// and `status` says so.
class HashTree::Walk {
 public:
  Walk(const HashTree& tree, std::uint64_t size) : tree_(tree), size_(size) {}

  Hash operator()(unsigned level, std::uint64_t number) {
    if (level >= tree_.first_stored_) return tree_.stored(level, number);
    const bool in_group = level < tree_.group_level_;
    const unsigned base = in_group ? 0 : tree_.group_level_;
    const unsigned above = in_group ? tree_.group_level_ : tree_.first_stored_;
    const std::uint64_t first = number << (level - base);
    const std::uint64_t piece = first >> (above - base);
    const auto& hashes = load(base, above, piece);
    if (!status) return Hash{};
    CompactRange range;
    const std::size_t at = first - (piece << (above - base));
    for (std::size_t n = 0; n < (std::size_t{1} << (level - base)); ++n) {
      range.append(hashes.at(at + n));
    }
    return range.root();
  }
  [[nodiscard]] SubtreeHash function() {
    return [this](unsigned level, std::uint64_t number) { return (*this)(level, number); };
  }

  Status status;

 private:
  // Roots of level `base` below the subtree of level `above` that is number `piece`.
  const std::vector<Hash>& load(unsigned base, unsigned above, std::uint64_t piece) {
    std::vector<Hash>& hashes = pieces_[{base, piece}];
    if (!hashes.empty()) return hashes;
    const std::uint64_t first = piece << (above - base);
    const std::uint64_t whole = std::uint64_t{1} << (above - base);
    hashes.resize(std::min(whole, (size_ >> base) - first));
    Status loaded = tree_.load(base, first, hashes);
    if (loaded && base != 0 && hashes.size() == whole) loaded = check(hashes, above, piece);
    if (!loaded && status) status = loaded;
    return hashes;
  }
  // Roots of groups come from a file as they are; leaves are computed and checked there.
  Status check(const std::vector<Hash>& hashes, unsigned above, std::uint64_t piece) const {
    CompactRange range;
    for (const Hash& hash : hashes) range.append(hash);
    if (range.root() == tree_.stored(above, piece)) return {};
    return Error{Errc::corrupt, "a segment's groups do not match the tree"};
  }

  const HashTree& tree_;
  const std::uint64_t size_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> pieces_;
};

HashTree::HashTree(unsigned group_level, unsigned first_stored, SealedHashes sealed)
    : group_level_(group_level), first_stored_(first_stored), sealed_(std::move(sealed)) {
  DAYBOOK_CHECK(group_level <= first_stored);
}

// A stored subtree of `level` was completed: so may those above it be.
void HashTree::carry(unsigned level, const Hash& root) {
  if (stored_.size() <= level - first_stored_) stored_.emplace_back();
  auto& row = stored_[level - first_stored_];
  row.push_back(root);
  if (row.size() % 2 == 0) carry(level + 1, node_hash(row[row.size() - 2], root));
}

void HashTree::append(std::span<const Hash> leaves) {
  const std::unique_lock lock(mutex_);
  for (const Hash& leaf : leaves) {
    leaves_.push_back(leaf);
    open_.append(leaf);
    ++size_;
    if (open_.size() != std::uint64_t{1} << first_stored_) continue;
    carry(first_stored_, open_.root());
    open_ = CompactRange();
  }
}

void HashTree::add_sealed(std::span<const Hash> roots) {
  const std::unique_lock lock(mutex_);
  DAYBOOK_CHECK(leaves_.empty());
  for (const Hash& root : roots) carry(first_stored_, root);
  size_ += roots.size() << first_stored_;
  base_ = size_;
}

void HashTree::drop_leaves(std::uint64_t index) {
  const std::unique_lock lock(mutex_);
  DAYBOOK_CHECK(index >= base_ && index <= size_);
  leaves_.erase(leaves_.begin(), leaves_.begin() + static_cast<std::ptrdiff_t>(index - base_));
  base_ = index;
}

std::uint64_t HashTree::size() const {
  const std::shared_lock lock(mutex_);
  return size_;
}

Hash HashTree::stored(unsigned level, std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  DAYBOOK_CHECK(level - first_stored_ < stored_.size());
  const auto& row = stored_[level - first_stored_];
  DAYBOOK_CHECK(number < row.size());
  return row[number];
}

Status HashTree::load(unsigned level, std::uint64_t first, std::span<Hash> out) const {
  std::uint64_t sealed = 0;
  {
    const std::shared_lock lock(mutex_);
    DAYBOOK_CHECK((first + out.size()) << level <= size_);
    // Never moves back: what is below it now can be read from segments, which hold whole groups.
    const std::uint64_t base = base_ >> level;
    sealed = first < base ? std::min<std::uint64_t>(base - first, out.size()) : 0;
    for (std::size_t n = sealed; n < out.size(); ++n) {
      CompactRange range;
      const std::uint64_t leaf = ((first + n) << level) - base_;
      for (std::uint64_t i = 0; i < std::uint64_t{1} << level; ++i) range.append(leaves_[leaf + i]);
      out[n] = range.root();
    }
  }
  if (sealed == 0) return {};
  return sealed_(level, first, out.first(sealed));
}

Result<Hash> HashTree::leaf(std::uint64_t index) const {
  Hash leaf{};
  DAYBOOK_RETURN_IF_ERROR(load(0, index, std::span(&leaf, 1)));
  return leaf;
}

Result<std::vector<Hash>> HashTree::subtrees(unsigned level, std::uint64_t first,
                                             std::uint64_t count) const {
  std::vector<Hash> hashes(count);
  if (level == 0) {
    DAYBOOK_RETURN_IF_ERROR(load(0, first, hashes));
    return hashes;
  }
  Walk walk(*this, size());
  for (std::uint64_t n = 0; n < count; ++n) hashes[n] = walk(level, first + n);
  DAYBOOK_RETURN_IF_ERROR(walk.status);
  return hashes;
}

Result<Hash> HashTree::root(std::uint64_t size) const {
  Walk walk(*this, size);
  const Hash root = root_of(size, walk.function());
  DAYBOOK_RETURN_IF_ERROR(walk.status);
  return root;
}

Result<std::vector<Hash>> HashTree::inclusion(std::uint64_t index, std::uint64_t size) const {
  if (size > this->size()) return Error{Errc::invalid, "tree size past the end of the ledger"};
  Walk walk(*this, size);
  auto proof = inclusion_proof(index, size, walk.function());
  DAYBOOK_RETURN_IF_ERROR(walk.status);
  return proof;
}

Result<std::vector<Hash>> HashTree::consistency(std::uint64_t from, std::uint64_t to) const {
  if (to > size()) return Error{Errc::invalid, "tree size past the end of the ledger"};
  Walk walk(*this, to);
  auto proof = consistency_proof(from, to, walk.function());
  DAYBOOK_RETURN_IF_ERROR(walk.status);
  return proof;
}

}  // namespace daybook::ledger
