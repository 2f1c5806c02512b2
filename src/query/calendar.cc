// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/calendar.h"

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <optional>

namespace daybook::query {
namespace {

using std::chrono::milliseconds;
using Unit = Interval::Unit;
using SysMillis = date::sys_time<milliseconds>;

constexpr std::uint32_t kDaySeconds = 86'400;
constexpr UnixMillis kSecondMs = 1000;
constexpr UnixMillis kDayMs = kDaySeconds * kSecondMs;
// Years -1000 to 11000: far beyond what an entry can have, and what the calendar can count.
constexpr UnixMillis kTimeMin = -93'722'745'600'000;
constexpr UnixMillis kTimeMax = 284'958'950'400'000;

// The instants at which days of a zone begin.
class Zone {
 public:
  // Throws std::exception if the zone is not known.
  explicit Zone(std::string_view name) : zone_(name == "UTC" ? nullptr : date::locate_zone(name)) {}

  [[nodiscard]] UnixMillis start_of(date::local_days day) const {
    if (zone_ == nullptr) return UnixMillis{day.time_since_epoch().count()} * kDayMs;
    const date::local_seconds midnight = day;
    const auto start = zone_->to_sys(midnight, date::choose::earliest);
    return milliseconds(start.time_since_epoch()).count();
  }
  // The day whose date the clocks show.
  [[nodiscard]] date::local_days shown(UnixMillis time) const {
    const SysMillis at{milliseconds(time)};
    if (zone_ == nullptr) {
      return date::local_days(date::floor<date::days>(at).time_since_epoch());
    }
    const auto offset = zone_->get_info(date::floor<std::chrono::seconds>(at)).offset;
    return date::local_days(date::floor<date::days>(at + offset).time_since_epoch());
  }

