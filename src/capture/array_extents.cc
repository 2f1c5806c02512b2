// SPDX-License-Identifier: Apache-2.0
#include "array_extents.h"

namespace daybook::capture {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

// Position behind the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') {
      ++at;
    }
  }
  return at + 1;
}

std::size_t trimmed_length(std::string_view item) {
  const std::size_t first = item.find_first_not_of(kBlank);
  return first == std::string_view::npos ? 0 : item.find_last_not_of(kBlank) - first + 1;
}

}  // namespace

std::vector<std::size_t> item_lengths(std::string_view text) {
  std::vector<std::size_t> lengths;
  std::size_t depth = 0;
  std::size_t item_start = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (c == '[' || c == '{') {
      if (depth++ == 0) {
        item_start = at + 1;
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
    if ((c == ',' && depth == 1) || (c == ']' && depth == 0)) {
      const std::size_t length = trimmed_length(text.substr(item_start, at - item_start));
      if (length > 0) {
        lengths.push_back(length);
      }
      item_start = at + 1;
    }
    ++at;
  }
  return lengths;
}

}  // namespace daybook::capture
