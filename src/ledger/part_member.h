// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace daybook::ledger {

// Position of the closing quote of the JSON string whose text begins at `at`; the end without one.
[[nodiscard]] std::size_t string_end(std::string_view text, std::size_t at);

// The text of a first-level member of a canonical JSON object, a fifth of the time of decoding the
// object. nullopt if there is none, it is no string, or it stands there escaped.
[[nodiscard]] std::optional<std::string_view> text_member(std::string_view object,
                                                          std::string_view name);
// The same of a member that stands right before `tail`, the last bytes of the object, which begin
// with the quote that ends its text; without reading what comes before. nullopt also if it stands
// elsewhere.
[[nodiscard]] std::optional<std::string_view> text_member_before(std::string_view object,
                                                                 std::string_view name,
                                                                 std::string_view tail);

}  // namespace daybook::ledger
