// SPDX-License-Identifier: Apache-2.0
#include "parameters.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "fields.h"

namespace daybook::query {

Error invalid(const std::string& name, std::string text) {
  return Error{Errc::invalid, std::move(text), name};
}

Error unknown_parameter(const std::string& name, std::span<const std::string_view> options) {
  std::string known;
  for (const auto& option : options) known += std::string(option) + ", ";
  for (const auto& spec : fields()) {
    if (spec.flat != Flat::none) known += std::string(spec.name) + ", ";
  }
  return invalid(name, fmt::format("parameter '{}' is not known; known are {}{}", name, known,
                                   "filters[field][OPERATOR]"));
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || value < min || value > max) {
    return Error{Errc::invalid,
                 fmt::format("'{}' is not a whole number from {} to {}", text, min, max)};
  }
  return value;
}

}  // namespace daybook::query
