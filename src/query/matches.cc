// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "daybook/query/filter.h"
#include "daybook/query/text.h"
#include "daybook/query/values.h"

namespace daybook::query {
namespace {

bool matches_date(const Clause& clause, UnixMillis date) {
  switch (clause.op) {
    case Op::equals:
      return date == clause.time;
    case Op::not_equals:
      return date != clause.time;
    case Op::greater_or_equal:
      return date >= clause.time;
    case Op::less_or_equal:
      return date <= clause.time;
    case Op::greater:
      return date > clause.time;
    case Op::less:
      return date < clause.time;
    default:
      return false;
  }
}

bool matches_clause(const Clause& clause, const record::Event& event) {
  if (clause.field == Field::date) return matches_date(clause, event.date);
  if (clause.field == Field::q) {
    return matches_text(event, clause.values) != is_complement(clause.op);
  }
  const auto text = field_value(clause.field, clause.key, event);
  if (is_complement(clause.op)) return !text || !fits(clause, *text);
  return text && fits(clause, *text);
}

}  // namespace

bool has_clause(const Filter& filter, bool (*is_it)(const Clause&)) {
  const auto has_one = [is_it](const std::vector<Clause>& clauses) {
    return std::any_of(clauses.begin(), clauses.end(), is_it);
  };
  return has_one(filter.all) ||
         std::any_of(filter.any.begin(), filter.any.end(), [&](const AnyOf& group) {
           return std::any_of(group.alternatives.begin(), group.alternatives.end(), has_one);
         });
}

bool names_kind(const Filter& filter) {
  return has_clause(filter, [](const Clause& clause) { return clause.field == Field::kind; });
}

bool reads_actor(const Clause& clause) {
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

bool matches(const Filter& filter, const record::Event& event) {
  const bool shown_kind = event.kind == record::Kind::event || event.kind == record::Kind::outcome;
  if (!shown_kind && !names_kind(filter)) return false;
  const auto all_hold = [&event](const std::vector<Clause>& clauses) {
    return std::all_of(clauses.begin(), clauses.end(),
                       [&event](const Clause& clause) { return matches_clause(clause, event); });
  };
  return all_hold(filter.bounds) && all_hold(filter.all) &&
         std::all_of(filter.any.begin(), filter.any.end(), [&](const AnyOf& group) {
           return std::any_of(group.alternatives.begin(), group.alternatives.end(), all_hold);
         });
}

}  // namespace daybook::query
