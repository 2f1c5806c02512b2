// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::ledger {

// Names of files that are called after the index of their first entry: a prefix and 20 digits.
[[nodiscard]] std::string numbered_name(std::string_view prefix, std::uint64_t first_index);
// Nothing for any other name.
[[nodiscard]] std::optional<std::uint64_t> parse_numbered_name(std::string_view prefix,
                                                               std::string_view name);
// First indexes of the files of that prefix among `names`, ascending.
[[nodiscard]] std::vector<std::uint64_t> numbered_files(std::string_view prefix,
                                                        const std::vector<std::string>& names);

}  // namespace daybook::ledger
