// SPDX-License-Identifier: Apache-2.0
#include "duration.h"

#include <fmt/format.h>

#include <charconv>

namespace daybook::query {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kDurationMsMax = 365'250 * kDayMs;

struct Unit {
  char letter;
  bool time_part;  // Stands behind the T.
  std::int64_t ms;
};
constexpr Unit kUnits[] = {{'W', false, 7 * kDayMs},
                           {'D', false, kDayMs},
                           {'H', true, kHourMs},
                           {'M', true, kMinuteMs},
                           {'S', true, kSecondMs}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes `digits[.digits]` off the front; the fraction is cut to milliseconds. -1 if there is none.
std::int64_t take_number(std::string_view& text, std::int64_t& milli_fraction, bool& has_fraction) {
  std::int64_t whole = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (ec != std::errc{} || !is_digit(text.front())) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  milli_fraction = 0;
  has_fraction = !text.empty() && (text.front() == '.' || text.front() == ',');
  if (!has_fraction) return whole;
  text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return -1;
  for (std::int64_t scale = 100; !text.empty() && is_digit(text.front()); scale /= 10) {
    milli_fraction += scale * (text.front() - '0');
    text.remove_prefix(1);
  }
  return whole;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  const auto refuse = [original = text] {
    return Error{Errc::invalid,
                 fmt::format("'{}' is not a duration such as PT15M, PT24H or P7D", original)};
  };
  if (text.size() < 2 || text.size() > 64 || text.front() != 'P') return refuse();
  text.remove_prefix(1);
  std::int64_t total = 0;
  bool in_time = false;
  bool any = false;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    if (!in_time && text.front() == 'T') {
      in_time = true;
      text.remove_prefix(1);
      if (text.empty()) return refuse();
    }
    std::int64_t fraction = 0;
    bool has_fraction = false;
    const auto number = take_number(text, fraction, has_fraction);
    if (number < 0 || text.empty()) return refuse();
    while (next_unit < std::size(kUnits) &&
           (kUnits[next_unit].letter != text.front() || kUnits[next_unit].time_part != in_time)) {
      ++next_unit;
    }
    if (next_unit == std::size(kUnits)) return refuse();
    const auto& unit = kUnits[next_unit++];
    if (has_fraction && unit.letter != 'S') return refuse();
    if (number > kDurationMsMax / unit.ms) return refuse();
    total += number * unit.ms + fraction;
    if (total > kDurationMsMax) return refuse();
    any = true;
    text.remove_prefix(1);
  }
  if (!any) return refuse();
  return total;
}

}  // namespace daybook::query
