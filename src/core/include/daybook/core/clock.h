// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook {

// Wall time: milliseconds since 1970-01-01T00:00:00Z, may jump. May be negative for old dates.
using UnixMillis = std::int64_t;

// Source of time. Injected wherever time decides something, so that tests own it.
// Threads: every method from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual UnixMillis now() const = 0;
  // Monotonic milliseconds since an arbitrary start; for durations and timeouts.
  [[nodiscard]] virtual std::int64_t steady_ms() const = 0;
};

// The operating system's clocks. Lives for the whole process.
[[nodiscard]] const Clock& system_clock();

// `YYYY-MM-DDTHH:MM:SS.mmmZ`, the only form daybook writes. Years 0000 to 9999.
[[nodiscard]] std::string format_time(UnixMillis time);

// RFC 3339 with any offset and 0 to 9 fraction digits, cut (not rounded) to milliseconds.
// Checks ranges, month lengths and leap years; second 60 only where UTC has leap seconds is read
// as 59.999.
Result<UnixMillis> parse_time(std::string_view text);

}  // namespace daybook
