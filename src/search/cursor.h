// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "daybook/search/engine.h"

#include "columns.h"

namespace daybook::search {

enum class Direction : std::uint8_t { descending, ascending };

// Matches among the rows of `snapshot` from `first` on. Memory: the compiled filter, and a block's
// bits or the look-up's list; reads as many entries as it must.
[[nodiscard]] std::unique_ptr<Cursor> make_cursor(query::Filter filter, Direction direction,
                                                  const Columns& columns,
                                                  const ledger::Reader& reader, Snapshot snapshot,
                                                  Row first);

}  // namespace daybook::search
