// SPDX-License-Identifier: Apache-2.0
#include "daybook/ledger/tile.h"

#include <charconv>
#include <optional>

namespace daybook::ledger {

namespace {

constexpr unsigned kLevelMax = 63;

std::string three_digits(std::uint64_t value) {
  std::string digits = std::to_string(value);
  return std::string(3 - digits.size(), '0') + digits;
}

// Decimal without sign or leading zero, at most `max`.
std::optional<unsigned> small_decimal(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value > max ||
      (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> three_digit_value(std::string_view text) {
  if (text.size() != 3) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

// Takes the text up to the next slash off the front; all of it if there is none.
std::string_view take_segment(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  return segment;
}

// `x001/x234/067`: groups of three, all but the last with an x. The caller compares the spelling.
std::optional<std::uint64_t> tile_number(std::string_view& path) {
  std::uint64_t number = 0;
  for (;;) {
    std::string_view segment = take_segment(path);
    const bool last = !segment.starts_with('x');
    if (!last) {
      segment.remove_prefix(1);
    } else if (segment.ends_with(".p")) {
      segment.remove_suffix(2);
    }
    const auto digits = three_digit_value(segment);
    constexpr std::uint64_t kMax = ~std::uint64_t{0};
    if (!digits || number > (kMax - *digits) / 1000) {
      return std::nullopt;
    }
    number = number * 1000 + *digits;
    if (last) {
      return number;
    }
  }
}

}  // namespace

std::string tile_path(const TileName& name) {
  std::string number = three_digits(name.number % 1000);
  for (std::uint64_t rest = name.number / 1000; rest != 0; rest /= 1000) {
    number.insert(0, "x" + three_digits(rest % 1000) + "/");
  }
  std::string path = "tile/";
  path += name.entries ? "entries" : std::to_string(name.level);
  path += "/" + number;
  if (name.width != kTileWidth) {
    path += ".p/" + std::to_string(name.width);
  }
  return path;
}

Result<TileName> parse_tile_path(std::string_view path) {
  const Error unknown{Errc::not_found, "no such tile"};
  std::string_view rest = path;
  if (path.size() > 128 || take_segment(rest) != "tile") {
    return unknown;
  }
  TileName name;
  const std::string_view level = take_segment(rest);
  name.entries = level == "entries";
  if (!name.entries) {
    const auto value = small_decimal(level, kLevelMax);
    if (!value) {
      return unknown;
    }
    name.level = *value;
  }
  const auto number = tile_number(rest);
  if (!number) {
    return unknown;
  }
  name.number = *number;
  if (!rest.empty()) {
    const auto width = small_decimal(rest, kTileWidth - 1);
    if (!width || *width == 0) {
      return unknown;
    }
    name.width = *width;
  }
  // Whatever was read loosely above (leading zero groups, stray slashes, `.p` without width) fails
  // here.
  if (tile_path(name) != path) {
    return unknown;
  }
  return name;
}

bool tile_exists(const TileName& name, std::uint64_t size) {
  if (name.level >= 8 || (name.entries && name.level != 0)) {
    return false;  // 256^8 is past every size.
  }
  const std::uint64_t hashes = size >> (8 * name.level);
  if (name.width == kTileWidth) {
    return name.number < hashes / kTileWidth;
  }
  return name.width != 0 && name.number == hashes / kTileWidth && name.width == hashes % kTileWidth;
}

}  // namespace daybook::ledger
