// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::query {

constexpr std::uint64_t kIndexMax = (1ULL << 53U) - 1;  // JSON numbers.

// Errc::invalid with the parameter's name as path.
[[nodiscard]] Error invalid(const std::string& name, std::string text);
// Names the parameters that would have been known: `options`, and those that filter.
[[nodiscard]] Error unknown_parameter(const std::string& name,
                                      std::span<const std::string_view> options);

// A whole number, digits only, within the bounds.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max);

}  // namespace daybook::query
