// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/row.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/clock.h"

namespace daybook::record {
namespace {

void set(Json& object, const char* name, const OptionalText& value) {
  if (value) {
    object[name] = *value;
  }
}

void set(Json& object, const char* name, const std::optional<std::int64_t>& value) {
  if (value) {
    object[name] = *value;
  }
}

// The pattern clients check `email` with: local@domain of these characters.
bool is_mail_address(std::string_view text) {
  constexpr std::string_view local = "_!#$%&*+/=?`{|}~^.-";
  constexpr std::string_view domain = ".-";
  const auto made_of = [](std::string_view part, std::string_view others) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             others.find(c) != std::string_view::npos;
    });
  };
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && made_of(text.substr(0, at), local) &&
         made_of(text.substr(at + 1), domain);
}

// Absent for actors that are no account, and when the actor part was erased.
bool has_user(const Event& event) {
  return event.actor.user_id && (event.actor_kind == ActorKind::standard ||
                                 event.actor_kind == ActorKind::service_account);
}

Json render_user(const Event& event) {
  const Actor& actor = event.actor;
  Json user = {{"type", to_string(event.actor_kind)},
               {"id", *actor.user_id},
               {"username", shown_username(event).value_or("")},
               {"email", actor.email && is_mail_address(*actor.email) ? *actor.email : ""},
               {"superAdmin", false},
               {"instanceOwner", false},
               {"groupList", Json::array()},
               {"groups", Json::array()},
               {"providers", Json::array()},
               {"auths", Json::array()}};
  set(user, "name", actor.name);
  return user;
}

Json render_audit_log(const Event& event) {
  Json log = {{"id", event.id},
              {"type", event.action},
              {"detail", shown_detail(event)},
              {"date", format_time(event.date)},
              {"userId", shown_user_id(event)}};
  set(log, "tenantId", event.tenant_id);
  set(log, "ipAddress", event.actor.ip_address);
  set(log, "impersonatedBy", event.actor.impersonated_by);
  if (event.change.applied_patch.is_array()) {
    log["appliedPatch"] = event.change.applied_patch;
  }
  if (event.change.revert_patch.is_array()) {
    log["revertPatch"] = event.change.revert_patch;
  }
  return log;
}

Json render_submitter(const Submitter& submitter) {
  Json out = {{"id", submitter.id}, {"username", submitter.username}, {"type", submitter.type}};
  set(out, "tokenId", submitter.token_id);
  return out;
}

Json render_request(const RequestInfo& request) {
  Json out = Json::object();
  set(out, "method", request.method);
  set(out, "path", request.path);
  set(out, "status", request.status);
  set(out, "durationMs", request.duration_ms);
  set(out, "requestId", request.request_id);
  return out;
}

Json render_daybook(const Event& event, const EntryFacts& facts) {
  Json out = {{"index", facts.index.value()},
              {"kind", to_string(event.kind)},
              {"recordedAt", format_time(event.recorded_at)},
              {"result", to_string(event.result)},
              {"source", to_string(event.source)},
              {"actorKind", to_string(event.actor_kind)},
              {"clockSkewMs", event.date - event.recorded_at},
              {"leafHash", to_hex(facts.leaf_hash)},
              {"sealed", facts.sealed},
              {"erased", facts.erased}};
  set(out, "attemptId", event.attempt_id);
  set(out, "status", event.status);
  set(out, "message", event.message);
  set(out, "reason", event.reason);
  set(out, "userAgent", event.actor.user_agent);
  if (event.actor.submitter) {
    out["submitter"] = render_submitter(*event.actor.submitter);
  }
  if (event.request) {
    out["request"] = render_request(*event.request);
  }
  return out;
}

}  // namespace

std::string shown_user_id(const Event& event) {
  switch (event.actor_kind) {
    case ActorKind::system:
      return "system";
    case ActorKind::webhook:
      return "webhook";
    case ActorKind::anonymous:
      return event.actor.user_id.value_or("anonymous");
    case ActorKind::standard:
    case ActorKind::service_account:
      break;
  }
  return event.actor.user_id.value_or("erased");
}

OptionalText shown_username(const Event& event) {
  if (!has_user(event)) {
    return std::nullopt;
  }
  return event.actor.username ? event.actor.username : event.actor.user_id;
}

Json shown_detail(const Event& event) {
  Json detail = event.detail.is_object() ? event.detail : Json::object();
  if (event.actor.subject.is_object()) {
    detail["subject"] = event.actor.subject;
  }
  detail["resource"] = event.resource;
  detail["resourceType"] = event.resource;
  if (const auto type = detail.find("type"); type == detail.end() || !type->is_string()) {
    detail["type"] = event.resource;
  }
  return detail;
}

Json render_row(const Event& event, const EntryFacts* facts) {
  Json row = {{"auditLog", render_audit_log(event)}};
  if (has_user(event)) {
    row["user"] = render_user(event);
  }
  if (facts != nullptr) {
    row["daybook"] = render_daybook(event, *facts);
  }
  return row;
}

}  // namespace daybook::record
