// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace daybook::capture {

// Byte lengths of the items of a JSON array, without the white space around them. `text` must be a
// well-formed array.
[[nodiscard]] std::vector<std::size_t> item_lengths(std::string_view text);

}  // namespace daybook::capture
