// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/query/calendar.h"
#include "daybook/query/filter.h"

namespace daybook::query {

// A way to count matches by the value of a field: a name of the API (`namespace`) and its field.
struct GroupBy {
  std::string_view name;  // Static.
  Field field = Field::resource;
  friend bool operator==(const GroupBy&, const GroupBy&) = default;
};

// A parsed request to count (`GET .../aggregate`). The limits of the caller's rights belong into
// `filter.bounds`: facets drop conditions of `filter.all`.
struct Aggregate {
  Filter filter;
  std::vector<GroupBy> by;          // Groups are keyed by all of them together; may be empty.
  std::vector<GroupBy> facets;      // Each counted alone, without the conditions on its own field.
  std::optional<std::string> like;  // Only values of `by[0]` that hold this text, see folded().
  Interval interval;
  std::string time_zone = "UTC";  // IANA name, checked.
  std::uint64_t top = 10;         // Groups shown, and groups of each bucket; 0 to 1,000.
  std::optional<TreeSize> tree_size;
};

// `by`, `facets` (names, repeated or with commas), `like`, `interval`, `tz`, `top`, `treeSize` and
// filters. Errors as parse_search().
Result<Aggregate> parse_aggregate(const Params& params, UnixMillis now);

// The filter that a facet of `field` counts with: without the conditions that are on that field
// alone, groups of such included. The facet of kinds counts all of them.
[[nodiscard]] Filter without_field(const Filter& filter, Field field);

}  // namespace daybook::query
