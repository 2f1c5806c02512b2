// SPDX-License-Identifier: Apache-2.0
#include "daybook/query/values.h"

#include <algorithm>

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
  return std::any_of(clause.values.begin(), clause.values.end(),
                     [&](const std::string& wanted) { return fits_one(clause.op, wanted, value); });
}

bool is_complement(Op op) {
  return op == Op::not_equals || op == Op::not_in;
}

}  // namespace daybook::query
