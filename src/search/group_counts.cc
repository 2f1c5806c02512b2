// SPDX-License-Identifier: Apache-2.0
#include "group_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daybook/query/text.h"

namespace daybook::search {
namespace {

// Possible groups up to which a table of them all is kept: 4 MiB.
constexpr std::uint64_t kTableMax = 1U << 20U;

}  // namespace

GroupCounts::GroupCounts(std::span<const query::GroupBy> by, const Columns& columns,
                         const ledger::Reader& reader, const Snapshot& snapshot,
                         std::uint64_t reads_max) {
  std::uint64_t possible = 1;
  fields_.reserve(by.size());
  for (const auto& one : by) {
    const auto& field = fields_.emplace_back(one, columns, reader, snapshot, reads_max);
    const bool few = field.closed() && possible <= kTableMax;
    possible = few ? possible * field.count() : kTableMax + 1;
  }
  if (possible <= kTableMax) {
    table_.resize(possible);
  } else {
    pairs_.resize(fields_.size());
  }
  row_values_.resize(fields_.size());
  counts_.resize(1);
  tuples_.resize(fields_.size());
}

GroupCounts::Group GroupCounts::add_group() {
  counts_.push_back(0);
  tuples_.insert(tuples_.end(), row_values_.begin(), row_values_.end());
  return static_cast<Group>(counts_.size() - 1);
}

Result<GroupCounts::Group> GroupCounts::group_of(Row row) {
  std::uint64_t flat = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto value, fields_[i].of(row));
    if (value == 0) return Group{0};
    row_values_[i] = value;
    flat = flat * fields_[i].count() + value;
  }
  return number(flat);
}

Result<GroupCounts::Group> GroupCounts::number(std::uint64_t flat) {
  if (counts_.size() > kGroupsMax) {
    return Error{
        Errc::exhausted,
        fmt::format("more than {} groups; narrow the filter or count by fewer fields", kGroupsMax)};
  }
  if (!table_.empty()) {
    auto& group = table_[flat];
    if (group == 0) group = add_group();
    return group;
  }
  Group group = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const bool last = i + 1 == fields_.size();
    const auto key = std::uint64_t{group} << 32U | row_values_[i];
    auto& known = pairs_[i][key];
    if (known == 0) known = last ? add_group() : static_cast<Group>(pairs_[i].size());
    group = known;
  }
  return group;
}

bool GroupCounts::comes_before(Group a, Group b) const {
  if (counts_[a] != counts_[b]) return counts_[a] > counts_[b];
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const int order = fields_[i].text(value(a, i)).compare(fields_[i].text(value(b, i)));
    if (order != 0) return order < 0;
  }
  return false;
}

Groups GroupCounts::top(std::uint64_t size, const std::optional<std::string>& like,
                        std::uint64_t total) {
  std::vector<Group> shown;
  std::unordered_map<std::uint32_t, bool> fits;  // By first value.
  const auto wanted = like ? query::folded(*like) : "";
  for (Group group = 1; group < counts_.size() && !fields_.empty(); ++group) {
    if (like) {
      const auto first = value(group, 0);
      auto [known, fresh] = fits.try_emplace(first);
      if (fresh) {
        const auto text = query::folded(fields_[0].text(first));
        known->second = text.find(wanted) != std::string::npos;
      }
      if (!known->second) continue;
    }
    shown.push_back(group);
  }
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, shown.size()));
  std::partial_sort(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(count), shown.end(),
                    [this](Group a, Group b) { return comes_before(a, b); });
  Groups out{.top = {}, .others = total};
  for (std::size_t i = 0; i < count; ++i) {
    search::Group one{.key = {}, .count = counts_[shown[i]]};
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      one.key.emplace_back(fields_[f].text(value(shown[i], f)));
    }
    out.others -= one.count;
    out.top.push_back(std::move(one));
    ranks_.emplace(shown[i], i);
  }
  return out;
}

Result<std::optional<std::size_t>> GroupCounts::rank(Row row) {
  using Rank = std::optional<std::size_t>;
  DAYBOOK_ASSIGN_OR_RETURN(const auto group, group_of(row));
  const auto at = ranks_.find(group);
  return at == ranks_.end() ? Rank() : Rank(at->second);
}

}  // namespace daybook::search
