// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/clock.h"

#include "dictionary.h"
#include "facts.h"

namespace daybook::search {

constexpr std::uint32_t kBlockRows = 4096;
constexpr std::size_t kWordsPerBlock = kBlockRows / 64;

// Columns of 4,096 consecutive rows. Written row by row by one thread; rows below a published count
// are final and may be read by any.
struct Block {
  // Null where no row of the block has the field; else kBlockRows value ids.
  std::array<std::atomic<ValueId*>, kColumnCount> column{};
  // Per row the row before it that has the same value in a chained column.
  std::array<std::atomic<Row*>, kChainedColumns> chain{};
  std::atomic<UnixMillis> latest{INT64_MIN};  // No row of the block is later.
  std::array<UnixMillis, kBlockRows> date;
  std::array<std::array<std::uint8_t, kBlockRows>, kWordFields> word;

  [[nodiscard]] ValueId value(Column which, std::uint32_t at) const {
    const auto* values = column[static_cast<std::size_t>(which)].load(std::memory_order_acquire);
    return values == nullptr ? kAbsent : values[at];
  }
  [[nodiscard]] std::string_view id(std::uint32_t at) const;

  // Of the writer.
  void set_value(Column which, std::uint32_t at, ValueId value);
  void set_chain(Column which, std::uint32_t at, Row before);
  void set_id(std::uint32_t at, std::string_view id);

 private:
  // An id lies in one chunk as a length byte and the text. 4,096 ids of at most 128 bytes need no
  // more chunks, even if each chunk loses its tail.
  static constexpr std::uint32_t kIdChunkBytes = 16 * 1024;
  static constexpr std::uint32_t kIdBytesMax = 128;
  static constexpr std::size_t kIdChunks = 33;
  static_assert(kIdChunks * (kIdChunkBytes - kIdBytesMax) >= kBlockRows * (kIdBytesMax + 1));

  std::array<std::uint32_t, kBlockRows> id_at_;  // Chunk number times kIdChunkBytes plus offset.
  std::array<std::unique_ptr<char[]>, kIdChunks> id_chunks_;
  std::uint32_t id_end_ = 0;
  std::vector<std::unique_ptr<std::uint32_t[]>> owned_;
};

// What a query works on: rows that were complete when it began.
struct Snapshot {
  std::vector<const Block*> blocks;
  Row rows = 0;
  [[nodiscard]] const Block& block_of(Row row) const { return *blocks[row / kBlockRows]; }
  [[nodiscard]] std::uint32_t rows_in(std::size_t block) const {
    const auto left = rows - static_cast<Row>(block) * kBlockRows;
    return left < kBlockRows ? left : kBlockRows;
  }
  [[nodiscard]] ValueId value(Column which, Row row) const {
    return block_of(row).value(which, row % kBlockRows);
  }
  [[nodiscard]] Row chained(Column which, Row row) const;
};

// All rows and the dictionaries of their values.
//
// Threads: append() from one writer at a time; the rest from any thread beside it.
class Columns {
 public:
  Columns();

  void append(const RowFacts& facts);
  [[nodiscard]] Row rows() const { return rows_.load(std::memory_order_acquire); }
  // The first `rows` rows, all if more are asked for than there are.
  [[nodiscard]] Snapshot snapshot(Row rows = kNoRow) const;
  // The row before `row` with its value, for rows that a snapshot does not hold yet.
  [[nodiscard]] Row chained(Column which, Row row) const;

  [[nodiscard]] const Dictionary& dictionary(Column which) const {
    return *dictionaries_[static_cast<std::size_t>(which)];
  }
  // Whether some row has a value that the column's dictionary does not hold (kOther).
  [[nodiscard]] bool has_other(Column which) const {
    return other_[static_cast<std::size_t>(which)].load(std::memory_order_acquire);
  }

  // Where the values of a detail key are.
  struct DetailColumn {
    std::optional<Column> column;
    bool known_absent = false;  // No row has the key.
  };
  [[nodiscard]] DetailColumn detail_column(std::string_view key) const;

 private:
  void append_value(Block& block, Row row, Column which, std::string_view text);
  void append_detail(Block& block, Row row, const RowFacts::Detail& detail);
  std::optional<Column> column_for(std::string_view key);

  std::array<std::unique_ptr<Dictionary>, kColumnCount> dictionaries_;
  std::array<std::atomic<bool>, kColumnCount> other_{};
  mutable std::shared_mutex mutex_;  // Guards blocks_ (the list), detail_keys_ and keys_left_out_.
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::string> detail_keys_;  // Of kFirstDetail and on.
  bool keys_left_out_ = false;
  std::atomic<Row> rows_{0};
};

}  // namespace daybook::search
