// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "flow_yaml.h"
#include "model.h"

namespace daybook::demo {
namespace {

constexpr std::array<std::string_view, 6> kTerminal = {"SUCCESS",   "FAILED",  "KILLED",
                                                       "CANCELLED", "WARNING", "SKIPPED"};

bool is_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// `key:value` as a label; system labels are Kestra's own.
std::optional<std::string> system_label_in(const Json& labels) {
  for (const auto& label : labels) {
    const std::string key = label.value("key", "");
    if (key.starts_with("system.")) {
      return key + "=" + label.value("value", "");
    }
  }
  return std::nullopt;
}

Json labels_in_query(const Call& call) {
  Json labels = Json::array();
  for (const std::string& text : call.parameters("labels")) {
    const auto colon = std::min(text.find(':'), text.size());
    labels.push_back(
        {{"key", text.substr(0, colon)}, {"value", text.substr(std::min(colon + 1, text.size()))}});
  }
  return labels;
}

// Later labels replace earlier ones of the same key, in place.
Json merge_labels(Json base, const Json& more) {
  for (const auto& label : more) {
    const auto same = std::find_if(base.begin(), base.end(), [&](const Json& old) {
      return old.value("key", "") == label.value("key", "");
    });
    if (same != base.end()) {
      *same = label;
    } else {
      base.push_back(label);
    }
  }
  return base;
}

Answer system_label_refusal(const Call& call, const std::string& label) {
  return illegal_argument(
      call, "System labels can only be set by Kestra itself, offending label: " + label);
}

}  // namespace

bool is_terminal(std::string_view state) {
  return std::find(kTerminal.begin(), kTerminal.end(), state) != kTerminal.end();
}

Answer Model::executions(const Call& call) {
  const std::string word(call.segment(1));
  if (call.size() == 1 || (word == "search" && call.size() == 2)) {
    return call.is("GET") ? search_executions(call) : not_found(call);
  }
  if (word == "webhook") {
    return webhook(call);
  }
  if (word == "trigger" && call.size() == 4) {
    return start_execution(call, {std::string(call.segment(2)), std::string(call.segment(3))});
  }
  if (call.segment(2) == "by-ids" || word == "by-ids") {
    return executions_by_ids(call, word == "by-ids" ? std::string_view("delete") : call.segment(1));
  }
  if (call.segment(2) == "by-query" || word == "by-query") {
    return executions_by_query(call,
                               word == "by-query" ? std::string_view("delete") : call.segment(1));
  }
  if (word == "namespaces" && call.size() == 2 && call.is("GET")) {
    return ok(namespace_names());
  }
  if (call.size() == 2) {
    return execution_verb(call, word, call.is("DELETE") ? "delete" : "get");
  }
  // `/executions/{id}/actions/{verb}` of later versions is `/executions/{id}/{verb}` here.
  const bool action = call.segment(2) == "actions" && call.size() == 4;
  if (call.size() > 3 && !action) {
    return not_found(call);
  }
  const std::string verb(call.segment(action ? 3 : 2));
  if (call.size() == 3 && call.is("POST") && flows_.contains({word, verb})) {
    return start_execution(call, {word, verb});
  }
  const Answer answer = execution_verb(call, word, verb);
  const bool start = answer.status == 404 && call.size() == 3 && call.is("POST") &&
                     word.find('.') != std::string::npos;
  return start ? not_found(call, "Requested Flow is not found.") : answer;
}

Answer Model::read_inputs(const Call& call, const Json& flow, Json& inputs) {
  const bool form = call.content_type.starts_with("multipart/form-data");
  if (!form && !call.content_type.empty()) {
    return refuse(call, 415, "Unsupported Media Type",
                  "Unsupported Media Type: Content Type [" + call.content_type +
                      "] not allowed. Allowed types: [multipart/form-data]");
  }
  const auto parts = parse_multipart(call.content_type, call.body);
  if (!flow.contains("inputs")) {
    return {};
  }
  for (const auto& input : flow["inputs"]) {
    const std::string id = input.value("id", "");
    const std::string type = input.value("type", "STRING");
    const auto part =
        std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.name == id; });
    if (part == parts.end()) {
      inputs[id] = input.contains("defaults") ? input["defaults"] : Json(nullptr);
      if (inputs[id].is_null() && input.value("required", true)) {
        return invalid_entity(call, id, "Invalid input for `" + id + "`, missing required input");
      }
    } else if (type == "INT" && !is_number(part->content)) {
      return invalid_entity(call, id,
                            "Invalid input for `" + id + "`, For input string: \"" + part->content +
                                "\", but received `" + part->content + "`");
    } else if (type == "INT") {
      inputs[id] = std::stoll(part->content);
    } else if (!part->file.empty()) {
      inputs[id] = "kestra:///" + call.segments[1] + "/inputs/" + id + "/" + part->file;
    } else {
      inputs[id] = part->content;
    }
  }
  return {};
}

