// SPDX-License-Identifier: Apache-2.0
// How executions come to be, run by the clock alone, and take bulk verbs.
#include <fmt/format.h>

#include <algorithm>

#include "model.h"

namespace daybook::demo {
namespace {

constexpr std::size_t kExecutionsMax = 5'000;
constexpr UnixMillis kStartDelay = 120;  // From CREATED to RUNNING, ms.
constexpr UnixMillis kRunTime = 700;     // From RUNNING to the end, ms.

std::string iso_duration(UnixMillis ms) {
  return fmt::format("PT{}S", static_cast<double>(ms) / 1000);
}

// The state a flow runs to, told by its tasks.
std::string goal_of(const Json& tasks) {
  std::string goal = "SUCCESS";
  for (const auto& task : tasks) {
    const std::string type = task.value("type", "");
    if (type.ends_with(".Fail")) {
      return "FAILED";
    }
    if (type.ends_with(".Pause")) {
      return "PAUSED";
    }
  }
  return goal;
}

Json state_json(const std::vector<std::pair<std::string, UnixMillis>>& steps, UnixMillis now) {
  Json histories = Json::array();
  for (const auto& [state, at] : steps) {
    histories.push_back({{"state", state}, {"date", format_time(at)}});
  }
  const bool ended = is_terminal(steps.back().first);
  const UnixMillis until = ended ? steps.back().second : now;
  Json out = {{"current", steps.back().first}, {"histories", std::move(histories)}};
  out["duration"] = iso_duration(until - steps.front().second);
  out["startDate"] = format_time(steps.front().second);
  if (ended) {
    out["endDate"] = format_time(until);
  }
  return out;
}

}  // namespace

Model::Execution& Model::add_execution(const FlowKey& key, Json extra) {
  if (execution_order_.size() >= kExecutionsMax) {
    executions_.erase(execution_order_.front());
    logs_.erase(execution_order_.front());
    execution_order_.pop_front();
  }
  const std::string id = new_id();
  const UnixMillis now = clock_.now();
  const Flow& flow = flows_.at(key);
  Execution execution;
  execution.body = {{"id", id}, {"namespace", key.first}, {"flowId", key.second}};
  execution.body["flowRevision"] = flow.revisions.size();
  if (extra.contains("inputs")) {
    execution.body["inputs"] = extra["inputs"];
  }
  if (extra.contains("labels")) {
    extra["labels"].push_back({{"key", "system.correlationId"}, {"value", id}});
    execution.body["labels"] = extra["labels"];
  }
  execution.body["originalId"] = id;
  if (extra.contains("trigger")) {
    execution.body["trigger"] = extra["trigger"];
  }
  execution.body["deleted"] = false;
  execution.body["metadata"] = {{"attemptNumber", 1}, {"originalCreatedDate", format_time(now)}};
  execution.steps = {{"CREATED", now}};
  execution.goal = goal_of(flow.last().parsed.value("tasks", Json::array()));
  execution.ends_at = now + kStartDelay + kRunTime;
  execution_order_.push_back(id);
  return executions_[id] = std::move(execution);
}

Model::Execution* Model::find_execution(const std::string& id) {
  const auto at = executions_.find(id);
  if (at == executions_.end()) {
    return nullptr;
  }
  settle(at->second);
  return &at->second;
}

// Brings an execution to where it would be by now.
void Model::settle(Execution& execution) {
  const UnixMillis now = clock_.now();
  const std::string& state = execution.steps.back().state;
  if (is_terminal(state) || state == "PAUSED") {
    return;
  }
  const UnixMillis ran_from = execution.steps.back().at;
  const bool starts = state == "CREATED" || state == "RESTARTED" || state == "QUEUED";
  const UnixMillis run_at = std::min(execution.ends_at, ran_from + kStartDelay);
  const bool scheduled = execution.body.contains("scheduleDate");
  if (starts && now >= run_at && (!scheduled || now >= execution.ends_at)) {
    execution.steps.push_back({"RUNNING", run_at});
  }
  if (execution.steps.back().state == "RUNNING" && now >= execution.ends_at) {
    write_runs(execution, execution.steps.back().at, execution.ends_at);
    execution.steps.push_back({execution.goal, execution.ends_at});
  }
}

// Task runs and log lines of one run.
void Model::write_runs(Execution& execution, UnixMillis from, UnixMillis to) {
  const FlowKey key{execution.body["namespace"], execution.body["flowId"]};
  const auto flow = flows_.find(key);
  if (flow == flows_.end()) {
    return;
  }
  const std::string id = execution.body["id"];
  Json runs = Json::array();
  for (const auto& task : flow->second.last().parsed.value("tasks", Json::array())) {
    const std::string type = task.value("type", "");
    const bool failed = type.ends_with(".Fail");
    const std::string result = failed ? "FAILED" : type.ends_with(".Pause") ? "PAUSED" : "SUCCESS";
    const Json state = state_json({{"CREATED", from}, {"RUNNING", from}, {result, to}}, to);
    Json run = {{"id", new_id()},
                {"executionId", id},
                {"namespace", key.first},
                {"flowId", key.second},
                {"taskId", task.value("id", "")}};
    run["attempts"] = Json::array({{{"state", state}}});
    run["outputs"] = Json::object();
    run["state"] = state;
    logs_[id].push_back({{"namespace", key.first},
                         {"flowId", key.second},
                         {"taskId", task.value("id", "")},
                         {"executionId", id},
                         {"taskRunId", run["id"]},
                         {"attemptNumber", 0},
                         {"timestamp", format_time(to)},
                         {"level", failed ? "ERROR" : "INFO"},
                         {"thread", "worker_1"},
                         {"message", failed ? "Task failure" : "Task ended"},
                         {"deleted", false}});
    runs.push_back(std::move(run));
    if (failed || result == "PAUSED") {
      break;
    }
  }
  execution.body["taskRunList"] = std::move(runs);
}

void Model::move_to(Execution& execution, std::string state, UnixMillis at) {
  execution.steps.push_back({std::move(state), at});
  execution.ends_at = at + kStartDelay + kRunTime;
}

Json Model::execution_json(const Execution& execution) const {
  std::vector<std::pair<std::string, UnixMillis>> steps;
  for (const Step& step : execution.steps) {
    steps.emplace_back(step.state, step.at);
  }
  const Json& body = execution.body;
  Json out = Json::object();
  for (const char* part :
       {"id", "namespace", "flowId", "flowRevision", "taskRunList", "inputs", "labels"}) {
    if (body.contains(part)) {
      out[part] = body[part];
    }
  }
  out["state"] = state_json(steps, clock_.now());
  for (const char* part :
       {"parentId", "originalId", "trigger", "deleted", "metadata", "scheduleDate"}) {
    if (body.contains(part)) {
      out[part] = body[part];
    }
  }
  return out;
}

// Does the verb on one execution; callers have checked that it may be done.
void Model::apply(std::string_view verb, Execution& execution, const Call& call) {
  const UnixMillis now = clock_.now();
  if (verb == "kill") {
    if (!is_terminal(execution.steps.back().state)) {
      move_to(execution, "KILLING", now);
      move_to(execution, "KILLED", now);
    }
  } else if (verb == "pause") {
    move_to(execution, "PAUSED", now);
  } else if (verb == "resume") {
    execution.goal = "SUCCESS";
    move_to(execution, "RESTARTED", now);
  } else if (verb == "unqueue" || verb == "force-run") {
    move_to(execution, "RUNNING", now);
  } else if (verb == "restart") {
    auto& metadata = execution.body["metadata"];
    metadata["attemptNumber"] = metadata["attemptNumber"].get<int>() + 1;
    move_to(execution, "RESTARTED", now);
  } else if (verb == "change-status") {
    move_to(execution, call.parameter("newStatus"), now);
  } else if (verb == "labels") {
    auto given = parse_json(call.body).value_or(Json::array());
    if (given.is_object()) {
      given = given.value("executionLabels", Json::array());
    }
    Json& labels = execution.body["labels"];
    for (const auto& label : given) {
      std::erase_if(labels.get_ref<Json::array_t&>(), [&](const Json& old) {
        return old.value("key", "") == label.value("key", "");
      });
      labels.push_back(label);
    }
  }
}

// Why a bulk verb cannot be done on an execution; empty if it can.
std::string Model::why_not(std::string_view verb, const Execution* execution) {
  if (execution == nullptr) {
    return "execution not found";
  }
  const std::string& state = execution->steps.back().state;
  if (verb == "kill" && is_terminal(state)) {
    return "execution already finished";
  }
  if (verb == "restart" && state != "FAILED") {
    return "execution not in state FAILED";
  }
  if (verb == "pause" && state != "RUNNING") {
    return "execution not in state RUNNING";
  }
  if (verb == "resume" && state != "PAUSED") {
    return "execution not in state PAUSED";
  }
  return {};
}

Answer Model::executions_by_ids(const Call& call, std::string_view verb) {
  Json ids = parse_json(call.body).value_or(Json());
  if (ids.is_object()) {
    ids = ids.value("executionsId", Json());
  }
  if (!ids.is_array()) {
    return refuse(call, 422, "Invalid json mapping", "Invalid json mapping");
  }
  return bulk(call, verb, ids.get<std::vector<std::string>>());
}

Answer Model::executions_by_query(const Call& call, std::string_view verb) {
  std::vector<std::string> ids;
  for (const Execution* execution : matching_executions(call)) {
    ids.push_back(execution->body["id"]);
  }
  return bulk(call, verb, ids);
}

// All or nothing.
Answer Model::bulk(const Call& call, std::string_view verb, const std::vector<std::string>& ids) {
  Json invalids = Json::array();
  for (const std::string& id : ids) {
    const std::string reason = why_not(verb, find_execution(id));
    if (reason.empty()) {
      continue;
    }
    const Json path = {{"name", "execution"}, {"kind", "PROPERTY"}, {"inIterable", false}};
    invalids.push_back({{"message", reason},
                        {"rootBean", id},
                        {"rootBeanClass", "java.lang.String"},
                        {"leafBean", id},
                        {"propertyPath", Json::array({path})},
                        {"invalidValue", id},
                        {"messageTemplate", "{messageTemplate}"},
                        {"executableParameters", Json::array()}});
  }
  if (!invalids.empty()) {
    Answer answer = ok({{"message", "invalid bulk " + std::string(verb)}, {"invalids", invalids}});
    answer.status = 400;
    answer.reason = "Bad Request";
    return answer;
  }
  for (const std::string& id : ids) {
    Execution* execution = find_execution(id);
    if (execution == nullptr) {
      continue;  // Named twice, and gone by now.
    }
    if (verb == "delete") {
      executions_.erase(id);
      std::erase(execution_order_, id);
      logs_.erase(id);
    } else if (verb == "replay") {
      restart(call, *execution, true);
    } else {
      apply(verb, *execution, call);
    }
  }
  return ok({{"count", ids.size()}});
}

Model::Followed Model::follow(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const Execution* execution = find_execution(id);
  if (execution == nullptr) {
    return {};
  }
  return {execution_json(*execution), is_terminal(execution->steps.back().state)};
}

Json Model::logs_of(const std::string& id) {
  const std::lock_guard lock(mutex_);
  find_execution(id);
  const auto at = logs_.find(id);
  return at == logs_.end() ? Json::array() : Json(at->second);
}

}  // namespace daybook::demo
