// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/query/filter.h"

namespace daybook::query {

// One `[and][n]` or `[or][n]` in front of a condition.
struct GroupStep {
  bool any = false;  // or
  std::uint32_t child = 0;
};
// The steps in front of a condition, from the outside in: none, one, or two.
using Place = std::vector<GroupStep>;

// Collects conditions, each with the group it stands in, and puts them into the one form that a
// Filter has: what stands in the same place is AND, a group within one of its own kind becomes part
// of it, a group of one stands for its member, empty groups do not come to be.
class FilterBuilder {
 public:
  static constexpr std::size_t kStepsMax = 2;
  static constexpr std::uint32_t kChildMax = 9999;

  // Errc::invalid if a child of an `or` is a condition and a group at once.
  Status add(const Place& place, Clause clause);
  // Of the conditions one has to hold.
  void add_any(std::vector<Clause> clauses);

  [[nodiscard]] std::size_t size() const { return size_; }
  Filter finish();

 private:
  using Alternatives = std::map<std::uint32_t, std::vector<Clause>>;

  static void settle(std::vector<std::vector<Clause>> alternatives, Filter& out);

  std::size_t size_ = 0;
  std::vector<Clause> all_;
  // Children of the outer `or`: a condition (or an `and` of some), or a nested `or`.
  std::map<std::uint32_t, std::vector<Clause>> either_;
  std::map<std::uint32_t, Alternatives> either_nested_;
  // Children of the outer `and` that are an `or`.
  std::map<std::uint32_t, Alternatives> nested_;
  std::vector<std::vector<std::vector<Clause>>> lists_;
};

}  // namespace daybook::query
