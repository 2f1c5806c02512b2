// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
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

// Runs a filter over a snapshot. One use, one thread.
class Scan {
 public:
  // At most `reads_max` entries are read; a filter that needs more is Errc::exhausted.
  Scan(const query::Filter& filter, const Columns& columns, const ledger::Reader& reader,
       const Snapshot& snapshot, std::uint64_t reads_max);

  Result<MatchSet> run();
  // Matches by descending index until `visit` returns false. Memory: a block's bits, or the
  // look-up's list.
  Status visit_descending(const std::function<bool(Row)>& visit);

 private:
  Result<bool> settle(Row row, Verdict verdict);
  // The rows in doubt of the words `first` to `end` of a block.
  Status settle_words(std::size_t block, BlockMatches& matches, std::size_t first, std::size_t end);
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
