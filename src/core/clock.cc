// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/clock.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace daybook {
namespace {

constexpr std::int64_t kMsPerSecond = 1'000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;
constexpr UnixMillis kTimeMin = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
constexpr UnixMillis kTimeMax = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

class SystemClock final : public Clock {
 public:
  [[nodiscard]] UnixMillis now() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  [[nodiscard]] std::int64_t steady_ms() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

void put_digits(std::string& out, std::int64_t value, int width) {
  const std::size_t start = out.size();
  out.append(static_cast<std::size_t>(width), '0');
  for (int i = width - 1; i >= 0; --i) {
    out[start + static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Takes pieces off the front of the text; `ok` goes false for good at the first that does not fit.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  int digits(std::size_t count) {
    if (rest.size() < count) return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return fail();
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return value;
  }

  // One character out of `set`; 0 if there is none.
  char one_of(std::string_view set) {
    if (rest.empty() || set.find(rest.front()) == std::string_view::npos) {
      fail();
      return 0;
    }
    const char taken = rest.front();
    rest.remove_prefix(1);
    return taken;
  }

  // Fraction of a second in milliseconds; digits beyond the third are cut.
  int fraction_ms() {
    if (rest.empty() || rest.front() != '.') return 0;
    rest.remove_prefix(1);
    int value = 0;
    std::size_t count = 0;
    for (; count < rest.size() && rest[count] >= '0' && rest[count] <= '9'; ++count) {
      if (count < 3) value = value * 10 + (rest[count] - '0');
    }
    if (count == 0 || count > 9) return fail();
    for (std::size_t i = count; i < 3; ++i) value *= 10;
    rest.remove_prefix(count);
    return value;
  }

  // `Z` or `+hh:mm` / `-hh:mm`.
  std::int64_t offset_ms() {
    const char sign = one_of("Zz+-");
    if (sign == 'Z' || sign == 'z') return 0;
    const int hours = digits(2);
    one_of(":");
    const int minutes = digits(2);
    if (hours > 23 || minutes > 59) return fail();
    const std::int64_t offset = hours * kMsPerHour + minutes * kMsPerMinute;
    return sign == '-' ? -offset : offset;
  }

  int fail() {
    ok = false;
    return 0;
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string format_time(UnixMillis time) {
  using std::chrono::sys_days;
  const UnixMillis bounded = std::clamp(time, kTimeMin, kTimeMax);
  std::int64_t days = bounded / kMsPerDay;
  std::int64_t ms = bounded % kMsPerDay;
  if (ms < 0) {
    ms += kMsPerDay;
    --days;
  }
  const std::chrono::year_month_day date{sys_days{std::chrono::days{days}}};
  std::string out;
  out.reserve(24);
  put_digits(out, static_cast<int>(date.year()), 4);
  out.push_back('-');
  put_digits(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  put_digits(out, static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  put_digits(out, ms / kMsPerHour, 2);
  out.push_back(':');
  put_digits(out, ms / kMsPerMinute % 60, 2);
  out.push_back(':');
  put_digits(out, ms / kMsPerSecond % 60, 2);
  out.push_back('.');
  put_digits(out, ms % kMsPerSecond, 3);
  out.push_back('Z');
  return out;
}

Result<UnixMillis> parse_time(std::string_view text) {
  const Error refused{Errc::invalid, "not an RFC 3339 time"};
  Scanner scan{text};
  const int year = scan.digits(4);
  scan.one_of("-");
  const int month = scan.digits(2);
  scan.one_of("-");
  const int day = scan.digits(2);
  scan.one_of("Tt");
  const int hour = scan.digits(2);
  scan.one_of(":");
  const int minute = scan.digits(2);
  scan.one_of(":");
  const int second = scan.digits(2);
  const int fraction_ms = scan.fraction_ms();
  const std::int64_t offset_ms = scan.offset_ms();
  if (!scan.ok || !scan.rest.empty()) return refused;

  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return refused;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t minutes_ms =
      days * kMsPerDay + hour * kMsPerHour + minute * kMsPerMinute - offset_ms;
  UnixMillis time = minutes_ms + second * kMsPerSecond + fraction_ms;
  if (second == 60) {
    // Leap seconds stand at the end of a June or December, UTC (RFC 3339 section 5.7).
    const std::int64_t next_minute = minutes_ms + kMsPerMinute;
    if (next_minute % kMsPerDay != 0) return refused;
    const std::chrono::year_month_day next{
        std::chrono::sys_days{std::chrono::days{next_minute / kMsPerDay}}};
    const auto next_month = static_cast<unsigned>(next.month());
    if (static_cast<unsigned>(next.day()) != 1 || (next_month != 1 && next_month != 7)) {
      return refused;
    }
    time = next_minute - 1;
  }
  if (time < kTimeMin || time > kTimeMax) return refused;
  return time;
}

}  // namespace daybook
