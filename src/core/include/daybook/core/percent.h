// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {

// Percent-encoding (RFC 3986 section 2.1) and query strings. `plus_is_space` for the latter.

// Bad escapes stay as they are.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space);
// Nothing if there is a bad escape or the result is not UTF-8.
[[nodiscard]] std::optional<std::string> percent_decode_strict(std::string_view text,
                                                               bool plus_is_space);
// Everything but the unreserved characters becomes an escape.
[[nodiscard]] std::string percent_encode(std::string_view text);

// `a=1&b=2`, in order.
using QueryFields = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] QueryFields parse_query(std::string_view query);  // Decoded.
[[nodiscard]] std::string encode_query(const QueryFields& fields);
[[nodiscard]] std::string first_value(const QueryFields& fields, std::string_view name);

}  // namespace daybook
