// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "daybook/query/filter.h"

#include "columns.h"
#include "scan.h"

namespace daybook::search {

// The rows `offset` to `offset + size` of the matches in the order of `sort`: by default the latest
// date first; ties by index in the direction of the last field. Missing values come before all
// others.
[[nodiscard]] std::vector<Row> sorted_page(const MatchSet& matches, const Columns& columns,
                                           const Snapshot& snapshot,
                                           const std::vector<query::Sort>& sort,
                                           std::uint64_t offset, std::uint64_t size);

// A page by index. `rows` descending; `more` if a following call has rows.
struct KeysetPage {
  std::vector<Row> rows;
  bool more = false;
};
[[nodiscard]] KeysetPage page_before(const MatchSet& matches, std::uint64_t bound,
                                     std::uint64_t size);
[[nodiscard]] KeysetPage page_after(const MatchSet& matches, std::uint64_t bound,
                                    std::uint64_t size);

}  // namespace daybook::search
