// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/merkle.h"

#include <algorithm>
#include <bit>

#include "daybook/core/check.h"
#include "daybook/crypto/sha256.h"

namespace daybook::ledger {

namespace {

// Largest power of two strictly below n, n >= 2: where RFC 6962 splits a tree of n leaves.
std::uint64_t split_point(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

Hash fold_right(const std::vector<Hash>& perfect) {
  Hash root = perfect.back();
  for (auto left = perfect.rbegin() + 1; left != perfect.rend(); ++left) {
    root = node_hash(*left, root);
  }
  return root;
}

// MTH of leaves begin..end, where begin is a multiple of the largest perfect subtree inside.
Hash range_root(std::uint64_t begin, std::uint64_t end, const SubtreeHash& subtree) {
  std::vector<Hash> perfect;
  while (begin < end) {
    const auto level = static_cast<unsigned>(std::bit_width(end - begin)) - 1;
    perfect.push_back(subtree(level, begin >> level));
    begin += 1ULL << level;
  }
  return fold_right(perfect);
}

}  // namespace

Hash empty_root() {
  return crypto::sha256(ByteSpan{});
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 65> input{};
  input[0] = 0x01;
  std::copy(left.begin(), left.end(), input.begin() + 1);
  std::copy(right.begin(), right.end(), input.begin() + 33);
  return crypto::sha256(ByteSpan(input));
}

void CompactRange::append(const Hash& leaf) {
  stack_.push_back(leaf);
  for (std::uint64_t bits = size_; (bits & 1U) != 0; bits >>= 1U) {
    const Hash right = stack_.back();
    stack_.pop_back();
    stack_.back() = node_hash(stack_.back(), right);
  }
  ++size_;
}

void CompactRange::append_subtree(unsigned level, const Hash& root) {
  DAYBOOK_CHECK((size_ & ((std::uint64_t{1} << level) - 1)) == 0);
  stack_.push_back(root);
  for (std::uint64_t bits = size_ >> level; (bits & 1U) != 0; bits >>= 1U) {
    const Hash right = stack_.back();
    stack_.pop_back();
    stack_.back() = node_hash(stack_.back(), right);
  }
  size_ += std::uint64_t{1} << level;
}

Hash CompactRange::root() const {
  return stack_.empty() ? empty_root() : fold_right(stack_);
}

Hash root_of(std::uint64_t size, const SubtreeHash& subtree) {
  return size == 0 ? empty_root() : range_root(0, size, subtree);
}

Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                          const SubtreeHash& subtree) {
  if (index >= size) {
    return Error{Errc::invalid, "index must be below the tree size"};
  }
  std::vector<Hash> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_point(end - begin);
    if (index < middle) {
      proof.push_back(range_root(middle, end, subtree));
      end = middle;
    } else {
      proof.push_back(range_root(begin, middle, subtree));
      begin = middle;
    }
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<std::vector<Hash>> consistency_proof(std::uint64_t from, std::uint64_t to,
                                            const SubtreeHash& subtree) {
  if (from == 0 || from > to) {
    return Error{Errc::invalid, "sizes must be 1 <= from <= to"};
  }
  std::vector<Hash> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = to;
  while (end != from) {
    const std::uint64_t middle = begin + split_point(end - begin);
    if (from <= middle) {
      proof.push_back(range_root(middle, end, subtree));
      end = middle;
    } else {
      proof.push_back(range_root(begin, middle, subtree));
      begin = middle;
    }
  }
  // A proof from a perfect subtree at the left edge leaves the old root out: the verifier has it.
  if (begin != 0) {
    proof.push_back(range_root(begin, end, subtree));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                      std::span<const Hash> proof, const Hash& root) {
  if (index >= size) {
    return false;
  }
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1U) != 0 || fn == sn) {
      hash = node_hash(sibling, hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && hash == root;
}

bool verify_consistency(std::uint64_t from, std::uint64_t to, std::span<const Hash> proof,
                        const Hash& from_root, const Hash& to_root) {
  if (from > to) {
    return false;
  }
  if (from == to) {
    return proof.empty() && from_root == to_root;
  }
  if (from == 0) {  // Nothing to prove; tlog-witness takes an empty proof only.
    return proof.empty();
  }
  if (proof.empty()) {
    return false;
  }
  const bool old_root_left_out = std::has_single_bit(from);
  Hash old_hash = old_root_left_out ? from_root : proof.front();
  Hash new_hash = old_hash;
  std::uint64_t fn = from - 1;
  std::uint64_t sn = to - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  for (const Hash& hash : proof.subspan(old_root_left_out ? 0 : 1)) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1U) != 0 || fn == sn) {
      old_hash = node_hash(hash, old_hash);
      new_hash = node_hash(hash, new_hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      new_hash = node_hash(new_hash, hash);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && old_hash == from_root && new_hash == to_root;
}

}  // namespace daybook::ledger
