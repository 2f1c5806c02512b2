// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/tile.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/vectors.h"
#include "tree_tiles.h"

namespace daybook::ledger {
namespace {

using testing::leaf_hash_of;
using testing::leaf_text;
using testing::vectors;

TEST(TilePath, GoodOnesBothWays) {
  for (const auto& vector : vectors()["paths"]["good"]) {
    const std::uint64_t number = vector["N"];
    const std::pair<TileName, const char*> cases[] = {
        {{true, 0, number, 255}, "entries_partial_w255"},
        {{false, 0, number, 256}, "full_L0"},
        {{false, 3, number, 7}, "partial_L3_w7"},
    };
    for (const auto& [name, key] : cases) {
      const std::string path = vector[key];
      EXPECT_EQ(tile_path(name), path);
      const auto parsed = parse_tile_path(path);
      ASSERT_TRUE(parsed) << path;
      EXPECT_EQ(*parsed, name);
    }
  }
  EXPECT_EQ(vectors()["paths"]["good"].size(), 18U);
}

TEST(TilePath, EverythingElseIsNotFound) {
  std::vector<std::string> bad;
  for (const auto& vector : vectors()["paths"]["must_be_404"]) bad.push_back(vector["path"]);
  EXPECT_EQ(bad.size(), 28U);
  for (const char* more : {"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile//000",
                           "tile/0//000", "tile/0/000.p/1/2", "tile/0/000.p/256", "tile/0/x000",
                           "tile/0/001.p", "tile/entries/000.q/1", "tile/0/000\n",
                           "tile/0/000.p/1 ", "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
                           "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/9999999999/000"}) {
    bad.emplace_back(more);
  }
  bad.push_back("tile/0/" + std::string(1000, 'x'));
  for (const std::string& path : bad) {
    const auto parsed = parse_tile_path(path);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().code, Errc::not_found);
  }
}

TEST(TilePath, LargestNumber) {
  const TileName name{false, 63, ~std::uint64_t{0}, 1};
  const auto parsed = parse_tile_path(tile_path(name));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, name);
}

TEST(TileExists, FullAndPartial) {
  EXPECT_FALSE(tile_exists({false, 0, 0, 256}, 255));
  EXPECT_TRUE(tile_exists({false, 0, 0, 255}, 255));
  EXPECT_TRUE(tile_exists({false, 0, 0, 256}, 256));
  EXPECT_TRUE(tile_exists({false, 1, 0, 1}, 256));
  EXPECT_FALSE(tile_exists({false, 0, 1, 256}, 256));
  EXPECT_FALSE(tile_exists({false, 0, 0, 0}, 0));
  EXPECT_FALSE(tile_exists({false, 0, 0, 0}, 256));
  EXPECT_FALSE(tile_exists({false, 0, 0, 5}, 6));
  EXPECT_FALSE(tile_exists({true, 1, 0, 1}, 256));
  EXPECT_FALSE(tile_exists({false, 8, 0, 1}, ~std::uint64_t{0}));
  EXPECT_FALSE(tile_exists({false, 63, 0, 1}, ~std::uint64_t{0}));
}

std::string kind_key(const TileName& name) {
  return name.entries ? "entries" : std::to_string(name.level);
}

// Bytes, names and number of all tiles and bundles for each size of the vectors.
TEST(TreeTiles, VectorsOfTwelveSizes) {
  ASSERT_EQ(vectors()["tiles"]["logs"].size(), 12U);
  for (const auto& log : vectors()["tiles"]["logs"]) {
    const std::uint64_t size = log["size"];
    std::map<std::string, std::vector<std::pair<TileName, std::string>>> made;
    TreeTiles tiles([&](const TileName& name, const Bytes& bytes) -> Status {
      EXPECT_TRUE(tile_exists(name, size));
      made[kind_key(name)].emplace_back(name, to_hex(crypto::sha256(ByteSpan(bytes))));
      return {};
    });
    for (std::uint64_t n = 0; n < size; ++n) {
      const std::string data = leaf_text(n);
      ASSERT_TRUE(tiles.push(leaf_hash_of(data), as_bytes(data)));
    }
    ASSERT_TRUE(tiles.finish());
    EXPECT_EQ(to_base64(tiles.range().root()), log["root"]);

    std::map<std::string, std::string> by_path;
    std::string manifest;
    std::size_t count = 0;
    for (const auto& [kind, list] : made) {  // "0", "1", "2", then "entries".
      for (const auto& [name, sha] : list) {
        by_path[tile_path(name)] = sha;
        manifest += tile_path(name) + " " + sha + "\n";
        ++count;
      }
    }
    EXPECT_EQ(count, log["resource_count"]) << size;
    EXPECT_EQ(to_hex(crypto::sha256(manifest)), log["manifest_sha256_hex"]) << size;
    for (const char* list : {"tiles", "entry_bundles"}) {
      for (const auto& expected : log[list]) {
        EXPECT_EQ(by_path[expected["path"]], expected["sha256_hex"]) << expected["path"];
      }
    }
  }
}

}  // namespace
}  // namespace daybook::ledger
