// SPDX-License-Identifier: Apache-2.0
#include "text_prefilter.h"

#include <algorithm>

#include "daybook/query/text.h"

namespace daybook::search {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Appends the ASCII lower case of `text`. False if it is not all ASCII.
bool append_lower(std::string& out, std::string_view text) {
  const auto begin = out.size();
  out.resize(begin + text.size());
  unsigned char seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    seen |= c;
    const bool upper = c >= 'A' && c <= 'Z';
    out[begin + i] = static_cast<char>(upper ? c + ('a' - 'A') : c);
  }
  return seen < 0x80;
}

}  // namespace

TextPrefilter::TextPrefilter(const query::Filter& filter) {
  for (const auto& clause : filter.all) {
    if (clause.field != query::Field::q || clause.op != query::Op::equals) continue;
    for (const auto& value : clause.values) {
      query::for_each_token(value, [this](std::string_view token) {
        if (is_ascii(token)) tokens_.emplace_back(token);
      });
    }
  }
}

bool TextPrefilter::may_match(const record::Parts& parts) {
  if (tokens_.empty()) return true;
  lower_.clear();
  for (const auto& part : parts.bytes) {
    if (!append_lower(lower_, part)) return true;
    lower_.push_back(' ');
  }
  return std::all_of(tokens_.begin(), tokens_.end(), [this](const std::string& token) {
    return lower_.find(token) != std::string::npos;
  });
}

}  // namespace daybook::search
