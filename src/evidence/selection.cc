// SPDX-License-Identifier: Apache-2.0
#include "daybook/evidence/selection.h"

#include <algorithm>
#include <utility>

#include "daybook/net/http.h"

namespace daybook::evidence {
namespace {

using query::Field;

// Two moments that no relative time maps to the same bound.
constexpr UnixMillis kOneMoment = 1'000'000'000'000;
constexpr UnixMillis kOtherMoment = 1'500'000'000'000;

bool reads_actor(const query::Clause& clause) {
  switch (clause.field) {
    case Field::user_id:
    case Field::username:
    case Field::ip_address:
    case Field::submitter_id:
    case Field::q:
      return true;
    case Field::detail:
      return clause.key == "subject";
    default:
      return false;
  }
}

bool same_times(const query::Filter& a, const query::Filter& b) {
  return std::equal(
      a.all.begin(), a.all.end(), b.all.begin(), b.all.end(),
      [](const query::Clause& one, const query::Clause& other) { return one.time == other.time; });
}

}  // namespace

Result<query::Filter> parse_filters(std::string_view query_string) {
  const query::Params params = net::parse_query(query_string);
  for (const auto& [name, value] : params) {
    if (name == "treeSize" || name == "expand" || name == "format") {
      return Error{Errc::invalid, "'" + name + "' is not a filter", name};
    }
  }
  DAYBOOK_ASSIGN_OR_RETURN(query::Search one,
                           query::parse_search(params, query::Endpoint::export_, kOneMoment));
  DAYBOOK_ASSIGN_OR_RETURN(const query::Search other,
                           query::parse_search(params, query::Endpoint::export_, kOtherMoment));
  if (!same_times(one.filter, other.filter)) {
    return Error{Errc::invalid, "evidence needs fixed times: startDate and endDate", "timeRange"};
  }
  return std::move(one.filter);
}

std::vector<query::Clause> clauses_of(const Scope& scope) {
  std::vector<query::Clause> out;
  if (scope.tenant) {
    out.push_back({Field::tenant_id, query::Op::equals, "", {*scope.tenant}});
  }
  if (scope.namespace_) {
    out.push_back({Field::namespace_, query::Op::prefix, "", {*scope.namespace_}});
  }
  if (scope.submitter) {
    out.push_back({Field::submitter_id, query::Op::equals, "", {*scope.submitter}});
  }
  return out;
}

record::Json to_json(const Scope& scope) {
  record::Json out = record::Json::object();
  if (scope.tenant) out["tenant"] = *scope.tenant;
  if (scope.namespace_) out["namespace"] = *scope.namespace_;
  if (scope.submitter) out["submitter"] = *scope.submitter;
  return out;
}

query::Filter answerable(const query::Filter& filter, Shown shown) {
  query::Filter out = filter;
  std::erase_if(out.all, [&](const query::Clause& clause) {
    return (!shown.actor && reads_actor(clause)) || (!shown.change && clause.field == Field::q);
  });
  return out;
}

}  // namespace daybook::evidence