Answer Model::start_execution(const Call& call, const FlowKey& key) {
  const Flow* flow = live_flow(key);
  if (flow == nullptr) {
    return not_found(call, "Requested Flow is not found.");
  }
  if (flow->last().disabled) {
    return illegal_state(call, "Requested Flow is disabled.");
  }
  const Json labels = labels_in_query(call);
  if (const auto label = system_label_in(labels)) {
    return system_label_refusal(call, *label);
  }
  const auto revision = static_cast<unsigned>(flow->revisions.size());
  const Json view = flow_json(key, revision, false);
  Json inputs = Json::object();
  Answer refusal = read_inputs(call, view, inputs);
  if (refusal.status >= 400) {
    return refusal;
  }
  Json body = Json::object();
  if (!inputs.empty()) {
    body["inputs"] = std::move(inputs);
  }
  body["labels"] = merge_labels(view.value("labels", Json::array()), labels);
  Execution& execution = add_execution(key, std::move(body));
  const std::string schedule = call.parameter("scheduleDate");
  if (const auto at = parse_time(schedule); at && *at > clock_.now()) {
    execution.body["scheduleDate"] = schedule;
    execution.ends_at = *at + 1'000;
  }
  if (call.parameter("wait") == "true") {
    execution.ends_at = std::min(execution.ends_at, clock_.now());
    settle(execution);
  }
  Json out = execution_json(execution);
  out["url"] = "/ui/executions/" + key.first + "/" + key.second + "/" +
               execution.body["id"].get<std::string>();
  return ok(out);
}

Answer Model::webhook(const Call& call) {
  if (call.size() < 5) {
    return not_found(call);
  }
  const FlowKey key{std::string(call.segment(2)), std::string(call.segment(3))};
  const Flow* flow = live_flow(key);
  const Json none = Json::array();
  const Json triggers = flow == nullptr ? none : flow->last().parsed.value("triggers", none);
  const auto hook = std::find_if(triggers.begin(), triggers.end(), [&](const Json& trigger) {
    return trigger.value("type", "").ends_with(".Webhook") &&
           trigger.value("key", "") == call.segment(4);
  });
  if (hook == triggers.end()) {
    return not_found(call, "Webhook not found");
  }
  if (!call.content_type.empty() && !call.content_type.starts_with("application/json")) {
    return refuse(call, 415, "Unsupported Media Type",
                  "Unsupported Media Type: Content Type [" + call.content_type +
                      "] not allowed. Allowed types: [application/json]");
  }
  Json variables = Json::object();
  if (const auto body = parse_json(call.body)) {
    variables["body"] = *body;
  }
  variables["headers"] = Json::object();
  variables["parameters"] = Json::object();
  for (const auto& [name, value] : call.query) {
    variables["parameters"][name].push_back(value);
  }
  Json body = {
      {"trigger", {{"id", (*hook)["id"]}, {"type", (*hook)["type"]}, {"variables", variables}}}};
  return ok(execution_json(add_execution(key, std::move(body))));
}

std::vector<Model::Execution*> Model::matching_executions(const Call& call) {
  const std::string space = call.parameter("namespace");
  const std::string flow = call.parameter("flowId");
  const auto states = call.parameters("state");
  const Json labels = labels_in_query(call);
  std::vector<Execution*> found;
  for (auto id = execution_order_.rbegin(); id != execution_order_.rend(); ++id) {
    Execution* execution = find_execution(*id);
    if (execution == nullptr) {
      continue;
    }
    const Json& body = execution->body;
    bool match = body.value("namespace", "").starts_with(space) &&
                 (flow.empty() || body.value("flowId", "") == flow);
    match = match && (states.empty() || std::find(states.begin(), states.end(),
                                                  execution->steps.back().state) != states.end());
    const Json have = body.value("labels", Json::array());
    for (const auto& label : labels) {
      match = match && std::find(have.begin(), have.end(), label) != have.end();
    }
    if (match) {
      found.push_back(execution);
    }
  }
  return found;
}

