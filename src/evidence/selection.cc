// SPDX-License-Identifier: Apache-2.0
#include "daybook/evidence/selection.h"

#include <algorithm>
#include <utility>

#include "daybook/core/percent.h"

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

}  // namespace

Result<query::Filter> parse_filters(std::string_view query_string) {
  const query::Params params = parse_query(query_string);
  DAYBOOK_ASSIGN_OR_RETURN(query::Filter one, query::parse_filter(params, kOneMoment));
  DAYBOOK_ASSIGN_OR_RETURN(const query::Filter other, query::parse_filter(params, kOtherMoment));
  if (!(one == other)) {
    return Error{Errc::invalid, "evidence needs fixed times: startDate and endDate", "timeRange"};
  }
  return one;
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
  const auto is_hidden = [&](const query::Clause& clause) {
    return (!shown.actor && reads_actor(clause)) || (!shown.change && clause.field == Field::q);
  };
  query::Filter out = filter;
  std::erase_if(out.all, is_hidden);
  // An alternative that cannot be judged may be the one that holds.
  std::erase_if(out.any, [&](const query::AnyOf& group) {
    return std::any_of(group.alternatives.begin(), group.alternatives.end(),
                       [&](const std::vector<query::Clause>& clauses) {
                         return std::any_of(clauses.begin(), clauses.end(), is_hidden);
                       });
  });
  return out;
}

}  // namespace daybook::evidence
