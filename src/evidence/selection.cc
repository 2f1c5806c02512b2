// SPDX-License-Identifier: Apache-2.0
#include "daybook/evidence/selection.h"

#include <algorithm>
#include <utility>

#include "daybook/core/percent.h"

namespace daybook::evidence {

using query::Field;

Result<query::Filter> parse_filters(std::string_view query_string) {
  DAYBOOK_ASSIGN_OR_RETURN(auto filter, query::parse_fixed_filter(parse_query(query_string)));
  if (!filter) {
    return Error{Errc::invalid, "evidence needs fixed times: startDate and endDate", "timeRange"};
  }
  return *std::move(filter);
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
    return (!shown.actor && query::reads_actor(clause)) ||
           (!shown.change && clause.field == Field::q);
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
