// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daybook/core/bytes.h"

namespace daybook::ledger {

// A block's content ends before its parts would pass this, unless one part alone is larger.
constexpr std::uint32_t kBlockPartsBytes = 64U << 10U;

// A run of parts of one kind, as it is read.
struct Block {
  Bytes raw;
  std::vector<std::uint32_t> offsets;  // Of each part in `raw`, and the end of the last.
  [[nodiscard]] std::string_view part(std::size_t n) const {
    return as_text(ByteSpan(raw).subspan(offsets[n], offsets[n + 1] - offsets[n]));
  }
};

// Collects parts of consecutive entries and gives what is to be compressed. Parts of one shape
// differ in their values alone, so those lie by column: zstd then finds like beside like
// (docs/formats.md).
class BlockBuilder {
 public:
  // Whether one more part still fits. An empty block takes any.
  [[nodiscard]] bool fits(std::size_t part_bytes) const;
  void add(std::string_view part);
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(ends_.size()); }
  // The block's content; empty again afterwards.
  Bytes take();

 private:
  Bytes parts_;
  std::vector<std::size_t> ends_;
};

// nullopt unless `content` holds exactly `count` parts of together at most `bytes_max`.
[[nodiscard]] std::optional<Block> unpack_block(Bytes content, std::uint32_t count,
                                                std::uint64_t bytes_max);

}  // namespace daybook::ledger
