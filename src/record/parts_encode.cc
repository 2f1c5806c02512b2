// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "daybook/core/clock.h"
#include "daybook/record/parts.h"

#include "part_writer.h"

// The fixed names are written in RFC 8785 order by hand: building a JSON object first costs more
// than everything else on the ingest path together. The tests compare with canonical().

namespace daybook::record {
namespace {

bool filled_object(const Json& value) {
  return value.is_object() && !value.empty();
}

void write_request(std::string& out, const RequestInfo& request) {
  PartWriter w(out);
  w.optional("durationMs", request.duration_ms);
  w.optional("method", request.method);
  w.optional("path", request.path);
  w.optional("requestId", request.request_id);
  w.optional("status", request.status);
  w.end();
}

std::string event_part(const Event& event) {
  std::string out;
  out.reserve(512);
  PartWriter w(out);
  w.text("action", event.action);
  w.word("actorKind", to_string(event.actor_kind));
  w.optional("attemptId", event.attempt_id);
  w.word("date", format_time(event.date));
  if (filled_object(event.detail)) {
    w.json("detail", event.detail);
  }
  w.text("id", event.id);
  w.word("kind", to_string(event.kind));
  w.optional("message", event.message);
  w.optional("reason", event.reason);
  w.word("recordedAt", format_time(event.recorded_at));
  if (event.request) {
    write_request(w.begin("request"), *event.request);
  }
  w.text("resource", event.resource);
  w.word("result", to_string(event.result));
  w.word("source", to_string(event.source));
  w.optional("status", event.status);
  w.optional("tenantId", event.tenant_id);
  w.number("v", 1);
  w.end();
  return out;
}

void write_submitter(std::string& out, const Submitter& submitter) {
  PartWriter w(out);
  w.text("id", submitter.id);
  w.optional("tokenId", submitter.token_id);
  w.text("type", submitter.type);
  w.text("username", submitter.username);
  w.end();
}

std::string actor_part(const Actor& actor) {
  std::string out;
  out.reserve(256);
  PartWriter w(out);
  w.optional("email", actor.email);
  w.optional("impersonatedBy", actor.impersonated_by);
  w.optional("ipAddress", actor.ip_address);
  w.optional("name", actor.name);
  if (filled_object(actor.subject)) {
    w.json("subject", actor.subject);
  }
  if (actor.submitter) {
    write_submitter(w.begin("submitter"), *actor.submitter);
  }
  w.optional("type", actor.type);
  w.optional("userAgent", actor.user_agent);
  w.optional("userId", actor.user_id);
  w.optional("username", actor.username);
  if (w.empty()) {
    return {};
  }
  w.end();
  return out;
}

std::string change_part(const Change& change) {
  std::string out;
  PartWriter w(out);
  if (change.after) {
    w.json("after", *change.after);
  }
  if (change.applied_patch.is_array()) {
    w.json("appliedPatch", change.applied_patch);
  }
  if (change.before) {
    w.json("before", *change.before);
  }
  w.optional("excerpt", change.excerpt);
  if (change.revert_patch.is_array()) {
    w.json("revertPatch", change.revert_patch);
  }
  if (w.empty()) {
    return {};
  }
  w.end();
  return out;
}

}  // namespace

Parts encode(const Event& event) {
  return Parts{{event_part(event), actor_part(event.actor), change_part(event.change)}};
}

}  // namespace daybook::record
