// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"
#include "daybook/query/filter.h"

#include "filter_builder.h"

namespace daybook::query {

// Bounds of one request; what passes them is Errc::invalid.
constexpr std::size_t kClausesMax = 200;
constexpr std::size_t kValuesMax = 1000;  // Of one IN list.
constexpr std::size_t kRegexesMax = 10;

// Turns the parameters of one request that filter into clauses.
class ClauseParser {
 public:
  explicit ClauseParser(UnixMillis now) : now_(now) {}

  // True if `name` is a filter parameter (flat, or begins with `filters`), which was then read.
  Result<bool> take(const std::string& name, const std::string& value);
  // Call once, after the last parameter.
  Result<Filter> finish();

 private:
  Status take_nested(std::string_view path, const std::string& value);
  Result<bool> take_flat(std::string_view name, const std::string& value);
  Status take_flat_details(std::string_view value);
  Status add_detail(std::string_view key, std::string text);
  Status add(const Place& place, Clause clause);

  // One list that collects the repeats of a flat parameter, over all its spellings.
  void add_alternatives(Field field, std::vector<std::string> values);

  UnixMillis now_;
  FilterBuilder builder_;
  std::vector<Clause> alternatives_;
  std::size_t regexes_ = 0;
};

}  // namespace daybook::query
