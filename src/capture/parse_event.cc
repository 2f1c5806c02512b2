// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/parse_event.h"

#include <string_view>
#include <utility>

#include "daybook/record/json_patch.h"

#include "field_reader.h"

namespace daybook::capture {
namespace {

using record::Event;
using record::Json;

void erase_null_members(Json& object) {
  auto& members = object.get_ref<Json::object_t&>();
  for (auto it = members.begin(); it != members.end();) {
    it = it->second.is_null() ? members.erase(it) : std::next(it);
  }
}

// null = absent, for the members that have a meaning of ours. Values of before and after are the
// sender's own: a null inside them is content.
void drop_nulls(Json& value) {
  erase_null_members(value);
  for (const char* name : {"user", "request"}) {
    const auto at = value.find(name);
    if (at != value.end() && at->is_object()) {
      erase_null_members(*at);
    }
  }
}

// The pointer of the first null inside `value`, or nothing.
std::optional<std::string> find_null(const Json& value, const std::string& pointer) {
  if (value.is_null()) {
    return pointer;
  }
  if (value.is_object()) {
    for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
      if (member.is_structured() || member.is_null()) {
        if (auto found = find_null(member, pointer + "/" + pointer_token(name))) {
          return found;
        }
      }
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (auto found = find_null(value[i], pointer + "/" + std::to_string(i))) {
        return found;
      }
    }
  }
  return std::nullopt;
}

Status read_user(const FieldReader& fields, const IngestContext& context, Event& event) {
  DAYBOOK_ASSIGN_OR_RETURN(const Json* object, fields.object("user"));
  record::Actor& actor = event.actor;
  if (object == nullptr) {
    const access::Principal& who = context.who;
    event.actor_kind =
        who.service_account ? record::ActorKind::service_account : record::ActorKind::standard;
    actor.user_id = who.id;
    actor.username = who.username;
    actor.type = record::to_string(event.actor_kind);
    if (!who.email.empty()) {
      actor.email = who.email;
    }
    if (!who.name.empty()) {
      actor.name = who.name;
    }
    return {};
  }
  const FieldReader user(*object, "/user");
  DAYBOOK_RETURN_IF_ERROR(user.only({"id", "username", "type", "email", "name"}));
  DAYBOOK_ASSIGN_OR_RETURN(const record::OptionalText type, user.text("type"));
  DAYBOOK_ASSIGN_OR_RETURN(record::OptionalText id, user.text("id"));
  DAYBOOK_ASSIGN_OR_RETURN(record::OptionalText username, user.text("username"));
  DAYBOOK_ASSIGN_OR_RETURN(actor.email, user.text("email"));
  DAYBOOK_ASSIGN_OR_RETURN(actor.name, user.text("name"));
  const std::string_view word = type ? std::string_view(*type) : "STANDARD";
  if (word == "SYSTEM") {
    // Shown as userId `system` and without a user; a name given all the same stays in the actor
    // part.
    event.actor_kind = record::ActorKind::system;
    actor.user_id = "system";
    actor.username = std::move(username);
    return {};
  }
  if (word == "STANDARD") {
    event.actor_kind = record::ActorKind::standard;
  } else if (word == "SERVICE_ACCOUNT") {
    event.actor_kind = record::ActorKind::service_account;
  } else {
    return user.wrong("type", "must be STANDARD, SERVICE_ACCOUNT or SYSTEM");
  }
  DAYBOOK_ASSIGN_OR_RETURN(actor.user_id, user.required_text("id"));
  actor.username = username ? std::move(username) : actor.user_id;
  actor.type = std::string(word);
  return {};
}

Status read_connection(const FieldReader& fields, const IngestContext& context, Event& event) {
  record::Actor& actor = event.actor;
  DAYBOOK_ASSIGN_OR_RETURN(actor.ip_address, fields.text("ipAddress"));
  DAYBOOK_ASSIGN_OR_RETURN(actor.user_agent, fields.text("userAgent"));
  DAYBOOK_ASSIGN_OR_RETURN(actor.impersonated_by, fields.text("impersonatedBy"));
  if (fields.find("user") != nullptr) {
    return {};
  }
  if (!actor.ip_address) {
    actor.ip_address = context.remote_address;
  }
  if (!actor.user_agent && !context.user_agent.empty()) {
    actor.user_agent = context.user_agent;
  }
  return {};
}

Status read_request(const FieldReader& fields, Event& event) {
  DAYBOOK_ASSIGN_OR_RETURN(const Json* object, fields.object("request"));
  if (object == nullptr) {
    return {};
  }
  const FieldReader request(*object, "/request");
  DAYBOOK_RETURN_IF_ERROR(request.only({"method", "path", "status", "durationMs", "requestId"}));
  record::RequestInfo info;
  DAYBOOK_ASSIGN_OR_RETURN(info.method, request.text("method"));
  DAYBOOK_ASSIGN_OR_RETURN(info.path, request.text("path"));
  DAYBOOK_ASSIGN_OR_RETURN(info.request_id, request.text("requestId"));
  DAYBOOK_ASSIGN_OR_RETURN(info.status, request.count("status"));
  DAYBOOK_ASSIGN_OR_RETURN(info.duration_ms, request.count("durationMs"));
  if (!object->empty()) {
    event.request = std::move(info);
  }
  return {};
}

// A member that is there, to be moved out of: documents are the bulk of an event.
Json& own(Json& value, std::string_view name) {
  return *value.find(name);
}

Status take_patch(const FieldReader& fields, std::string_view name, Json& value_of, Json& patch) {
  const Json* value = fields.find(name);
  if (value == nullptr) {
    return {};
  }
  if (!value->is_array()) {
    return fields.wrong(name, "must be an array of objects");
  }
  for (const Json& operation : *value) {
    if (!operation.is_object()) {
      return fields.wrong(name, "must be an array of objects");
    }
  }
  patch = std::move(own(value_of, name));
  return {};
}

Status take_change(const FieldReader& fields, Json& value, Event& event) {
  const Json* before = fields.find("before");
  const Json* after = fields.find("after");
  record::Change& change = event.change;
  DAYBOOK_RETURN_IF_ERROR(take_patch(fields, "appliedPatch", value, change.applied_patch));
  DAYBOOK_RETURN_IF_ERROR(take_patch(fields, "revertPatch", value, change.revert_patch));
  const bool patches = !change.applied_patch.is_null() || !change.revert_patch.is_null();
  if (patches && (before != nullptr || after != nullptr)) {
    return fields.wrong(change.applied_patch.is_null() ? "revertPatch" : "appliedPatch",
                        "and before/after cannot both be given");
  }
  if (before != nullptr && after != nullptr && before->is_structured() && after->is_structured()) {
    record::PatchPair pair = record::diff(*before, *after);
    change.applied_patch = std::move(pair.applied);
    change.revert_patch = std::move(pair.revert);
  }
  if (before != nullptr) {
    change.before = std::move(own(value, "before"));
  }
  if (after != nullptr) {
    change.after = std::move(own(value, "after"));
  }
  return {};
}

Status take_detail(const FieldReader& fields, Json& value, Event& event) {
  DAYBOOK_ASSIGN_OR_RETURN(const Json* object, fields.object("detail"));
  if (object == nullptr) {
    return {};
  }
  if (auto pointer = find_null(*object, "/detail")) {
    return Error{Errc::invalid, "detail must not contain null", *std::move(pointer)};
  }
  event.detail = std::move(own(value, "detail"));
  const auto subject = event.detail.find("subject");
  if (subject != event.detail.end() && subject->is_object()) {
    event.actor.subject = std::move(*subject);
    event.detail.erase(subject);
  }
  return {};
}

Status read_head(const FieldReader& fields, UnixMillis now, Event& event) {
  DAYBOOK_ASSIGN_OR_RETURN(event.action, fields.required_word("type"));
  DAYBOOK_ASSIGN_OR_RETURN(event.resource, fields.required_word("resource"));
  DAYBOOK_ASSIGN_OR_RETURN(record::OptionalText id, fields.text("id"));
  if (id) {
    if (!record::is_entry_id(*id)) {
      return fields.wrong(
          "id", "must be 1 to 128 characters of A-Z a-z 0-9 . _ : ~ - and no word of the API");
    }
    event.id = *std::move(id);
  }
  event.recorded_at = now;
  event.date = now;
  DAYBOOK_ASSIGN_OR_RETURN(const record::OptionalText date, fields.text("date"));
  if (date) {
    const Result<UnixMillis> time = parse_time(*date);
    if (!time) {
      return fields.wrong("date", "must be an RFC 3339 time");
    }
    event.date = *time;
  }
  DAYBOOK_ASSIGN_OR_RETURN(event.status, fields.text("status"));
  DAYBOOK_ASSIGN_OR_RETURN(event.message, fields.text("message"));
  DAYBOOK_ASSIGN_OR_RETURN(event.reason, fields.text("reason"));
  DAYBOOK_ASSIGN_OR_RETURN(const record::OptionalText result, fields.text("result"));
  if (result) {
    const Result<record::ResultWord> word = record::parse_result(*result);
    if (!word) {
      return fields.wrong("result", "must be SUCCESS, FAILURE, DENIED or UNKNOWN");
    }
    event.result = *word;
  }
  return {};
}

}  // namespace

