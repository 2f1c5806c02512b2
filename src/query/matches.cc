// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/query/filter.h"
#include "daybook/query/text.h"
#include "daybook/query/values.h"

namespace daybook::query {
namespace {

using Text = std::optional<std::string>;

Text to_text(OptionalView view) {
  return view ? Text(*view) : std::nullopt;
}

Text field_text(const Clause& clause, const record::Event& event) {
  const auto& actor = event.actor;
  switch (clause.field) {
    case Field::namespace_:
    case Field::flow_id:
    case Field::execution_id:
      return detail_value(event, detail_key(clause.field));
    case Field::detail:
      return detail_value(event, clause.key);
    case Field::user_id:
      return to_text(user_id_value(event.actor_kind, actor.user_id));
    case Field::username:
      return to_text(username_value(event.actor_kind, actor.user_id, actor.username));
    case Field::id:
      return event.id;
    case Field::resource:
      return event.resource;
    case Field::action:
      return event.action;
    case Field::kind:
      return std::string(record::to_string(event.kind));
    case Field::attempt_id:
      return event.attempt_id;
    case Field::result:
      return std::string(record::to_string(event.result));
    case Field::actor_kind:
      return std::string(record::to_string(event.actor_kind));
    case Field::source:
      return std::string(record::to_string(event.source));
    case Field::ip_address:
      return actor.ip_address;
    case Field::tenant_id:
      return event.tenant_id;
    case Field::submitter_id:
      return actor.submitter ? Text(actor.submitter->id) : std::nullopt;
    case Field::date:
    case Field::q:
      break;
  }
  return std::nullopt;
}

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
  const auto text = field_text(clause, event);
  if (is_complement(clause.op)) return !text || !fits(clause, *text);
  return text && fits(clause, *text);
}

}  // namespace

bool names_kind(const Filter& filter) {
  return std::any_of(filter.all.begin(), filter.all.end(),
                     [](const Clause& clause) { return clause.field == Field::kind; });
}

bool matches(const Filter& filter, const record::Event& event) {
  const bool shown_kind = event.kind == record::Kind::event || event.kind == record::Kind::outcome;
  if (!shown_kind && !names_kind(filter)) return false;
  return std::all_of(filter.all.begin(), filter.all.end(),
                     [&](const Clause& clause) { return matches_clause(clause, event); });
}

}  // namespace daybook::query
