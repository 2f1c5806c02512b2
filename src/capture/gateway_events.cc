// SPDX-License-Identifier: Apache-2.0
#include "gateway_events.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/core/utf8.h"
#include "daybook/record/json_patch.h"

#include "upstream_headers.h"

namespace daybook::capture {
namespace {

using record::Event;
using record::Json;

Event base_event(const RequestFacts& facts, record::Kind kind, record::Actor actor) {
  Event event;
  event.kind = kind;
  event.source = record::Source::gateway;
  event.date = facts.date;
  event.action = facts.what.action;
  event.resource = facts.what.resource;
  event.detail = facts.what.detail;
  event.actor_kind = facts.caller.kind;
  event.actor = std::move(actor);
  if (!is_sign_in(facts.what)) {
    if (record::is_tenant(facts.what.tenant)) {
      event.tenant_id = facts.what.tenant;
    } else {
      event.detail["tenant"] = facts.what.tenant;
    }
  }
  record::RequestInfo request;
  request.method = facts.method;
  request.path = facts.what.shown_path;
  request.request_id = facts.request_id;
  event.request = std::move(request);
  return event;
}

Event ended_event(const RequestFacts& facts, const Ending& ending) {
  const auto kind = ending.attempt_id ? record::Kind::outcome : record::Kind::event;
  const auto upstream_status = ending.answered ? ending.status : std::nullopt;
  Event event = base_event(facts, kind, facts.caller.shown(upstream_status));
  event.attempt_id = ending.attempt_id;
  event.result = ending.result;
  event.message = ending.message;
  event.reason = ending.reason;
  if (ending.status) {
    event.status = std::to_string(*ending.status);
    event.request->status = static_cast<std::int64_t>(*ending.status);
  }
  event.request->duration_ms = ending.duration_ms;
  return event;
}

void move_subject(Event& event) {
  const auto subject = event.detail.find("subject");
  if (subject != event.detail.end() && subject->is_object()) {
    event.actor.subject = std::move(*subject);
    event.detail.erase(subject);
  }
}

// A change that changed nothing keeps no patches; everything else keeps what there is.
void set_change(Event& event, kestra::Touched&& touched) {
  record::Change& change = event.change;
  change.before = std::move(touched.before);
  change.after = std::move(touched.after);
  if (!change.before || !change.after) {
    return;
  }
  if (*change.before == *change.after) {
    if (event.action == "UPDATE" && event.result == record::ResultWord::success &&
        !event.detail.contains("secretChanged")) {
      event.detail["unchanged"] = true;
    }
    return;
  }
  if (change.before->is_structured() && change.after->is_structured()) {
    record::PatchPair pair = record::diff(*change.before, *change.after);
    change.applied_patch = std::move(pair.applied);
    change.revert_patch = std::move(pair.revert);
  }
}

Event object_event(const RequestFacts& facts, const Ending& ending, Json detail,
                   kestra::Touched&& touched) {
  Event event = ended_event(facts, ending);
  event.detail.update(detail);
  event.detail.update(touched.detail);
  if (!touched.action.empty()) {
    event.action = touched.action;
  }
  set_change(event, std::move(touched));
  move_subject(event);
  return event;
}

}  // namespace

std::optional<std::string> reason_of(const net::RequestHead& head) {
  constexpr std::size_t kReasonMax = 1'000;
  std::optional<std::string> reason;
  if (const auto field = head.headers.get(kReasonHeader)) {
    reason = std::string(*field);
  } else if (head.query().find("daybookReason=") != std::string_view::npos) {
    for (auto& [name, value] : parse_query(head.query())) {
      if (name == "daybookReason") {
        reason = std::move(value);
        break;
      }
    }
  }
  const bool good = reason && !reason->empty() && reason->size() <= kReasonMax &&
                    is_utf8(*reason) && !has_control(*reason);
  return good ? reason : std::nullopt;
}

RequestFacts facts_of(const net::RequestHead& head, UnixMillis date, Caller caller,
                      kestra::Classification what) {
  RequestFacts facts;
  facts.date = date;
  facts.method = head.method;
  if (const auto id = head.headers.get("X-Request-Id")) {
    facts.request_id = std::string(*id);
  }
  facts.reason = reason_of(head);
  facts.caller = std::move(caller);
  facts.what = std::move(what);
  return facts;
}

record::ResultWord result_of(unsigned status) {
  return status < 400 ? record::ResultWord::success : record::ResultWord::failure;
}

bool is_sign_in(const kestra::Classification& what) {
  constexpr std::array<std::string_view, 5> words = {"LOGIN", "LOGOUT", "LOGIN_FAILURE",
                                                     "ACCOUNT_LOCKED", "IMPERSONATE"};
  return std::find(words.begin(), words.end(), what.action) != words.end();
}

record::Event attempt_event(const RequestFacts& facts) {
  Event event = base_event(facts, record::Kind::attempt, facts.caller.shown(std::nullopt));
  event.result = record::ResultWord::unknown;
  event.reason = facts.reason;
  move_subject(event);
  return event;
}

record::Event denied_event(const RequestFacts& facts, unsigned status, std::string why) {
  Event event = base_event(facts, record::Kind::event, facts.caller.shown(std::nullopt));
  event.result = record::ResultWord::denied;
  event.status = std::to_string(status);
  event.request->status = status;
  event.reason = std::move(why);
  move_subject(event);
  return event;
}

std::vector<record::Event> ending_events(const RequestFacts& facts, const Ending& ending,
                                         kestra::Interpretation content) {
  std::vector<Event> events;
  Ending end = ending;
  if (!end.message) {
    end.message = content.message;
  }
  if (!content.bulk) {
    kestra::Touched only;
    if (!content.touched.empty()) {
      only = std::move(content.touched.front());
    }
    if (only.action.empty()) {
      only.action = content.action;
    }
    events.push_back(object_event(facts, end, std::move(content.detail), std::move(only)));
    events.back().change.excerpt = std::move(content.excerpt);
    return events;
  }
  // The request itself first: its per-object entries follow it in the ledger.
  kestra::Touched request;
  request.action = content.action;
  Event whole = object_event(facts, end, content.detail, std::move(request));
  whole.detail["bulk"] = true;
  if (content.count) {
    whole.detail["count"] = *content.count;
  }
  whole.change.excerpt = std::move(content.excerpt);
  events.push_back(std::move(whole));
  for (kestra::Touched& touched : content.touched) {
    events.push_back(object_event(facts, end, Json::object(), std::move(touched)));
  }
  return events;
}

}  // namespace daybook::capture
