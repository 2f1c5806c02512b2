// SPDX-License-Identifier: Apache-2.0
#include "part_member.h"

#include <cstring>

namespace daybook::ledger {

std::size_t string_end(std::string_view text, std::size_t at) {
  const char* const begin = text.data() + at;
  const char* const end = text.data() + text.size();
  for (const char* from = begin; from < end;) {
    const void* found = std::memchr(from, '"', static_cast<std::size_t>(end - from));
    if (found == nullptr) break;
    const char* quote = static_cast<const char*>(found);
    const char* before = quote;
    while (before > begin && before[-1] == '\\') --before;
    if ((quote - before) % 2 == 0) return static_cast<std::size_t>(quote - text.data());
    from = quote + 1;
  }
  return text.size();
}

std::optional<std::string_view> text_member(std::string_view object, std::string_view name) {
  int depth = 0;
  bool found = false;  // The member's name has just gone by.
  const char* const text = object.data();
  for (std::size_t at = 0; at < object.size(); ++at) {
    const char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') {
      found = found && c == ':';
      continue;
    }
    const std::size_t end = string_end(object, at + 1);
    if (end >= object.size()) return std::nullopt;
    const std::string_view its = object.substr(at + 1, end - at - 1);
    if (found) {
      if (its.find('\\') != std::string_view::npos) return std::nullopt;
      return its;
    }
    found = depth == 1 && its == name && end + 1 < object.size() && text[end + 1] == ':';
    at = end;
  }
  return std::nullopt;
}

// Read backwards a JSON text is as unambiguous as forwards while no quote is escaped.
std::optional<std::string_view> text_member_before(std::string_view object, std::string_view name,
                                                   std::string_view tail) {
  if (!object.ends_with(tail)) return std::nullopt;
  object.remove_suffix(tail.size());
  const std::size_t quote = object.rfind('"');
  if (quote == std::string_view::npos || quote < name.size() + 4) return std::nullopt;
  const std::string_view text = object.substr(quote + 1);
  const std::string_view before = object.substr(0, quote);
  if (!before.ends_with("\":") || text.find('\\') != std::string_view::npos) return std::nullopt;
  const std::string_view named = before.substr(0, before.size() - 2);
  if (!named.ends_with(name)) return std::nullopt;
  const std::string_view front = named.substr(0, named.size() - name.size());
  if (!front.ends_with(",\"") && !front.ends_with("{\"")) return std::nullopt;
  return text;
}

}  // namespace daybook::ledger
