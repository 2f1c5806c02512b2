// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/query/filter.h"
#include "daybook/record/json.h"

namespace daybook::erasure {

// What a redaction asks for. Exactly one of id, index, person and filters.
struct Selection {
  std::optional<std::string> tenant;
  std::optional<std::string> id;
  std::optional<EntryIndex> index;
  std::vector<std::string>
      person;  // User id, name, address …: values as they stand in actor parts.
  std::optional<std::string> filters;  // The query string of a search.
  std::uint8_t parts = 0;              // Bit k−1 for part k; of a person the actor part.
  bool everywhere = false;             // Of a person: also the other parts that name them.
};

constexpr std::size_t kReasonBytesMax = 1024;

// The members of a request's body that select, and `reason`. Others are refused.
Result<Selection> parse_selection(const record::Json& body);
[[nodiscard]] record::Json to_json(const Selection& selection);
// `["event","actor"]` as bits; Errc::invalid for others and for none.
Result<std::uint8_t> parse_parts(const record::Json& names);
[[nodiscard]] record::Json part_names(std::uint8_t parts);

// A member that is true or false; absent or null is false.
Result<bool> flag_member(const record::Json& body, const std::string& name);

// A reason must be given: 1 to 1,024 bytes without control characters.
Result<std::string> parse_reason(const record::Json& body);

// Filters of a search, of every kind unless they name one; a tenant is one condition more.
Result<query::Filter> filter_of(const query::Params& filters,
                                const std::optional<std::string>& tenant, UnixMillis now);

}  // namespace daybook::erasure
