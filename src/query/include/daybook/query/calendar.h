// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"

namespace daybook::query {

// Width of a histogram's buckets. Those of hours and less count from local midnight and divide a
// day of 24 hours evenly; weeks begin on Monday. A day of a time zone with summer time can have 23
// or 25 hours: its last bucket of hours is then shorter, or there is one more. Years are multiples
// of the count.
struct Interval {
  enum class Unit : std::uint8_t { none, automatic, second, minute, hour, day, week, month, year };
  Unit unit = Unit::automatic;
  std::uint32_t count = 1;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// `auto`, `none`, `PT15M` (S, M, H), `P1D`, `P7D` or `P1W`, `P1M`, `P1Y`; else Errc::invalid.
Result<Interval> parse_interval(std::string_view text);
// As above; a week is `P1W`, more years than one `P10Y`.
[[nodiscard]] std::string to_string(const Interval& interval);

// Errc::invalid unless `name` is UTC or a zone of the system's time zone database (`Europe/Paris`).
Status check_time_zone(std::string_view name);

constexpr std::size_t kBucketsMax = 1000;
constexpr std::size_t kAutoBucketsMax = 60;

// Bucket i reaches from bounds[i] up to, without, bounds[i + 1]. Ascending, without gaps.
struct Buckets {
  Interval interval;  // The one that auto became.
  std::vector<UnixMillis> bounds;
};

// The buckets from the one that holds `first` to the one that holds `last`, first <= last; not for
// an interval of none. A day begins at the first moment that the zone's clocks call midnight, or,
// if they skip it, at the moment they jump. Errc::invalid (path `interval`) for more than
// kBucketsMax. Auto takes the smallest width that needs at most kAutoBucketsMax.
Result<Buckets> make_buckets(const Interval& interval, const std::string& time_zone,
                             UnixMillis first, UnixMillis last);

}  // namespace daybook::query
