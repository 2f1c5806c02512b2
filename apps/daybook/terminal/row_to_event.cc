// SPDX-License-Identifier: Apache-2.0
#include "row_to_event.h"

#include <utility>

namespace daybook::terminal {
namespace {

using record::Json;

Error wrong(std::string path, std::string text) {
  return {.code = Errc::invalid, .context = std::move(text), .path = std::move(path)};
}

bool has(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && !at->is_null();
}

// Moves a member over; absent and null alike are left out.
void move_member(Json& from, const char* name, Json& to, const char* as) {
  if (has(from, name)) to[as] = std::move(from[name]);
}

// detail as it was sent: without what the answer adds (resource, resourceType, and type where it is
// no more than the resource).
void move_detail(Json& log, Json& event) {
  Json& detail = log["detail"];
  move_member(detail, "resource", event, "resource");
  if (!has(event, "resource")) move_member(detail, "resourceType", event, "resource");
  detail.erase("resource");
  detail.erase("resourceType");
  if (has(detail, "type") && has(event, "resource") && detail["type"] == event["resource"])
    detail.erase("type");
  if (!detail.empty()) event["detail"] = record::without_nulls(std::move(detail));
}

void move_user(Json& row, Json& log, Json& event) {
  Json user = Json::object();
  if (row.contains("user") && row["user"].is_object()) {
    Json& shown = row["user"];
    for (const char* name : {"id", "username", "type", "email", "name"})
      move_member(shown, name, user, name);
    if (user.contains("email") && user["email"] == "") user.erase("email");
  } else if (has(log, "userId") && log["userId"] != "system") {
    user["id"] = log["userId"];
  } else {
    user["type"] = "SYSTEM";
  }
  event["user"] = std::move(user);
}

// What `expand=daybook` shows besides.
void move_facts(Json& facts, Json& event) {
  for (const char* name : {"result", "status", "message", "reason", "request", "userAgent"})
    move_member(facts, name, event, name);
}

}  // namespace

Result<ImportRecord> import_record(Json value) {
  if (!value.is_object()) return wrong("", "an event or a row must be an object");
  if (!value.contains("auditLog")) return ImportRecord{std::move(value), std::nullopt, false};
  Json& log = value["auditLog"];
  if (!log.is_object()) return wrong("/auditLog", "must be an object");
  if (!log.contains("detail") || !log["detail"].is_object())
    return wrong("/auditLog/detail", "must be an object");
  ImportRecord out;
  out.event = Json::object();
  out.is_row = true;
  if (has(log, "tenantId")) {
    if (!log["tenantId"].is_string()) return wrong("/auditLog/tenantId", "must be a text");
    out.tenant = log["tenantId"].get<std::string>();
  }
  for (const char* name :
       {"id", "type", "date", "ipAddress", "impersonatedBy", "appliedPatch", "revertPatch"}) {
    move_member(log, name, out.event, name);
  }
  move_user(value, log, out.event);
  move_detail(log, out.event);
  if (value.contains("daybook") && value["daybook"].is_object())
    move_facts(value["daybook"], out.event);
  return out;
}

}  // namespace daybook::terminal