Result<ParsedEvent> parse_event(Json value, const IngestContext& context, UnixMillis now) {
  if (!value.is_object()) {
    return Error{Errc::invalid, "an event must be an object"};
  }
  drop_nulls(value);
  const FieldReader fields(value, "");
  DAYBOOK_RETURN_IF_ERROR(
      fields.only({"id", "type", "resource", "date", "detail", "user", "ipAddress", "userAgent",
                   "impersonatedBy", "status", "message", "reason", "result", "request", "before",
                   "after", "appliedPatch", "revertPatch"}));
  ParsedEvent parsed;
  Event& event = parsed.event;
  event.tenant_id = context.tenant;
  event.kind = record::Kind::event;
  event.source = record::Source::ingest;
  event.actor.submitter = context.who.submitter();
  DAYBOOK_RETURN_IF_ERROR(read_head(fields, now, event));
  if (!event.id.empty()) {
    parsed.content = record::canonical_or_die(value);
  }
  DAYBOOK_RETURN_IF_ERROR(take_detail(fields, value, event));
  DAYBOOK_RETURN_IF_ERROR(read_user(fields, context, event));
  DAYBOOK_RETURN_IF_ERROR(read_connection(fields, context, event));
  DAYBOOK_RETURN_IF_ERROR(read_request(fields, event));
  DAYBOOK_RETURN_IF_ERROR(take_change(fields, value, event));
  return parsed;
}

}  // namespace daybook::capture
