// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "daybook/search/engine.h"

#include "columns.h"

namespace daybook::search {

// Counts the matches among the rows of a snapshot. Each of the filters it runs (that of the
// request, and those of facets that leave a condition out) reads at most `reads_max` entries.
[[nodiscard]] Result<Aggregation> count_matches(const query::Aggregate& request,
                                                const Columns& columns,
                                                const ledger::Reader& reader,
                                                const Snapshot& snapshot, std::uint64_t reads_max);

}  // namespace daybook::search
