// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"

namespace daybook::terminal {

// The zone in which a person reads and writes times: the process's own (TZ), or UTC.
enum class Zone : std::uint8_t { local, utc };
// Which moment of a whole day is meant.
enum class Edge : std::uint8_t { begin, end };

// `2026-11-24`, `today`, `yesterday` (a whole day: its first or its last millisecond),
// `2026-11-24T10:00[:30[.5]]` (a blank instead of the T is fine) in `zone`, or RFC 3339 with an
// offset. `now` is needed for the two words.
Result<UnixMillis> parse_moment(std::string_view text, Zone zone, Edge edge, UnixMillis now);

// `90s`, `15m`, `24h`, `7d`, `2w` as the ISO 8601 duration that the filter language takes; what
// begins with P is passed on as it is.
Result<std::string> parse_ago(std::string_view text);

// `2026-11-24 10:05:08+01:00`, in UTC with `Z`.
[[nodiscard]] std::string show_time(UnixMillis time, Zone zone);

}  // namespace daybook::terminal
