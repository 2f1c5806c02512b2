// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <algorithm>

#include "daybook/core/percent.h"
#include "daybook/core/utf8.h"

namespace daybook::kestra {

std::string to_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

std::string decoded_or_raw(std::string_view raw, bool plus_is_space) {
  if (auto decoded = percent_decode_strict(raw, plus_is_space)) return *std::move(decoded);
  return to_utf8(raw);
}

namespace {

struct RawPair {
  std::string_view name;
  std::string_view value;
};

// The next `name=value` of a query, taken off its front; an empty name at the end.
RawPair take_pair(std::string_view& query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    return {pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size()))};
  }
  return {};
}

}  // namespace

std::vector<QueryParameter> split_query(std::string_view raw_query) {
  std::vector<QueryParameter> out;
  while (!raw_query.empty() && out.size() < kParametersMax) {
    const RawPair pair = take_pair(raw_query);
    if (pair.name.empty() && pair.value.empty()) continue;
    out.push_back({decoded_or_raw(pair.name, true), pair.value});
  }
  return out;
}

std::optional<std::string_view> raw_parameter(std::string_view raw_query, std::string_view name) {
  for (std::size_t i = 0; !raw_query.empty() && i < kParametersMax; ++i) {
    const RawPair pair = take_pair(raw_query);
    const bool plain = pair.name.find_first_of("%+") == std::string_view::npos;
    if (plain ? pair.name == name : decoded_or_raw(pair.name, true) == name) return pair.value;
  }
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

void replace_all(std::string& text, std::string_view needle, std::string_view with) {
  if (needle.empty()) return;
  for (std::size_t at = text.find(needle); at != std::string::npos;
       at = text.find(needle, at + with.size())) {
    text.replace(at, needle.size(), with);
  }
}

}  // namespace daybook::kestra
