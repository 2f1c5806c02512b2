// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "daybook/core/percent.h"
#include "daybook/query/filter.h"

#include "fields.h"

namespace daybook::query {
namespace {

std::string value_of(const Clause& clause) {
  if (clause.field == Field::date) return format_time(clause.time);
  std::string out;
  for (const auto& value : clause.values) {
    if (&value != &clause.values.front()) out += ',';
    out += value;
  }
  return out;
}

void print(const std::vector<Clause>& clauses, const std::string& place, Params& out) {
  for (const auto& clause : clauses) {
    const auto name = filter_name(clause.field);
    if (name.empty()) continue;
    auto path = fmt::format("filters{}[{}][{}]", place, name, to_string(clause.op));
    if (clause.field == Field::detail) path += fmt::format("[{}]", clause.key);
    out.emplace_back(std::move(path), value_of(clause));
  }
}

void print(const AnyOf& group, const std::string& place, Params& out) {
  std::size_t child = 0;
  for (const auto& alternative : group.alternatives) {
    print(alternative, fmt::format("{}[or][{}]", place, child++), out);
  }
}

}  // namespace

Params filter_params(const Filter& filter) {
  Params out;
  print(filter.all, "", out);
  if (filter.any.size() == 1) {
    print(filter.any.front(), "", out);
    return out;
  }
  std::size_t child = 0;
  for (const auto& group : filter.any) print(group, fmt::format("[and][{}]", child++), out);
  return out;
}

std::string print_filter(const Filter& filter) {
  return encode_query(filter_params(filter));
}

}  // namespace daybook::query
