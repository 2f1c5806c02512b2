// SPDX-License-Identifier: Apache-2.0
#include "rule_words.h"

#include "daybook/kestra/rules.h"

namespace daybook::kestra {
namespace {

template <class T, std::size_t kCount>
std::string_view word_of(const Words<T, kCount>& words, T value, std::string_view none) {
  for (const auto& [word, known] : words) {
    if (known == value) return word;
  }
  return none;
}

}  // namespace

std::string_view to_string(Level level) {
  return word_of(kLevelWords, level, "");
}
std::string_view to_string(Mode mode) {
  return word_of(kModeWords, mode, "");
}
std::string_view to_string(Bulk bulk) {
  return word_of(kBulkWords, bulk, "no");
}

}  // namespace daybook::kestra
