// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::query {

// Milliseconds of an ISO 8601 duration: `P2W`, `P1DT12H`, `PT15M`, `PT0.5S` (weeks, days, hours,
// minutes, seconds; each at most once, in this order, a fraction only on seconds). Years and months
// have no fixed length and are refused, as is anything above 1,000 years.
Result<std::int64_t> parse_duration(std::string_view text);

}  // namespace daybook::query
