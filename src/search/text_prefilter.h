// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daybook/query/filter.h"
#include "daybook/record/parts.h"

namespace daybook::search {

// Says cheaply of most entries that a full-text condition cannot hold, before they are decoded.
//
// A token of ASCII letters and digits can only come from a text with the same letters in either
// case, or from one with characters beyond ASCII (accents fold away). So if all parts are ASCII and
// the token is nowhere in their bytes, no text of the entry has it. Words that are not stored but
// derived (KVSTORE: kv, store; the user id "system") are substrings of what is.
class TextPrefilter {
 public:
  explicit TextPrefilter(const query::Filter& filter);
  // False: the entry does not match. True: it may.
  [[nodiscard]] bool may_match(const record::Parts& parts);

 private:
  std::vector<std::string> tokens_;
  std::string lower_;  // Kept for its memory.
};

}  // namespace daybook::search
