// SPDX-License-Identifier: Apache-2.0
#include "tree_tiles.h"

#include "daybook/core/check.h"

namespace daybook::ledger {

Status TreeTiles::push(const Hash& leaf, ByteSpan data) {
  DAYBOOK_CHECK(data.size() <= 0xffff);
  put_u16_be(bundle_, static_cast<std::uint16_t>(data.size()));
  put_bytes(bundle_, data);
  range_.append(leaf);
  if (range_.size() % kTileWidth == 0) {
    DAYBOOK_RETURN_IF_ERROR(emit_({true, 0, range_.size() / kTileWidth - 1, kTileWidth}, bundle_));
    bundle_.clear();
  }
  return push_hash(0, leaf);
}

Status TreeTiles::push_hash(unsigned level, const Hash& hash) {
  if (rows_.size() <= level) rows_.emplace_back();
  Row& row = rows_[level];
  put_bytes(row.hashes, hash);
  row.range.append(hash);
  if (row.range.size() < kTileWidth) return {};
  DAYBOOK_RETURN_IF_ERROR(emit_({false, level, row.number, kTileWidth}, row.hashes));
  const Hash root = row.range.root();
  row.number += 1;
  row.hashes.clear();
  row.range = CompactRange();
  return push_hash(level + 1, root);
}

Status TreeTiles::finish() {
  const auto width = static_cast<unsigned>(range_.size() % kTileWidth);
  if (width != 0) {
    DAYBOOK_RETURN_IF_ERROR(emit_({true, 0, range_.size() / kTileWidth, width}, bundle_));
  }
  for (unsigned level = 0; level < rows_.size(); ++level) {
    const Row& row = rows_[level];
    if (row.range.size() == 0) continue;
    DAYBOOK_RETURN_IF_ERROR(
        emit_({false, level, row.number, static_cast<unsigned>(row.range.size())}, row.hashes));
  }
  return {};
}

}  // namespace daybook::ledger
