// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::kestra {

// What stands in the place of a secret.
inline constexpr std::string_view kHidden = "***";
inline constexpr std::string_view kHiddenChanged = "*** (changed)";

// Percent-decoded, with the raw text where that gives no text; bytes that are no UTF-8 become `?`.
[[nodiscard]] std::string decoded_or_raw(std::string_view raw, bool plus_is_space);

// Replaces bytes that do not belong to well-formed UTF-8, so that the result can stand in JSON.
[[nodiscard]] std::string to_utf8(std::string_view text);

struct QueryParameter {
  std::string name;            // Decoded.
  std::string_view raw_value;  // As received.
};
// At most `kParametersMax` parameters; the rest is left out.
inline constexpr std::size_t kParametersMax = 200;
[[nodiscard]] std::vector<QueryParameter> split_query(std::string_view raw_query);

// First value of a parameter, raw. nullopt if absent.
[[nodiscard]] std::optional<std::string_view> raw_parameter(std::string_view raw_query,
                                                            std::string_view name);

[[nodiscard]] std::string_view trim(std::string_view text);

// Replaces every occurrence; empty needles change nothing.
void replace_all(std::string& text, std::string_view needle, std::string_view with);

}  // namespace daybook::kestra
