// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daybook/query/aggregate.h"
#include "daybook/query/values.h"
#include "daybook/record/event.h"

namespace daybook::search {

using Key = std::vector<std::string>;

// What an aggregation has to be, counted event by event.
inline bool has_key(const std::vector<query::GroupBy>& by, const record::Event& event, Key& out) {
  out.clear();
  for (const auto& field : by) {
    auto value = query::field_value(field.field, "", event);
    if (!value) return false;
    out.push_back(*std::move(value));
  }
  return true;
}

struct NaiveCounts {
  std::uint64_t total = 0;
  std::map<Key, std::uint64_t> counts;

  NaiveCounts(const std::vector<record::Event>& events, std::size_t size,
              const query::Filter& filter, const std::vector<query::GroupBy>& by) {
    Key key;
    for (std::size_t i = 0; i < size; ++i) {
      if (!query::matches(filter, events[i])) continue;
      ++total;
      if (has_key(by, events[i], key) && !by.empty()) ++counts[key];
    }
  }
};

}  // namespace daybook::search
