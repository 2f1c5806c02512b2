// SPDX-License-Identifier: Apache-2.0
#include "cursor.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include "scan.h"

namespace daybook::search {
namespace {

constexpr std::uint64_t kNoBound = UINT64_MAX;
// Words of a block whose doubts are settled at once.
constexpr std::size_t kWordsAtOnce = 8;
constexpr std::size_t kWordBits = 64;

class MatchCursor final : public Cursor {
 public:
  MatchCursor(query::Filter filter, Direction direction, const Columns& columns,
              const ledger::Reader& reader, Snapshot snapshot, Row first)
      : filter_(std::move(filter)),
        snapshot_(std::move(snapshot)),
        down_(direction == Direction::descending),
        first_(first),
        end_(std::max(snapshot_.rows, first)),
        scan_(filter_, columns, reader, snapshot_, kNoBound, first),
        left_(end_ - first_) {}

  Result<std::vector<EntryIndex>> next(std::size_t max) override {
    std::vector<EntryIndex> out;
    while (out.size() < max) {
      DAYBOOK_ASSIGN_OR_RETURN(const auto row, scan_.candidates() ? next_listed() : next_bit());
      if (!row) break;
      out.emplace_back(*row);
    }
    return out;
  }

 private:
  using MaybeRow = std::optional<Row>;

  Result<MaybeRow> next_listed() {
    const auto& rows = *scan_.candidates();
    while (listed_ < rows.size()) {
      const auto at = listed_++;
      const auto row = down_ ? rows[at] : rows[rows.size() - 1 - at];
      if (row < first_) continue;
      DAYBOOK_ASSIGN_OR_RETURN(const bool fits, scan_.matches(row));
      if (fits) return MaybeRow(row);
    }
    return MaybeRow();
  }

  Result<MaybeRow> next_bit() {
    while (word_ == 0) {
      if (left_ == 0) return MaybeRow();
      DAYBOOK_RETURN_IF_ERROR(load_word());
    }
    const auto bit =
        static_cast<Row>(down_ ? kWordBits - 1 - static_cast<std::size_t>(std::countl_zero(word_))
                               : static_cast<std::size_t>(std::countr_zero(word_)));
    word_ &= ~(1ULL << bit);
    return MaybeRow(base_ + bit);
  }

  // The next word of rows in the direction of travel.
  Status load_word() {
    const Row row = down_ ? first_ + left_ - 1 : end_ - left_;
    const std::size_t block = row / kBlockRows;
    const std::size_t at = row % kBlockRows / kWordBits;
    if (block_ != block) {
      matches_ = scan_.judge(block);
      block_ = block;
      settled_.reset();
    }
    const auto piece = at / kWordsAtOnce;
    if (settled_ != piece) {
      const auto from = piece * kWordsAtOnce;
      DAYBOOK_RETURN_IF_ERROR(scan_.settle(block, matches_, from, from + kWordsAtOnce));
      settled_ = piece;
    }
    base_ = static_cast<Row>(block * kBlockRows + at * kWordBits);
    word_ = matches_.definite[at];
    const Row here =
        down_ ? row + 1 - std::max(base_, first_)
              : static_cast<Row>(std::min<std::uint64_t>(std::uint64_t{base_} + kWordBits, end_)) -
                    row;
    left_ -= here;
    return {};
  }

  query::Filter filter_;
  Snapshot snapshot_;
  bool down_;
  Row first_;
  Row end_;
  Scan scan_;
  std::size_t listed_ = 0;  // Candidates seen.
  Row left_;                // Rows whose word is still to come.
  std::optional<std::size_t> block_;
  std::optional<std::size_t> settled_;  // Piece of the block.
  BlockMatches matches_;
  Row base_ = 0;
  std::uint64_t word_ = 0;
};

}  // namespace

std::unique_ptr<Cursor> make_cursor(query::Filter filter, Direction direction,
                                    const Columns& columns, const ledger::Reader& reader,
                                    Snapshot snapshot, Row first) {
  return std::make_unique<MatchCursor>(std::move(filter), direction, columns, reader,
                                       std::move(snapshot), first);
}

}  // namespace daybook::search
