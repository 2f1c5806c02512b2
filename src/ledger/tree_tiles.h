// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/core/result.h"
#include "daybook/ledger/merkle.h"
#include "daybook/ledger/tile.h"

namespace daybook::ledger {

// Makes every tile and bundle of a tree from its leaves in order, in memory that grows with the
// height only. A tile comes out as soon as it is full; partial ones at the end.
class TreeTiles {
 public:
  using Emit = std::function<Status(const TileName&, const Bytes&)>;
  explicit TreeTiles(Emit emit) : emit_(std::move(emit)) {}

  // `data`: the leaf's bytes, at most 65,535.
  Status push(const Hash& leaf, ByteSpan data);
  // After the last leaf: what is not full.
  Status finish();
  [[nodiscard]] const CompactRange& range() const { return range_; }

 private:
  struct Row {
    Bytes hashes;
    CompactRange range;
    std::uint64_t number = 0;  // Of the tile being filled.
  };
  Status push_hash(unsigned level, const Hash& hash);

  Emit emit_;
  std::vector<Row> rows_;
  Bytes bundle_;
  CompactRange range_;
};

}  // namespace daybook::ledger
