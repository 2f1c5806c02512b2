// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "daybook/query/filter.h"

#include "call.h"
#include "matches.h"

namespace daybook::api {

// The matches from an index on, in ledger order, as server-sent events: a piece at a time, as fast
// as its reader wants them. Each entry is given once; one that comes to be later follows later.
//
// A stretch of the ledger is looked through at a time. Its length adapts to what the filter costs,
// so that one far behind holds up no network thread for long.
class FollowedRows {
 public:
  FollowedRows(const Services& services, query::Filter filter, EntryIndex from)
      : services_(services), filter_(std::move(filter)), next_(from) {}

  // Whether there are entries that were not looked at yet.
  [[nodiscard]] bool behind() const;
  // Some of the following events; empty if the stretch looked through had none.
  Result<std::string> piece();
  // From the next entry on.
  void set_filter(query::Filter filter);

 private:
  Status begin_stretch();
  Result<std::optional<EntryIndex>> next_match();
  void end_stretch();

  const Services& services_;
  query::Filter filter_;
  EntryIndex next_;  // First one not looked at, if no stretch is open; else a lower bound of it.
  std::uint64_t stretch_ = 1'024;  // Entries at most.
  EntryIndex stretch_end_;
  std::int64_t spent_us_ = 0;  // Searching the open stretch.
  bool full_ = false;          // It is as long as may be.
  bool open_ = false;
  Matches matches_;
};

}  // namespace daybook::api
