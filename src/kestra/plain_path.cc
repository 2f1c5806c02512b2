// SPDX-License-Identifier: Apache-2.0
#include "daybook/kestra/plain_path.h"

#include <string>

#include "text.h"

namespace daybook::kestra {
namespace {

bool is_plain_segment(std::string_view raw) {
  const std::string text = decoded_or_raw(raw, false);
  return !text.empty() && text != "." && text != ".." &&
         text.find_first_of("/\\;") == std::string::npos;
}

}  // namespace

bool is_plain_path(std::string_view raw) {
  if (!raw.starts_with('/')) return false;
  raw.remove_prefix(1);
  if (raw.size() > 1 && raw.ends_with('/')) raw.remove_suffix(1);
  while (!raw.empty()) {
    const auto end = raw.find('/');
    if (!is_plain_segment(raw.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    raw.remove_prefix(end + 1);
    if (raw.empty()) return false;
  }
  return true;
}

}  // namespace daybook::kestra
