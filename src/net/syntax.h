// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daybook/net/http.h"

namespace daybook::net {

// Small pieces of HTTP grammar (RFC 9110 section 5.6).
[[nodiscard]] bool is_token(std::string_view text);
// Decimal digits only, at least one, below 2^64.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);
// Whether the comma-separated list in all fields `name` holds `token`, without case.
[[nodiscard]] bool has_token(const Headers& headers, std::string_view name, std::string_view token);
// Authority of an absolute-form target (`http://authority/…`); empty if it is in another form.
[[nodiscard]] std::string_view absolute_authority(std::string_view target);

}  // namespace daybook::net
