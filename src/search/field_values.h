// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/query/aggregate.h"

#include "columns.h"

namespace daybook::search {

// The values of one field by which matches are counted, as small numbers: 0 for a row without the
// field, then 1 and on. An empty resource or type is none: only erasure leaves one.
//
// Threads: one at a time.
class FieldValues {
 public:
  // `snapshot` first, then this. At most `reads_max` rows may have a value that no column holds.
  FieldValues(const query::GroupBy& by, const Columns& columns, const ledger::Reader& reader,
              const Snapshot& snapshot, std::uint64_t reads_max);

  // Errc::exhausted if too many entries had to be read.
  Result<std::uint32_t> of(Row row) {
    const auto number = held(row);
    return number == kUnheld ? read(row) : number;
  }

  // Numbers are below this, for any row if `closed`, else for those seen.
  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(texts_.size() + extra_.size());
  }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] std::string_view text(std::uint32_t number) const {
    return number < texts_.size() ? texts_[number] : extra_[number - texts_.size()];
  }

 private:
  static constexpr std::uint32_t kUnheld = 0xFFFFFFFF;

  [[nodiscard]] std::uint32_t held(Row row) {
    const auto block = row / kBlockRows;
    if (block != block_) enter(block);
    const auto at = row % kBlockRows;
    if (words_ != nullptr) return words_[at] + 1U;
    if (ids_ == nullptr || ids_[at] == kAbsent || ids_[at] == none_) return 0;
    return ids_[at] == kOther ? kUnheld : ids_[at];
  }
  void enter(std::size_t block);
  Result<std::uint32_t> read(Row row);
  std::uint32_t number_of(std::string text);

  query::Field field_;
  const ledger::Reader& reader_;
  const Snapshot& snapshot_;
  std::uint64_t reads_left_;
  bool closed_ = true;
  bool is_word_ = false;
  WordField word_ = WordField::kind;
  Column column_ = Column::action;
  std::vector<std::string_view> texts_;
  ValueId none_ = kAbsent;  // The empty text, where it stands for none.

  std::size_t block_ = SIZE_MAX;
  const std::uint8_t* words_ = nullptr;  // Of the block.
  const ValueId* ids_ = nullptr;

  // Values that no dictionary holds, and where they were read.
  std::deque<std::string> extra_;
  std::unordered_map<std::string_view, std::uint32_t> extra_numbers_;
  std::unordered_map<Row, std::uint32_t> read_;
};

}  // namespace daybook::search
