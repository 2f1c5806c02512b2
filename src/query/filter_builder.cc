// SPDX-License-Identifier: Apache-2.0
#include "filter_builder.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace daybook::query {

Status FilterBuilder::add(const Place& place, Clause clause) {
  const bool outer = !place.empty() && place[0].any;
  const bool inner = place.size() > 1 && place[1].any;
  auto* into = &all_;
  if (outer) {
    const auto child = place[0].child;
    if (inner ? either_.contains(child) : either_nested_.contains(child)) {
      return Error{
          Errc::invalid,
          fmt::format("child {} of the or group is a group and has a condition beside it", child)};
    }
    into = inner ? &either_nested_[child][place[1].child] : &either_[child];
  } else if (inner) {
    into = &nested_[place[0].child][place[1].child];
  }
  into->push_back(std::move(clause));
  ++size_;
  return {};
}

void FilterBuilder::add_any(std::vector<Clause> clauses) {
  size_ += clauses.size();
  std::vector<std::vector<Clause>> alternatives;
  for (auto& clause : clauses) alternatives.push_back({std::move(clause)});
  lists_.push_back(std::move(alternatives));
}

void FilterBuilder::settle(std::vector<std::vector<Clause>> alternatives, Filter& out) {
  if (alternatives.size() == 1) {
    std::move(alternatives[0].begin(), alternatives[0].end(), std::back_inserter(out.all));
  } else if (!alternatives.empty()) {
    out.any.push_back({std::move(alternatives)});
  }
}

Filter FilterBuilder::finish() {
  const auto append = [](auto& map, std::vector<std::vector<Clause>>& to) {
    for (auto& [child, clauses] : map) to.push_back(std::move(clauses));
  };
  Filter out;
  out.all = std::move(all_);
  std::vector<std::vector<Clause>> either;
  append(either_, either);
  for (auto& [child, group] : either_nested_) append(group, either);
  settle(std::move(either), out);
  for (auto& [child, group] : nested_) {
    std::vector<std::vector<Clause>> alternatives;
    append(group, alternatives);
    settle(std::move(alternatives), out);
  }
  for (auto& list : lists_) settle(std::move(list), out);
  return out;
}

}  // namespace daybook::query
