// SPDX-License-Identifier: Apache-2.0
// Triggers, logs, configs, and where calls are sent.
#include "model.h"

namespace daybook::demo {
namespace {

std::string trigger_name(const Json& body) {
  return body.value("namespace", "") + "/" + body.value("flowId", "") + "/" +
         body.value("triggerId", "");
}

}  // namespace

Answer Model::answer(const Call& call) {
  const std::lock_guard lock(mutex_);
  try {
    return dispatch(call);
  } catch (const Json::exception&) {
    // A member of an unexpected type somewhere in a body.
    return refuse(call, 422, "Invalid json mapping", "Invalid json mapping");
  }
}

Answer Model::dispatch(const Call& call) {
  if (!call.api) {
    return others(call);
  }
  const std::string_view word = call.segment(0);
  if (word == "flows") {
    return flows(call);
  }
  if (word == "executions") {
    return executions(call);
  }
  if (word == "namespaces") {
    return namespaces(call);
  }
  if (word == "triggers") {
    return triggers(call);
  }
  return word == "logs" ? logs(call) : others(call);
}

Answer Model::triggers(const Call& call) {
  if (call.is("PUT") && call.size() == 1) {
    return update_trigger(call);
  }
  if (call.segment(1) == "backfill" && call.size() == 3) {
    return backfill(call);
  }
  if (call.segment(call.size() - 1) == "by-query") {
    return triggers_by_query(call);
  }
  if (call.segment(call.size() - 1) == "by-triggers") {
    return triggers_by_list(call);
  }
  if (call.is("GET") && (call.segment(1) == "search" || call.size() == 3)) {
    return search_triggers(call);
  }
  if (call.size() != 5 || !call.is("POST")) {
    return not_found(call);
  }
  const auto at =
      triggers_.find(call.segments[1] + "/" + call.segments[2] + "/" + call.segments[3]);
  if (at == triggers_.end()) {
    return not_found(call);
  }
  if (call.segment(4) == "unlock") {
    return illegal_state(call, "Trigger is not locked");
  }
  if (call.segment(4) != "restart") {
    return not_found(call);
  }
  at->second.erase("date");
  return ok(at->second);
}

Answer Model::update_trigger(const Call& call) {
  const auto body = parse_json(call.body);
  if (!body || !body->is_object()) {
    return refuse(call, 422, "Invalid json mapping", "Invalid json mapping");
  }
  const auto at = triggers_.find(trigger_name(*body));
  if (at == triggers_.end()) {
    return not_found(call, "Flow " + body->value("flowId", "") + " has no trigger " +
                               body->value("triggerId", ""));
  }
  Json& trigger = at->second;
  trigger["disabled"] = body->value("disabled", false);
  trigger.erase("nextExecutionDate");
  if (trigger["disabled"] == false) {
    trigger["nextExecutionDate"] = format_time(clock_.now() + 3'600'000);
  }
  if (body->contains("backfill")) {
    Json& backfill = trigger["backfill"] = (*body)["backfill"];
    backfill["currentDate"] = backfill.value("start", "");
    backfill["paused"] = false;
    backfill["previousNextExecutionDate"] = format_time(clock_.now() + 3'600'000);
  }
  return ok(trigger);
}

Answer Model::backfill(const Call& call) {
  const auto body = parse_json(call.body);
  const auto at = triggers_.find(trigger_name(body.value_or(Json::object())));
  if (at == triggers_.end()) {
    return not_found(call);
  }
  Json& trigger = at->second;
  if (!trigger.contains("backfill")) {
    return refuse(call, 400, "Bad Request", "Bad Request: No backfill found");
  }
  if (call.segment(2) == "delete") {
    trigger.erase("backfill");
  } else {
    trigger["backfill"]["paused"] = call.segment(2) == "pause";
  }
  return ok(trigger);
}

Answer Model::triggers_by_query(const Call& call) {
  unsigned count = 0;
  for (auto& [name, trigger] : triggers_) {
    if (!name.starts_with(call.parameter("namespace"))) {
      continue;
    }
    ++count;
    if (call.segment(1) == "set-disabled") {
      trigger["disabled"] = call.parameter("disabled") == "true";
    }
  }
  return ok({{"count", count}});
}

Answer Model::triggers_by_list(const Call& call) {
  const auto body = parse_json(call.body);
  if (!body) {
    return refuse(call, 422, "Invalid json mapping", "Invalid json mapping");
  }
  const Json list = body->is_object() ? body->value("triggers", Json::array()) : *body;
  const bool disabled = body->is_object() && body->value("disabled", false);
  unsigned count = 0;
  for (const auto& item : list) {
    const auto at = triggers_.find(trigger_name(item));
    if (at != triggers_.end()) {
      ++count;
      if (body->is_object() && body->contains("disabled")) {
        at->second["disabled"] = disabled;
      }
    }
  }
  return ok({{"count", count}});
}

Answer Model::search_triggers(const Call& call) {
  const bool of_flow = call.segment(1) != "search";
  const std::string prefix = of_flow ? call.segments[1] + "/" + call.segments[2] + "/" : "";
  const std::string space = call.parameter("namespace");
  std::vector<Json> found;
  for (const auto& [name, context] : triggers_) {
    if (!name.starts_with(of_flow ? prefix : space)) {
      continue;
    }
    if (of_flow) {
      found.push_back(context);
      continue;
    }
    const Flow* flow = live_flow({context.value("namespace", ""), context.value("flowId", "")});
    const Json none = Json::array();
    for (const auto& trigger :
         flow == nullptr ? none : flow->last().parsed.value("triggers", none)) {
      if (trigger.value("id", "") == context.value("triggerId", "")) {
        found.push_back({{"abstractTrigger", trigger}, {"triggerContext", context}});
      }
    }
  }
  return ok(page_of(call, found));
}

Answer Model::logs(const Call& call) {
  const std::string id(call.segment(1));
  if (call.is("GET") && id == "search") {
    std::vector<Json> found;
    for (const auto& [execution, lines] : logs_) {
      for (const Json& line : lines) {
        if (line.value("namespace", "").starts_with(call.parameter("namespace"))) {
          found.push_back(line);
        }
      }
    }
    return ok(page_of(call, found));
  }
  if (call.is("GET") && call.segment(2) == "follow") {
    Answer answer;
    answer.follow_execution = id;
    answer.follow_logs = true;
    return answer;
  }
  find_execution(id);
  const auto at = logs_.find(id);
  const Json lines = at == logs_.end() ? Json::array() : Json(at->second);
  if (call.is("DELETE")) {
    logs_.erase(id);
    return empty(200);
  }
  if (call.segment(2) == "download") {
    Answer answer;
    answer.content_type = "text/plain";
    for (const auto& line : lines) {
      answer.body += line.value("timestamp", "") + " " + line.value("level", "") + " " +
                     line.value("message", "") + "\n";
    }
    return answer;
  }
  return call.is("GET") && call.size() == 2 ? ok(lines) : not_found(call);
}

Answer Model::others(const Call& call) {
  const std::string_view word = call.segment(0);
  if (call.target == "/") {
    Answer answer = empty(307);
    answer.reason = "Temporary Redirect";
    return answer;
  }
  if (word == "ping" && call.size() == 1) {
    Answer answer;
    answer.content_type = "application/json";
    answer.body = "pong";
    return answer;
  }
  if (word == "configs" && !call.is("GET")) {
    return refuse(call, 405, "Method Not Allowed",
                  "Method Not Allowed: Method [" + call.method + "] not allowed for URI [" +
                      call.target + "]. Allowed methods: [HEAD, GET]");
  }
  if (word == "configs") {
    return ok({{"uuid", "2Pw2cg0DtSCZSDiNyGz62k"},
               {"version", "0.21.0-STANDIN"},
               {"isCustomDashboardsEnabled", false},
               {"isTaskRunEnabled", false},
               {"isAnonymousUsageEnabled", false},
               {"isTemplateEnabled", false},
               {"preview", {{"initial", 100}, {"max", 5000}}},
               {"isBasicAuthEnabled", false},
               {"systemNamespace", "system"},
               {"hiddenLabelsPrefixes", {"system.", "internal."}}});
  }
  if (word == "plugins" && call.size() == 1 && call.is("GET")) {
    const Json manifest = {{"X-Kestra-Title", "core"}, {"X-Kestra-Group", "io.kestra.plugin.core"}};
    return ok(Json::array({{{"name", "core"}, {"title", "core"}, {"manifest", manifest}}}));
  }
  return not_found(call);
}

}  // namespace daybook::demo
