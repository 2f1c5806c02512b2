// SPDX-License-Identifier: Apache-2.0
#include "row_counter.h"

#include <algorithm>

namespace daybook::terminal {

void RowCounter::give(std::string_view piece) {
  switch (format_) {
    case Format::ndjson:
      ends_ += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
      return;
    case Format::csv:
      for (const char c : piece) {
        // A doubled quote leaves and enters again.
        if (c == '"') quoted_ = !quoted_;
        if (c == '\n' && !quoted_) ++ends_;
      }
      return;
    case Format::json:
      for (const char c : piece) give_json(c);
      return;
  }
}

void RowCounter::give_json(char c) {
  if (strings_.inside(c)) return;
  if (c == '[' || c == '{') ++depth_;
  if (c == ']' || c == '}') {
    if (depth_ > 0) --depth_;
    if (c == '}' && depth_ == 1) ++ends_;
  }
}

std::uint64_t RowCounter::rows() const {
  if (format_ == Format::csv) return ends_ > 0 ? ends_ - 1 : 0;
  return ends_;
}

}  // namespace daybook::terminal