 private:
  const date::time_zone* zone_;
};

// First day of the unit that holds `day`.
date::local_days floor_to(const Interval& interval, date::local_days day) {
  const date::year_month_day parts(day);
  switch (interval.unit) {
    case Unit::week: {
      const auto since = date::weekday(day) - date::Monday;
      return day - since;
    }
    case Unit::month:
      return date::local_days(parts.year() / parts.month() / 1);
    case Unit::year: {
      const int count = static_cast<int>(interval.count);
      const int year = static_cast<int>(parts.year());
      const int past = (year % count + count) % count;
      return date::local_days(date::year(year - past) / date::January / 1);
    }
    default:
      return day;
  }
}

// First day of the unit after the one that begins at `first`.
date::local_days after(const Interval& interval, date::local_days first) {
  const date::year_month_day parts(first);
  switch (interval.unit) {
    case Unit::week:
      return first + date::days(7);
    case Unit::month:
      return date::local_days(parts + date::months(1));
    case Unit::year:
      return date::local_days(parts + date::years(static_cast<int>(interval.count)));
    default:
      return first + date::days(1);
  }
}

// First day of the unit that holds the instant. Clocks set back over midnight show the day before
// once more, which then still belongs to the day that has begun.
date::local_days unit_of(const Interval& interval, const Zone& zone, UnixMillis time) {
  auto first = floor_to(interval, zone.shown(time));
  while (zone.start_of(first) > time) first = floor_to(interval, first - date::days(1));
  while (zone.start_of(after(interval, first)) <= time) first = after(interval, first);
  return first;
}

UnixMillis width_ms(const Interval& interval) {
  const UnixMillis count = interval.count;
  switch (interval.unit) {
    case Unit::second:
      return count * kSecondMs;
    case Unit::minute:
      return count * 60 * kSecondMs;
    case Unit::hour:
      return count * 3600 * kSecondMs;
    case Unit::week:
      return 7 * kDayMs;
    case Unit::month:
      return 31 * kDayMs;
    case Unit::year:
      return count * 366 * kDayMs;
    default:
      return kDayMs;
  }
}

bool within_day(Unit unit) {
  return unit == Unit::second || unit == Unit::minute || unit == Unit::hour;
}

// None if there are more than `max`.
std::optional<std::vector<UnixMillis>> bounds_of(const Interval& interval, const Zone& zone,
                                                 UnixMillis first, UnixMillis last,
                                                 std::size_t max) {
  // A day more: units that a shift of the clocks made longer.
  if ((last - first) / (width_ms(interval) + (within_day(interval.unit) ? 0 : kDayMs)) >
      static_cast<UnixMillis>(max)) {
    return std::nullopt;
  }
  std::vector<UnixMillis> bounds;
  const auto add = [&](UnixMillis bound) {
    if (bounds.empty() || bound > bounds.back()) bounds.push_back(bound);
    return bounds.size() <= max + 1 && bound <= last;
  };
  auto unit = unit_of(interval, zone, first);
  auto start = zone.start_of(unit);
  if (within_day(interval.unit)) {
    const auto width = width_ms(interval);
    start += (first - start) / width * width;
    while (true) {
      const auto next = after(interval, unit);
      const auto end = zone.start_of(next);
      bool more = true;
      for (; more && start < end; start += width) more = add(start);
      if (!more) break;
      unit = next;
      start = end;
    }
  } else {
    while (add(start)) {
      unit = after(interval, unit);
      start = zone.start_of(unit);
    }
  }
  if (bounds.size() > max + 1) return std::nullopt;
  return bounds;
}

constexpr auto kAutoIntervals = std::to_array<Interval>({
    {Unit::second, 1}, {Unit::second, 5}, {Unit::second, 15}, {Unit::second, 30},
    {Unit::minute, 1}, {Unit::minute, 5}, {Unit::minute, 15}, {Unit::minute, 30},
    {Unit::hour, 1},   {Unit::hour, 3},   {Unit::hour, 6},    {Unit::hour, 12},
    {Unit::day, 1},    {Unit::week, 1},   {Unit::month, 1},   {Unit::year, 1},
    {Unit::year, 10},  {Unit::year, 100}, {Unit::year, 1000},
});

Result<Buckets> buckets_in(const Interval& interval, const Zone& zone, UnixMillis first,
                           UnixMillis last) {
  if (interval.unit == Unit::automatic) {
    for (const auto& width : kAutoIntervals) {
      if (auto bounds = bounds_of(width, zone, first, last, kAutoBucketsMax)) {
        return Buckets{width, *std::move(bounds)};
      }
    }
  } else if (auto bounds = bounds_of(interval, zone, first, last, kBucketsMax)) {
    return Buckets{interval, *std::move(bounds)};
  }
  return Error{Errc::invalid,
               fmt::format("{} from {} to {} is more than {} intervals; take a longer one or auto",
                           to_string(interval), format_time(first), format_time(last), kBucketsMax),
               "interval"};
}

}  // namespace

Result<Interval> parse_interval(std::string_view text) {
  const auto refuse = [text] {
    return Error{Errc::invalid,
                 fmt::format("'{}' is not one of auto, none, PTnS, PTnM, PTnH (that divide a day "
                             "evenly), P1D, P7D, P1W, P1M, P1Y",
                             text)};
  };
  if (text == "auto") return Interval{Unit::automatic, 1};
  if (text == "none") return Interval{Unit::none, 1};
  if (text == "P1D") return Interval{Unit::day, 1};
  if (text == "P7D" || text == "P1W") return Interval{Unit::week, 1};
  if (text == "P1M") return Interval{Unit::month, 1};
  if (text == "P1Y") return Interval{Unit::year, 1};
  if (text.size() < 4 || !text.starts_with("PT")) return refuse();
  const char letter = text.back();
  const auto digits = text.substr(2, text.size() - 3);
  Interval out;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.count);
  if (ec != std::errc{} || end != digits.data() + digits.size()) return refuse();
  std::uint32_t seconds = 0;
  if (letter == 'S') {
    out.unit = Unit::second;
    seconds = 1;
  } else if (letter == 'M') {
    out.unit = Unit::minute;
    seconds = 60;
  } else if (letter == 'H') {
    out.unit = Unit::hour;
    seconds = 3600;
  }
  if (seconds == 0 || out.count == 0 || out.count > kDaySeconds / seconds ||
      kDaySeconds % (out.count * seconds) != 0) {
    return refuse();
  }
  if (out.count * seconds == kDaySeconds) return Interval{Unit::day, 1};
  return out;
}

std::string to_string(const Interval& interval) {
  switch (interval.unit) {
    case Unit::none:
      return "none";
    case Unit::automatic:
      return "auto";
    case Unit::second:
      return fmt::format("PT{}S", interval.count);
    case Unit::minute:
      return fmt::format("PT{}M", interval.count);
    case Unit::hour:
      return fmt::format("PT{}H", interval.count);
    case Unit::day:
      return "P1D";
    case Unit::week:
      return "P1W";
    case Unit::month:
      return "P1M";
    case Unit::year:
      return fmt::format("P{}Y", interval.count);
  }
  return "";
}

Status check_time_zone(std::string_view name) {
  // Copies of the database's zones, some of which count leap seconds.
  const bool copy = name.starts_with("posix/") || name.starts_with("right/");
  try {
    if (!copy) {
      static_cast<void>(Zone(name).shown(0));  // Reads its file.
      return {};
    }
  } catch (const std::exception&) {
    // Said below.
  }
  return Error{Errc::invalid,
               fmt::format("'{}' is not a known time zone such as Europe/Paris", name)};
}

Result<Buckets> make_buckets(const Interval& interval, const std::string& time_zone,
                             UnixMillis first, UnixMillis last) {
  try {
    return buckets_in(interval, Zone(time_zone), std::clamp(first, kTimeMin, kTimeMax),
                      std::clamp(last, kTimeMin, kTimeMax));
  } catch (const std::exception& e) {
    return Error{Errc::io, fmt::format("time zone {}: {}", time_zone, e.what())};
  }
}

}  // namespace daybook::query
