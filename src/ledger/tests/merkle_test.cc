// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/merkle.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "hash_tree.h"
#include "tests/vectors.h"

namespace daybook::ledger {
namespace {

using testing::hash_of_base64;
using testing::hashes_of;
using testing::leaf_hash_of;
using testing::leaf_text;
using testing::vectors;

constexpr std::uint64_t kLeaves = 70'000;

Status nothing_sealed(unsigned, std::uint64_t, std::span<Hash>) {
  return Error{Errc::not_found, "no segments"};
}

// All leaves of the vectors' trees, in the structure the ledger uses.
const HashTree& big_tree() {
  static const HashTree* const tree = [] {
    auto* made = new HashTree(4, 8, nothing_sealed);
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < kLeaves; ++i) leaves.push_back(leaf_hash_of(leaf_text(i)));
    made->append(leaves);
    return made;
  }();
  return *tree;
}

// RFC 6962 section 2.1, word for word: the model that everything else is held against.
Hash naive_root(const std::vector<Hash>& leaves) {
  if (leaves.empty()) return crypto::sha256(ByteSpan{});
  if (leaves.size() == 1) return leaves.front();
  std::size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(split);
  return node_hash(naive_root({leaves.begin(), middle}), naive_root({middle, leaves.end()}));
}

TEST(Merkle, KnownHashes) {
  const auto& hash = vectors()["hash"];
  EXPECT_EQ(to_hex(empty_root()), hash["empty_root_hex"]);
  EXPECT_EQ(to_hex(leaf_hash_of("")), hash["leaf_empty_hex"]);
  const Hash left = leaf_hash_of("");
  const Hash right = leaf_hash_of(std::string_view("\0", 1));
  EXPECT_EQ(to_hex(right), hash["leaf_00_hex"]);
  EXPECT_EQ(to_hex(node_hash(left, right)), hash["node_of_those_hex"]);
}

TEST(Merkle, ReferenceTreeOfRfc6962) {
  const auto& reference = vectors()["rfc6962_reference"];
  CompactRange range;
  EXPECT_EQ(to_hex(range.root()), reference["roots_hex_n0_to_8"][0]);
  for (std::size_t n = 0; n < 8; ++n) {
    const auto data = from_hex(reference["leaves_hex"][n].get<std::string>());
    ASSERT_TRUE(data);
    range.append(leaf_hash_of(as_text(*data)));
    EXPECT_EQ(to_hex(range.root()), reference["roots_hex_n0_to_8"][n + 1]);
  }
}

TEST(Merkle, RootsOfAllSizes) {
  std::map<std::uint64_t, Hash> expected;
  const auto& small = vectors()["simple"]["roots_n0_to_64"];
  for (std::size_t n = 0; n < small.size(); ++n) expected[n] = hash_of_base64(small[n]);
  for (const auto& [size, root] : vectors()["simple"]["roots_more"].items()) {
    expected[std::stoull(size)] = hash_of_base64(root);
  }
  CompactRange range;
  for (std::uint64_t n = 0; n <= kLeaves; ++n) {
    if (const auto at = expected.find(n); at != expected.end()) {
      EXPECT_EQ(range.root(), at->second) << n;
      EXPECT_EQ(*big_tree().root(n), at->second) << n;
    }
    if (n < kLeaves) range.append(*big_tree().leaf(n));
  }
  EXPECT_EQ(expected.size(), 65U + 16U);
}

TEST(Merkle, InclusionVectors) {
  ASSERT_EQ(vectors()["inclusion"].size(), 450U);
  for (const auto& vector : vectors()["inclusion"]) {
    const std::uint64_t index = vector["i"];
    const std::uint64_t size = vector["n"];
    const auto expected = hashes_of(vector["p"]);
    const auto proof = big_tree().inclusion(index, size);
    ASSERT_TRUE(proof);
    EXPECT_EQ(*proof, expected) << index << " in " << size;
    EXPECT_TRUE(
        verify_inclusion(index, size, *big_tree().leaf(index), expected, *big_tree().root(size)));
  }
}

TEST(Merkle, ConsistencyVectors) {
  ASSERT_EQ(vectors()["consistency"].size(), 451U);
  for (const auto& vector : vectors()["consistency"]) {
    const std::uint64_t from = vector["m"];
    const std::uint64_t to = vector["n"];
    const auto expected = hashes_of(vector["p"]);
    const auto proof = big_tree().consistency(from, to);
    ASSERT_TRUE(proof);
    EXPECT_EQ(*proof, expected) << from << " to " << to;
    EXPECT_TRUE(
        verify_consistency(from, to, expected, *big_tree().root(from), *big_tree().root(to)));
  }
}

TEST(Merkle, NegativeVectors) {
  std::size_t seen = 0;
  for (const auto& vector : vectors()["negative"]) {
    const auto proof = hashes_of(vector["p"]);
    ++seen;
    if (vector["kind"] == "inclusion") {
      EXPECT_FALSE(verify_inclusion(vector["i"], vector["n"], hash_of_base64(vector["leaf"]), proof,
                                    hash_of_base64(vector["root"])))
          << vector["why"];
    } else {
      EXPECT_FALSE(verify_consistency(vector["m"], vector["n"], proof,
                                      hash_of_base64(vector.at("root1")),
                                      hash_of_base64(vector.at("root2"))))
          << vector["why"];
    }
  }
  EXPECT_EQ(seen, 98U);
}

TEST(Merkle, ArgumentsOutOfRange) {
  EXPECT_EQ(big_tree().inclusion(5, 5).error().code, Errc::invalid);
  EXPECT_EQ(big_tree().inclusion(0, 0).error().code, Errc::invalid);
  EXPECT_EQ(big_tree().inclusion(0, kLeaves + 1).error().code, Errc::invalid);
  EXPECT_EQ(big_tree().consistency(0, 5).error().code, Errc::invalid);
  EXPECT_EQ(big_tree().consistency(6, 5).error().code, Errc::invalid);
  EXPECT_EQ(big_tree().consistency(5, kLeaves + 1).error().code, Errc::invalid);
  EXPECT_TRUE(verify_consistency(0, 7, {}, empty_root(), *big_tree().root(7)));
  const std::vector<Hash> something{empty_root()};
  EXPECT_FALSE(verify_consistency(0, 7, something, empty_root(), *big_tree().root(7)));
}

// Every pair of sizes up to 40, then random ones, against the definition.
TEST(MerkleProperty, ProofsVerifyAndChangesAreNoticed) {
  std::mt19937_64 random(20261124);
  std::vector<Hash> leaves;
  std::vector<Hash> roots{empty_root()};
  for (std::uint64_t n = 0; n < 300; ++n) {
    leaves.push_back(*big_tree().leaf(n));
    roots.push_back(naive_root(leaves));
  }
  const auto check = [&](std::uint64_t from, std::uint64_t to) {
    const auto inclusion = *big_tree().inclusion(from - 1, to);
    EXPECT_TRUE(verify_inclusion(from - 1, to, leaves[from - 1], inclusion, roots[to]));
    EXPECT_FALSE(verify_inclusion(from - 1, to, leaves[from - 1], inclusion, roots[to - 1]));
    if (from != to) {
      EXPECT_FALSE(verify_inclusion(from, to, leaves[from - 1], inclusion, roots[to]));
    }
    auto proof = *big_tree().consistency(from, to);
    EXPECT_TRUE(verify_consistency(from, to, proof, roots[from], roots[to]));
    if (proof.empty()) return;
    proof[random() % proof.size()][random() % 32] ^= 1U;
    EXPECT_FALSE(verify_consistency(from, to, proof, roots[from], roots[to]));
    proof = *big_tree().consistency(from, to);
    proof.pop_back();
    EXPECT_FALSE(verify_consistency(from, to, proof, roots[from], roots[to]));
  };
  for (std::uint64_t to = 1; to <= 40; ++to) {
    for (std::uint64_t from = 1; from <= to; ++from) check(from, to);
  }
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t to = 1 + random() % 300;
    check(1 + random() % to, to);
  }
}

TEST(HashTree, GrowsInAnySteps) {
  std::mt19937_64 random(7);
  HashTree tree(4, 8, nothing_sealed);
  CompactRange range;
  while (tree.size() < 2000) {
    std::vector<Hash> step;
    for (std::uint64_t n = random() % 70; n > 0; --n) {
      step.push_back(*big_tree().leaf(tree.size() + step.size()));
      range.append(step.back());
    }
    tree.append(step);
    EXPECT_EQ(tree.size(), range.size());
    EXPECT_EQ(*tree.root(tree.size()), range.root());
  }
  for (const unsigned level : {0U, 1U, 3U, 4U, 8U}) {
    EXPECT_EQ(*tree.subtrees(level, 1, 2), *big_tree().subtrees(level, 1, 2)) << level;
  }
}

}  // namespace
}  // namespace daybook::ledger
