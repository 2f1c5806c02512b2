// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace daybook::terminal {

// Text that others wrote, for a terminal: whatever could move the cursor, hide or reorder letters
// (controls, bidirectional marks, zero-width and unassigned code points) is written out, as `\n` or
// `\u{202E}`; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string visible(std::string_view text);

// Compact JSON for a terminal or a pipe: the same value, with those code points as \u escapes.
[[nodiscard]] std::string visible_json(std::string_view json);

// Columns that visible text takes (East Asian wide letters take two, combining marks none).
[[nodiscard]] std::size_t display_width(std::string_view visible_text);

// Cut to `width` columns with an ellipsis, or filled up with blanks.
[[nodiscard]] std::string fit(std::string_view visible_text, std::size_t width);
// Cut only.
[[nodiscard]] std::string cut(std::string_view visible_text, std::size_t width);

}  // namespace daybook::terminal
