// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/values.h"

#include <algorithm>

#include "daybook/query/regex.h"

namespace daybook::query {
namespace {

bool fits_one(Op op, std::string_view wanted, std::string_view value) {
  switch (op) {
    case Op::equals:
    case Op::not_equals:
    case Op::in:
    case Op::not_in:
      return value == wanted;
    case Op::prefix:
      return value.starts_with(wanted) &&
             (value.size() == wanted.size() || value[wanted.size()] == '.');
    case Op::contains:
      return value.find(wanted) != std::string_view::npos;
    case Op::starts_with:
      return value.starts_with(wanted);
    case Op::ends_with:
      return value.ends_with(wanted);
    case Op::greater_or_equal:
      return value >= wanted;
    case Op::less_or_equal:
      return value <= wanted;
    case Op::greater:
      return value > wanted;
    case Op::less:
      return value < wanted;
    case Op::regex:
      break;  // Has no `wanted`.
  }
  return false;
}

bool has_account(record::ActorKind kind) {
  return kind == record::ActorKind::standard || kind == record::ActorKind::service_account;
}

}  // namespace

OptionalView user_id_value(record::ActorKind kind, OptionalView user_id) {
  switch (kind) {
    case record::ActorKind::system:
      return "system";
    case record::ActorKind::webhook:
      return "webhook";
    case record::ActorKind::anonymous:
      return user_id.value_or("anonymous");
    case record::ActorKind::standard:
    case record::ActorKind::service_account:
      break;
  }
  return user_id;
}

OptionalView username_value(record::ActorKind kind, OptionalView user_id, OptionalView username) {
  return username || !has_account(kind) ? username : user_id;
}

std::string detail_text(const record::Json& value) {
  return value.is_string() ? value.get<std::string>() : record::canonical_or_die(value);
}

std::optional<std::string> detail_value(const record::Event& event, std::string_view key) {
  if (key == "resource" || key == "resourceType") return event.resource;
  if (key == "subject" && event.actor.subject.is_object()) return detail_text(event.actor.subject);
  const auto at = event.detail.find(std::string(key));
  const bool present = event.detail.is_object() && at != event.detail.end();
  if (key == "type" && (!present || !at->is_string())) return event.resource;
  if (!present) return std::nullopt;
  return detail_text(*at);
}

std::optional<std::string> field_value(Field field, std::string_view key,
                                       const record::Event& event) {
  using Text = std::optional<std::string>;
  const auto copy = [](OptionalView view) { return view ? Text(*view) : std::nullopt; };
  const auto& actor = event.actor;
  switch (field) {
    case Field::namespace_:
    case Field::flow_id:
    case Field::execution_id:
      return detail_value(event, detail_key(field));
    case Field::detail:
      return detail_value(event, key);
    case Field::user_id:
      return copy(user_id_value(event.actor_kind, actor.user_id));
    case Field::username:
      return copy(username_value(event.actor_kind, actor.user_id, actor.username));
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

std::string_view detail_key(Field field) {
  switch (field) {
    case Field::namespace_:
      return "namespace";
    case Field::flow_id:
      return "flowId";
    case Field::execution_id:
      return "executionId";
    default:
      return "";
  }
}

bool fits(const Clause& clause, std::string_view value) {
  if (clause.op == Op::regex) return clause.regex != nullptr && clause.regex->matches(value);
  return std::any_of(clause.values.begin(), clause.values.end(),
                     [&](const std::string& wanted) { return fits_one(clause.op, wanted, value); });
}

bool is_complement(Op op) {
  return op == Op::not_equals || op == Op::not_in;
}

}  // namespace daybook::query