Answer Model::search_executions(const Call& call) {
  if (call.parameter("page") == "0") {
    return invalid_entity(call, "page", "must be greater than or equal to 1");
  }
  if (!call.parameter("timeRange").empty() && !call.parameter("startDate").empty()) {
    return illegal_argument(call, "Parameters 'startDate' and 'timeRange' are mutually exclusive");
  }
  std::vector<Json> found;
  for (const Execution* execution : matching_executions(call)) {
    found.push_back(execution_json(*execution));
  }
  return ok(page_of(call, found));
}

Answer Model::execution_verb(const Call& call, const std::string& id, std::string_view verb) {
  if (verb == "follow" && call.is("GET")) {
    Answer answer;
    answer.follow_execution = id;
    return answer;
  }
  Execution* execution = find_execution(id);
  if (execution == nullptr) {
    return not_found(call);
  }
  if (verb == "get" && call.is("GET")) {
    return ok(execution_json(*execution));
  }
  if (verb == "flow" && call.is("GET")) {
    const FlowKey key{execution->body["namespace"], execution->body["flowId"]};
    return ok(flow_json(key, execution->body["flowRevision"], false));
  }
  if (verb == "delete" && call.is("DELETE")) {
    executions_.erase(id);
    std::erase(execution_order_, id);
    logs_.erase(id);
    return empty(204);
  }
  if (verb == "labels" && call.is("POST")) {
    return set_labels(call, *execution);
  }
  if (verb == "change-status" && call.is("POST")) {
    return change_status(call, *execution);
  }
  if ((verb == "replay" || verb == "restart") && call.is("POST")) {
    return restart(call, *execution, verb == "replay" || !call.parameter("revision").empty());
  }
  if (verb == "state" && call.is("POST")) {
    move_to(*execution, "RESTARTED", clock_.now());
    return ok(execution_json(*execution));
  }
  const bool acts = (verb == "kill" && call.is("DELETE")) ||
                    ((verb == "pause" || verb == "resume" || verb == "unqueue" ||
                      verb == "force-run" || verb == "kill") &&
                     call.is("POST"));
  if (!acts) {
    return not_found(call);
  }
  if (verb == "resume" && execution->steps.back().state != "PAUSED") {
    return illegal_state(call, "Execution '" + id + "' is not paused, can't resume it");
  }
  if (verb == "pause" && execution->steps.back().state != "RUNNING") {
    return illegal_argument(call, "The execution is not running");
  }
  apply(verb, *execution, call);
  if (verb == "kill") {
    return empty(202);
  }
  return verb == "resume" || verb == "pause" ? empty(204) : ok(execution_json(*execution));
}

Answer Model::set_labels(const Call& call, Execution& execution) {
  const auto labels = parse_json(call.body);
  if (!labels || !labels->is_array()) {
    return refuse(call, 422, "Invalid json mapping", "Invalid json mapping");
  }
  if (const auto label = system_label_in(*labels)) {
    return system_label_refusal(call, *label);
  }
  apply("labels", execution, call);
  return ok(execution_json(execution));
}

Answer Model::change_status(const Call& call, Execution& execution) {
  const std::string status = call.parameter("status");
  if (!is_terminal(status)) {
    return illegal_argument(call,
                            "You can only change the status of an execution to a terminal state.");
  }
  move_to(execution, status, clock_.now());
  return ok(execution_json(execution));
}

Answer Model::restart(const Call& call, Execution& execution, bool as_new) {
  const bool replay = call.segment(call.size() - 1) == "replay";
  if (!replay && !is_terminal(execution.steps.back().state)) {
    return illegal_state(call, "Execution must be terminated to be restarted");
  }
  if (!as_new) {
    apply("restart", execution, call);
    return ok(execution_json(execution));
  }
  const Json old = execution.body;
  const FlowKey key{old["namespace"], old["flowId"]};
  Json body = Json::object();
  for (const char* part : {"inputs", "labels"}) {
    if (old.contains(part)) {
      body[part] = old[part];
    }
  }
  Execution& fresh = add_execution(key, std::move(body));
  fresh.body["flowRevision"] = old["flowRevision"];
  fresh.body["parentId"] = old["id"];
  fresh.body["originalId"] = old["originalId"];
  fresh.body["metadata"]["attemptNumber"] = old["metadata"]["attemptNumber"].get<int>() + 1;
  if (!replay) {
    move_to(fresh, "RESTARTED", clock_.now());
  }
  return ok(execution_json(fresh));
}

}  // namespace daybook::demo
