// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "arena.h"

namespace daybook::search {

// A row is an entry's index; the engine holds at most 2^32 - 2 of them.
using Row = std::uint32_t;
constexpr Row kNoRow = 0xFFFFFFFF;

// The number that stands for a value in a column.
using ValueId = std::uint32_t;
constexpr ValueId kAbsent = 0;          // The entry is without the field.
constexpr ValueId kOther = 0xFFFFFFFF;  // It has a value that the dictionary does not hold.

// The distinct values of one column, numbered from 1, with how many rows have each and the last of
// them.
//
// Threads: intern() and note_row() from the one writer; the rest from any thread beside it.
// Memory:  24 bytes a value, 6 to 12 bytes of hash table, and the text once.
class Dictionary {
 public:
  // `seed` makes hash collisions unpredictable for whoever chooses the values.
  explicit Dictionary(std::uint64_t seed) : seed_(seed) {}

  ValueId intern(std::string_view text);
  // Says that `row` has the value.
  void note_row(ValueId id, Row row);

  [[nodiscard]] ValueId find(std::string_view text) const;  // kAbsent if unknown.
  [[nodiscard]] std::string_view text(ValueId id) const;    // Good as long as the dictionary.
  // In the order of ids. Holds up the writer: be short.
  void for_each(const std::function<void(ValueId, std::string_view)>& visit) const;
  // Ids whose text satisfies `fits`, ascending.
  [[nodiscard]] std::vector<ValueId> find_all(
      const std::function<bool(std::string_view)>& fits) const;
  // Text of each value: result[id]; result[kAbsent] is empty. Good as long as the dictionary.
  [[nodiscard]] std::vector<std::string_view> texts() const;
  // Position of each value in byte order: result[id], result[kAbsent] = 0 comes first.
  [[nodiscard]] std::vector<std::uint32_t> ranks() const;

  [[nodiscard]] std::uint32_t size() const { return size_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint32_t count(ValueId id) const;
  [[nodiscard]] Row last_row(ValueId id) const;  // kNoRow if none.

 private:
  struct Value {
    const char* text;
    std::uint32_t bytes;
    std::uint32_t hash;
    std::atomic<std::uint32_t> count;
    std::atomic<Row> last_row;
  };
  static constexpr std::uint32_t kChunkValues = 256;

  [[nodiscard]] std::uint32_t hash(std::string_view text) const;
  [[nodiscard]] const Value& value(ValueId id) const {
    return chunks_[(id - 1) / kChunkValues][(id - 1) % kChunkValues];
  }
  [[nodiscard]] Value& value(ValueId id) {
    return chunks_[(id - 1) / kChunkValues][(id - 1) % kChunkValues];
  }
  [[nodiscard]] static std::string_view text_of(const Value& value) {
    return {value.text, value.bytes};
  }
  [[nodiscard]] ValueId lookup(std::string_view text, std::uint32_t hash) const;
  void insert_slot(ValueId id, std::uint32_t hash);
  void grow_slots();

  // Held shared by readers, alone by the writer while it changes chunks_ or slots_. The writer
  // itself reads them without it. Values never move.
  mutable std::shared_mutex mutex_;
  std::uint64_t seed_;
  Arena arena_;
  std::vector<std::unique_ptr<Value[]>> chunks_;
  std::vector<ValueId> slots_;  // Open addressing, a power of two, at most two thirds full.
  std::atomic<std::uint32_t> size_{0};
};

}  // namespace daybook::search
