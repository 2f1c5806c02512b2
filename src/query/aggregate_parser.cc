// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/query/aggregate.h"
#include "daybook/query/values.h"

#include "clause_parser.h"
#include "parameters.h"

namespace daybook::query {
namespace {

constexpr std::size_t kByMax = 4;
constexpr std::uint64_t kTopMax = 1000;
constexpr std::size_t kLikeBytesMax = 256;

constexpr auto kGroupFields = std::to_array<GroupBy>({
    {"resource", Field::resource},
    {"type", Field::action},
    {"userId", Field::user_id},
    {"username", Field::username},
    {"actorKind", Field::actor_kind},
    {"namespace", Field::namespace_},
    {"flowId", Field::flow_id},
    {"executionId", Field::execution_id},
    {"result", Field::result},
    {"ipAddress", Field::ip_address},
    {"tenantId", Field::tenant_id},
    {"source", Field::source},
    {"kind", Field::kind},
});

Result<GroupBy> parse_group(std::string_view name) {
  std::string known;
  for (const auto& group : kGroupFields) {
    if (group.name == name) return group;
    known += (known.empty() ? "" : ", ") + std::string(group.name);
  }
  return Error{Errc::invalid, fmt::format("'{}' is not one of {}", name, known)};
}

Status add_groups(std::string_view text, std::size_t max, std::vector<GroupBy>& out) {
  while (true) {
    const auto comma = text.find(',');
    DAYBOOK_ASSIGN_OR_RETURN(const auto group, parse_group(text.substr(0, comma)));
    if (std::find(out.begin(), out.end(), group) != out.end()) {
      return Error{Errc::invalid, fmt::format("'{}' is given more than once", group.name)};
    }
    if (out.size() == max) return Error{Errc::invalid, fmt::format("more than {} fields", max)};
    out.push_back(group);
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

constexpr auto kNames =
    std::to_array<std::string_view>({"by", "facets", "like", "interval", "tz", "top", "treeSize"});

Status read(std::string_view name, const std::string& value, Aggregate& out) {
  if (name == "by") return add_groups(value, kByMax, out.by);
  if (name == "facets") return add_groups(value, kGroupFields.size(), out.facets);
  if (name == "interval") {
    DAYBOOK_ASSIGN_OR_RETURN(out.interval, parse_interval(value));
    return {};
  }
  if (name == "tz") {
    DAYBOOK_RETURN_IF_ERROR(check_time_zone(value));
    out.time_zone = value;
    return {};
  }
  if (name == "top") {
    DAYBOOK_ASSIGN_OR_RETURN(out.top, parse_number(value, 0, kTopMax));
    return {};
  }
  if (name == "treeSize") {
    DAYBOOK_ASSIGN_OR_RETURN(const auto size, parse_number(value, 0, kIndexMax));
    out.tree_size = TreeSize(size);
    return {};
  }
  if (value.size() > kLikeBytesMax) {
    return Error{Errc::invalid, fmt::format("more than {} bytes", kLikeBytesMax)};
  }
  out.like = value;
  return {};
}

// Whether the clause is about what a field shows, be it under the name of a detail key.
bool is_about(const Clause& clause, Field field) {
  if (clause.field == field) return true;
  if (clause.field != Field::detail) return false;
  if (field == Field::resource) return clause.key == "resource" || clause.key == "resourceType";
  const auto key = detail_key(field);
  return !key.empty() && clause.key == key;
}

}  // namespace

Result<Aggregate> parse_aggregate(const Params& params, UnixMillis now) {
  Aggregate out;
  ClauseParser clauses(now);
  std::set<std::string, std::less<>> seen;
  for (const auto& [name, value] : params) {
    if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) {
      const bool repeats = name == "by" || name == "facets";
      if (!repeats && !seen.insert(name).second) return invalid(name, "given more than once");
      if (auto status = read(name, value, out); !status) {
        return invalid(name, std::move(status).error().context);
      }
      continue;
    }
    DAYBOOK_ASSIGN_OR_RETURN(const bool taken, clauses.take(name, value));
    if (!taken) return unknown_parameter(name, kNames);
  }
  if (out.like && out.by.empty()) return invalid("like", "needs a field in by");
  DAYBOOK_ASSIGN_OR_RETURN(out.filter, clauses.finish());
  return out;
}

Filter without_field(const Filter& filter, Field field) {
  const auto all_about = [field](const std::vector<Clause>& clauses) {
    return std::all_of(clauses.begin(), clauses.end(),
                       [field](const Clause& clause) { return is_about(clause, field); });
  };
  Filter out = filter;
  std::erase_if(out.all, [field](const Clause& clause) { return is_about(clause, field); });
  std::erase_if(out.any, [&](const AnyOf& group) {
    return std::all_of(group.alternatives.begin(), group.alternatives.end(), all_about);
  });
  if (field == Field::kind) {
    out.all.push_back({.field = Field::kind,
                       .op = Op::in,
                       .key = {},
                       .values = {"event", "attempt", "outcome", "system"},
                       .time = 0});
  }
  return out;
}

}  // namespace daybook::query
