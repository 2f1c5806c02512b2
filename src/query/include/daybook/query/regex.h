// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::query {

// A compiled pattern of the REGEX operator: RE2's syntax, unanchored, over UTF-8. Time to match is
// linear in the text whatever the pattern.
//
// Threads: matches() from any thread.
// Memory:  at most about 1 MiB.
class Regex {
 public:
  static constexpr std::size_t kPatternBytesMax = 1000;

  // Errc::invalid with RE2's own words for a pattern that is wrong, too long or too big.
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct Program;
  explicit Regex(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

}  // namespace daybook::query
