// SPDX-License-Identifier: Apache-2.0
#include "time_words.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace daybook::terminal {
namespace {

constexpr UnixMillis kSecondMs = 1000;

Error no_time(std::string_view text) {
  return {.code = Errc::invalid,
          .context = fmt::format("'{}' is not a time such as 2026-11-24, 2026-11-24T10:00, "
                                 "2026-11-24T10:00:00Z, today or yesterday",
                                 text)};
}

std::tm split(UnixMillis time, Zone zone) {
  UnixMillis seconds = time / kSecondMs;
  if (time % kSecondMs < 0) --seconds;
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (zone == Zone::utc) {
    gmtime_r(&when, &parts);
  } else {
    localtime_r(&when, &parts);
  }
  return parts;
}

// Days out of range (the 32nd) are carried, as mktime does.
UnixMillis join(std::tm parts, Zone zone) {
  parts.tm_isdst = -1;
  const std::time_t seconds = zone == Zone::utc ? timegm(&parts) : mktime(&parts);
  return static_cast<UnixMillis>(seconds) * kSecondMs;
}

UnixMillis edge_of_day(std::tm day, Zone zone, Edge edge) {
  day.tm_hour = day.tm_min = day.tm_sec = 0;
  if (edge == Edge::begin) return join(day, zone);
  ++day.tm_mday;
  return join(day, zone) - 1;
}

std::optional<UnixMillis> day_word(std::string_view text, Zone zone, Edge edge, UnixMillis now) {
  if (text != "today" && text != "yesterday") return std::nullopt;
  std::tm day = split(now, zone);
  if (text == "yesterday") --day.tm_mday;
  return edge_of_day(day, zone, edge);
}

std::tm broken_down(UnixMillis utc) {
  return split(utc, Zone::utc);
}

}  // namespace

Result<UnixMillis> parse_moment(std::string_view text, Zone zone, Edge edge, UnixMillis now) {
  if (const auto word = day_word(text, zone, edge, now)) return *word;
  constexpr std::size_t kDaySize = 10;      // 2026-11-24
  constexpr std::size_t kMinutesSize = 16;  // 2026-11-24T10:00
  std::string whole(text);
  if (whole.size() > kDaySize && whole[kDaySize] == ' ') whole[kDaySize] = 'T';
  if (auto exact = parse_time(whole)) return *exact;
  // Without an offset: read as if in UTC, which checks the calendar, then moved into the zone.
  if (whole.size() == kDaySize) {
    const auto day = parse_time(whole + "T00:00:00Z");
    if (!day) return no_time(text);
    return edge_of_day(broken_down(*day), zone, edge);
  }
  if (whole.size() == kMinutesSize) whole += ":00";
  const auto read = parse_time(whole + "Z");
  if (!read) return no_time(text);
  const UnixMillis fraction = ((*read % kSecondMs) + kSecondMs) % kSecondMs;
  return join(broken_down(*read), zone) + fraction;
}

Result<std::string> parse_ago(std::string_view text) {
  if (text.starts_with('P')) return std::string(text);
  constexpr std::size_t kDigitsMax = 9;
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits != std::string_view::npos && digits > 0 && digits <= kDigitsMax &&
      digits + 1 == text.size()) {
    const auto number = text.substr(0, digits);
    switch (text.back()) {
      case 's':
        return fmt::format("PT{}S", number);
      case 'm':
        return fmt::format("PT{}M", number);
      case 'h':
        return fmt::format("PT{}H", number);
      case 'd':
        return fmt::format("P{}D", number);
      case 'w':
        return fmt::format("P{}W", number);
      default:
        break;
    }
  }
  return Error{
      .code = Errc::invalid,
      .context = fmt::format("'{}' is not a time span such as 90s, 15m, 24h, 7d, 2w", text)};
}

std::string show_time(UnixMillis time, Zone zone) {
  const std::tm parts = split(time, zone);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  std::string out(text.data(), size);
  if (zone == Zone::utc) return out + "Z";
  const long minutes = parts.tm_gmtoff / 60;
  const long absolute = std::abs(minutes);
  return out + fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', absolute / 60, absolute % 60);
}

}  // namespace daybook::terminal
