// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/query/filter.h"

#include "plan.h"
#include "text_prefilter.h"

namespace daybook::search {

// The rows that match, once every row in doubt has been read. Either a list or a bit a row.
struct MatchSet {
  bool listed = false;
  std::vector<Row> rows;      // Descending; if listed.
  std::vector<Words> blocks;  // One a block; unless listed.
  std::uint64_t total = 0;
};

// Calls `visit(row)` for each match; ascending over bits, descending over a list.
template <class Visit>
void for_each_row(const MatchSet& matches, Visit&& visit) {
  for (const auto row : matches.rows) visit(row);
  for (std::size_t block = 0; block < matches.blocks.size(); ++block) {
    for (std::size_t i = 0; i < kWordsPerBlock; ++i) {
      for (auto left = matches.blocks[block][i]; left != 0; left &= left - 1) {
        visit(static_cast<Row>(block * kBlockRows + i * 64 +
                               static_cast<std::size_t>(std::countr_zero(left))));
      }
    }
  }
}

// Runs a filter over a snapshot. Holds references to all it is given. One thread.
class Scan {
 public:
  // At most `reads_max` entries are read; a filter that needs more is Errc::exhausted. Rows before
  // `first` are not asked for.
  Scan(const query::Filter& filter, const Columns& columns, const ledger::Reader& reader,
       const Snapshot& snapshot, std::uint64_t reads_max, Row first = 0);

  Result<MatchSet> run();

  // The same in pieces. All rows that can match, descending, if they are few.
  [[nodiscard]] const std::optional<std::vector<Row>>& candidates() const {
    return plan_.candidates;
  }
  Result<bool> matches(Row row);
  [[nodiscard]] BlockMatches judge(std::size_t block) const;
  // Reads the rows in doubt of the words `first` to `end` of a block and moves those that match to
  // `definite`.
  Status settle(std::size_t block, BlockMatches& matches, std::size_t first, std::size_t end);

 private:
  Status spend(std::uint64_t reads);
  Result<bool> check(const ledger::StoredEntry& entry);

  const query::Filter& filter_;
  const ledger::Reader& reader_;
  const Snapshot& snapshot_;
  Plan plan_;
  TextPrefilter prefilter_;
  std::uint64_t reads_left_;
};

}  // namespace daybook::search
