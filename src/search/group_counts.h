// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "daybook/query/aggregate.h"
#include "daybook/search/engine.h"

#include "field_values.h"

namespace daybook::search {

// Counts rows by the values of one or several fields together.
//
// Memory: 8 bytes a group and 4 a value of it, or up to about 60 where the fields have very many
// values; at most kGroupsMax groups.
class GroupCounts {
 public:
  static constexpr std::size_t kGroupsMax = 1'000'000;

  // `snapshot` first, then this.
  GroupCounts(std::span<const query::GroupBy> by, const Columns& columns,
              const ledger::Reader& reader, const Snapshot& snapshot, std::uint64_t reads_max);

  // Errc::exhausted if a bound is passed.
  Status add(Row row) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto group, group_of(row));
    ++counts_[group];
    return {};
  }

  // The `size` groups with the most rows of those whose first value holds the text `like`, and how
  // many of `total` rows are in none of them.
  [[nodiscard]] Groups top(std::uint64_t size, const std::optional<std::string>& like,
                           std::uint64_t total);
  // Afterwards: where in that list the group of a row stands, if it does.
  Result<std::optional<std::size_t>> rank(Row row);

 private:
  using Group = std::uint32_t;  // 0: a value is lacking.

  Result<Group> group_of(Row row);
  Result<Group> number(std::uint64_t flat);
  Group add_group();
  [[nodiscard]] std::uint32_t value(Group group, std::size_t field) const {
    return tuples_[std::size_t{group} * fields_.size() + field];
  }
  [[nodiscard]] bool comes_before(Group a, Group b) const;

  std::vector<FieldValues> fields_;
  std::vector<std::uint32_t> row_values_;  // Of the row at hand.
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint32_t> tuples_;  // Values of each group.
  // Few possible groups: a table. Else pairs of what came so far and the next value, field by
  // field.
  std::vector<Group> table_;
  std::vector<std::unordered_map<std::uint64_t, Group>> pairs_;
  std::unordered_map<Group, std::size_t> ranks_;
};

}  // namespace daybook::search
