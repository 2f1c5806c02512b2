// SPDX-License-Identifier: Apache-2.0
#include "file_name.h"

#include <algorithm>

namespace daybook::ledger {

namespace {
constexpr std::size_t kDigits = 20;
}  // namespace

std::string numbered_name(std::string_view prefix, std::uint64_t first_index) {
  const std::string digits = std::to_string(first_index);
  return std::string(prefix) + std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> parse_numbered_name(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : name.substr(prefix.size())) {
    if (digit < '0' || digit > '9' || value > (~std::uint64_t{0} - 9) / 10) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (numbered_name(prefix, value) != name) return std::nullopt;
  return value;
}

std::vector<std::uint64_t> numbered_files(std::string_view prefix,
                                          const std::vector<std::string>& names) {
  std::vector<std::uint64_t> files;
  for (const std::string& name : names) {
    if (const auto first = parse_numbered_name(prefix, name)) files.push_back(*first);
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace daybook::ledger
