// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "flow_yaml.h"
#include "model.h"

namespace daybook::demo {
namespace {

constexpr std::size_t kFlowsMax = 2'000;
constexpr std::size_t kRevisionsMax = 500;

bool is_id(std::string_view id) {
  return !id.empty() && std::isalnum(static_cast<unsigned char>(id.front())) != 0 &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' ||
                  c == '-';
         });
}

bool is_json(const Call& call) {
  return call.content_type.empty() || call.content_type.starts_with("application/json");
}

// What Kestra finds wrong with a flow, path and message each.
std::vector<std::pair<std::string, std::string>> faults_of(const Json& flow) {
  std::vector<std::pair<std::string, std::string>> faults;
  if (!is_id(flow.value("id", ""))) {
    faults.emplace_back("id", "must match \"^[a-zA-Z0-9][a-zA-Z0-9._-]*\"");
  }
  if (!is_id(flow.value("namespace", ""))) {
    faults.emplace_back("namespace", "must match \"^[a-z0-9][a-z0-9._-]*\"");
  }
  const auto tasks = flow.find("tasks");
  if (tasks == flow.end() || !tasks->is_array() || tasks->empty()) {
    faults.emplace_back("tasks", "must not be empty");
  }
  return faults;
}

// For validate, which also knows that task types are class names.
std::string first_fault(const Json& flow) {
  const auto faults = faults_of(flow);
  if (!faults.empty()) {
    return faults.front().first + ": " + faults.front().second;
  }
  for (const auto& task : flow["tasks"]) {
    const std::string type = task.value("type", "");
    if (type.find('.') == std::string::npos) {
      return "Invalid type: " + type;
    }
  }
  return {};
}

Answer refuse_faults(const Call& call,
                     const std::vector<std::pair<std::string, std::string>>& faults) {
  std::string message = "Invalid entity: ";
  for (const auto& [path, text] : faults) {
    message += path + ": " + text + "\n";
  }
  return refuse(call, 422, "Invalid entity", message, faults);
}

}  // namespace

Answer Model::flows(const Call& call) {
  const std::string_view word = call.segment(1);
  const FlowKey key{std::string(word), std::string(call.segment(2))};
  if (call.size() == 1) {
    return call.is("POST") ? create_flow(call) : not_found(call);
  }
  if (word == "search" && call.is("GET")) {
    return search_flows(call);
  }
  if (word == "validate" && call.is("POST")) {
    return validate_flows(call);
  }
  if (word == "distinct-namespaces") {
    return ok(namespace_names());
  }
  if (word == "bulk" && call.is("POST")) {
    return bulk_flows(call, "");
  }
  if (call.segment(2) == "by-ids") {
    return flows_by_ids(call);
  }
  if (call.segment(2) == "by-query") {
    return flows_by_query(call);
  }
  if (call.size() == 2) {
    return call.is("GET") ? flows_of_namespace(call) : bulk_flows(call, key.first);
  }
  if (call.segment(3) == "revisions") {
    return revisions_of(call, key);
  }
  if (call.size() == 4) {
    return call.is("PATCH") ? patch_task(call, key) : not_found(call);
  }
  if (call.is("PUT")) {
    return update_flow(call, key);
  }
  if (call.is("DELETE")) {
    return delete_flow(call, key);
  }
  return call.is("GET") ? read_flow(call, key) : not_found(call);
}

const Model::Flow* Model::live_flow(const FlowKey& key) const {
  const auto at = flows_.find(key);
  return at == flows_.end() || at->second.last().deleted ? nullptr : &at->second;
}

Json Model::flow_json(const FlowKey& key, unsigned revision, bool with_source) const {
  const Revision& r = flows_.at(key).revisions.at(revision - 1);
  Json out = flow_view(r.parsed, revision, r.disabled, r.deleted);
  if (with_source) {
    out["source"] = r.source;
  }
  return out;
}

void Model::put_revision(const FlowKey& key, Revision revision) {
  add_triggers(key, revision.parsed);
  auto& revisions = flows_[key].revisions;
  if (revisions.size() < kRevisionsMax) {
    revisions.push_back(std::move(revision));
  }
}

void Model::add_triggers(const FlowKey& key, const Json& parsed) {
  if (!parsed.contains("triggers")) {
    return;
  }
  for (const auto& trigger : parsed["triggers"]) {
    const std::string id = trigger.value("id", "");
    const std::string name = key.first + "/" + key.second + "/" + id;
    if (trigger.value("type", "").ends_with(".Schedule") && !triggers_.contains(name)) {
      triggers_[name] = {{"namespace", key.first},
                         {"flowId", key.second},
                         {"triggerId", id},
                         {"date", now_text()},
                         {"nextExecutionDate", format_time(clock_.now() + 3'600'000)},
                         {"disabled", false}};
    }
  }
}

// Body of a create or update as a flow; a refusal if it is none.
static std::pair<std::optional<Json>, Answer> read_flow_body(const Call& call, bool json) {
  std::optional<Json> parsed;
  if (json) {
    parsed = parse_json(call.body);
  } else if (auto yaml = yaml_to_json(call.body)) {
    parsed = *std::move(yaml);
  }
  if (!parsed || !parsed->is_object() || (parsed->contains("id") && !(*parsed)["id"].is_string())) {
    return {std::nullopt, refuse(call, 422, "Invalid entity", "Invalid entity: Illegal flow yaml",
                                 {{"yaml", "Cannot deserialize the flow"}})};
  }
  const auto faults = faults_of(*parsed);
  if (!faults.empty()) {
    return {std::nullopt, refuse_faults(call, faults)};
  }
  return {std::move(parsed), {}};
}

Answer Model::create_flow(const Call& call) {
  const bool json = is_json(call);
  if (call.body.empty()) {
    return refuse(call, 422, "Invalid route params",
                  "Invalid route params: Required Body [flow] not specified",
                  {{"flow", "Required Body [flow] not specified"}});
  }
  auto [parsed, refusal] = read_flow_body(call, json);
  if (!parsed) {
    return refusal;
  }
  const FlowKey key{(*parsed)["namespace"], (*parsed)["id"]};
  if (live_flow(key) != nullptr) {
    return invalid_entity(call, "flow.id", "Flow id already exists");
  }
  if (flows_.size() >= kFlowsMax) {
    return illegal_state(call, "the stand-in is full");
  }
  const bool disabled = parsed->value("disabled", false);
  put_revision(key, {*parsed, json ? json_to_yaml(*parsed) : call.body, json, disabled, false});
  const auto revision = static_cast<unsigned>(flows_[key].revisions.size());
  return ok(flow_json(key, revision, !json));
}

Answer Model::update_flow(const Call& call, const FlowKey& key) {
  const Flow* flow = live_flow(key);
  if (flow == nullptr) {
    return not_found(call);
  }
  const bool json = is_json(call);
  auto [parsed, refusal] = read_flow_body(call, json);
  if (!parsed) {
    return refusal;
  }
  if ((*parsed)["id"] != key.second) {
    return invalid_entity(call, "flow.id", "Illegal flow id update");
  }
  if ((*parsed)["namespace"] != key.first) {
    return invalid_entity(call, "flow.namespace", "Illegal namespace update");
  }
  std::string source = json ? json_to_yaml(*parsed) : call.body;
  if (source != flow->last().source) {
    const bool disabled = parsed->value("disabled", false);
    put_revision(key, {*parsed, std::move(source), json, disabled, false});
  }
  const auto revision = static_cast<unsigned>(flows_[key].revisions.size());
  return ok(flow_json(key, revision, !json));
}

Answer Model::patch_task(const Call& call, const FlowKey& key) {
  const Flow* flow = live_flow(key);
  const auto task = parse_json(call.body);
  if (flow == nullptr || !task) {
    return flow == nullptr ? not_found(call) : illegal_argument(call, "Invalid task");
  }
  Revision next = flow->last();
  for (auto& old : next.parsed["tasks"]) {
    if (old.value("id", "") == call.segment(3)) {
      old = *task;
      next.source = json_to_yaml(next.parsed);
      put_revision(key, std::move(next));
      return ok(flow_json(key, static_cast<unsigned>(flows_[key].revisions.size()), false));
    }
  }
  return not_found(call);
}

Answer Model::read_flow(const Call& call, const FlowKey& key) {
  const auto at = flows_.find(key);
  const std::string revision = call.parameter("revision");
  const bool deleted_too = call.parameter("allowDeleted") == "true" || !revision.empty();
  if (at == flows_.end() || (at->second.last().deleted && !deleted_too)) {
    return not_found(call);
  }
  const std::size_t last = at->second.revisions.size();
  std::size_t wanted = last;
  if (!revision.empty()) {
    wanted = static_cast<std::size_t>(std::strtoul(revision.c_str(), nullptr, 10));
  }
  if (wanted == 0 || wanted > last) {
    return not_found(call);
  }
  return ok(flow_json(key, static_cast<unsigned>(wanted), call.parameter("source") == "true"));
}

Answer Model::delete_flow(const Call& call, const FlowKey& key) {
  return switch_flow(key, "delete") ? empty(204) : not_found(call);
}

bool Model::switch_flow(const FlowKey& key, std::string_view verb) {
  const Flow* flow = live_flow(key);
  if (flow == nullptr) {
    return false;
  }
  Revision next = flow->last();
  if (verb == "delete") {
    next.deleted = true;
  } else {
    next.disabled = verb == "disable";
    if (next.disabled == flow->last().disabled) {
      return true;
    }
  }
  put_revision(key, std::move(next));
  return true;
}

Answer Model::revisions_of(const Call& call, const FlowKey& key) {
  const auto at = flows_.find(key);
  if (at == flows_.end()) {
    return not_found(call);
  }
  Json list = Json::array();
  for (unsigned r = 1; r <= at->second.revisions.size(); ++r) {
    list.push_back(flow_json(key, r, true));
  }
  return ok(list);
}

std::vector<Model::FlowKey> Model::matching_flows(const Call& call) const {
  const std::string q = call.parameter("q");
  std::string space = call.parameter("namespace");
  if (space.empty()) {
    space = call.parameter("filters[namespace][PREFIX]");
  }
  std::vector<FlowKey> keys;
  for (const auto& [key, flow] : flows_) {
    const bool match = !flow.last().deleted && (space.empty() || key.first.starts_with(space)) &&
                       (q.empty() || key.second.find(q) != std::string::npos ||
                        key.first.find(q) != std::string::npos);
    if (match) {
      keys.push_back(key);
    }
  }
  return keys;
}

Answer Model::search_flows(const Call& call) {
  std::vector<Json> found;
  for (const FlowKey& key : matching_flows(call)) {
    found.push_back(flow_json(key, static_cast<unsigned>(flows_[key].revisions.size()), false));
  }
  return ok(page_of(call, found));
}

Answer Model::flows_of_namespace(const Call& call) {
  Json list = Json::array();
  for (const auto& [key, flow] : flows_) {
    if (key.first == call.segment(1) && !flow.last().deleted) {
      list.push_back(flow_json(key, static_cast<unsigned>(flow.revisions.size()), false));
    }
  }
  return ok(list);
}

Answer Model::bulk_flows(const Call& call, const std::string& space) {
  std::set<FlowKey> given;
  std::vector<std::pair<Json, std::string>> flows;
  for (const std::string& source : split_documents(call.body)) {
    auto parsed = yaml_to_json(source);
    if (!parsed || !parsed->is_object() || !faults_of(*parsed).empty()) {
      return refuse(call, 422, "Invalid entity", "Invalid entity: Illegal flow yaml",
                    {{"yaml", "Cannot deserialize the flow"}});
    }
    given.insert(FlowKey((*parsed)["namespace"], (*parsed)["id"]));
    flows.emplace_back(*std::move(parsed), source);
  }
  Json list = Json::array();
  const bool removes = !space.empty() && call.parameter("delete") == "true";
  for (const auto& [key, flow] : flows_) {
    if (removes && key.first == space && !flow.last().deleted && !given.contains(key)) {
      list.push_back(flow_json(key, static_cast<unsigned>(flow.revisions.size()), true));
    }
  }
  for (const auto& gone : list) {
    switch_flow({gone["namespace"], gone["id"]}, "delete");
  }
  for (auto& [parsed, source] : flows) {
    const FlowKey key{parsed["namespace"], parsed["id"]};
    const Flow* old = live_flow(key);
    if (old == nullptr || old->last().source != source) {
      put_revision(key, {parsed, source, false, parsed.value("disabled", false), false});
    }
    list.push_back(flow_json(key, static_cast<unsigned>(flows_[key].revisions.size()), true));
  }
  return ok(list);
}

Answer Model::flows_by_ids(const Call& call) {
  const auto ids = parse_json(call.body);
  if (!ids || !ids->is_array()) {
    return refuse(call, 422, "Invalid json mapping", "Invalid json mapping");
  }
  unsigned count = 0;
  for (const auto& id : *ids) {
    const bool changed =
        switch_flow({id.value("namespace", ""), id.value("id", "")}, call.segment(1));
    count += changed ? 1U : 0U;
  }
  return ok({{"count", count}});
}

Answer Model::flows_by_query(const Call& call) {
  unsigned count = 0;
  for (const FlowKey& key : matching_flows(call)) {
    count += switch_flow(key, call.segment(1)) ? 1U : 0U;
  }
  return ok({{"count", count}});
}

Answer Model::validate_flows(const Call& call) {
  if (!is_json(call) && !call.content_type.starts_with("application/x-yaml")) {
    return refuse(call, 415, "Unsupported Media Type",
                  "Unsupported Media Type: Content Type [" + call.content_type +
                      "] not allowed. Allowed types: [application/json, application/x-yaml]");
  }
  Json list = Json::array();
  for (const std::string& source : split_documents(call.body)) {
    auto parsed = yaml_to_json(source);
    const std::size_t index = list.size();
    const std::string fault = parsed && parsed->is_object() ? first_fault(*parsed) : "Illegal flow";
    if (!fault.empty()) {
      list.push_back({{"index", index}, {"constraints", fault}, {"outdated", false}});
      continue;
    }
    list.push_back({{"flow", (*parsed)["id"]},
                    {"namespace", (*parsed)["namespace"]},
                    {"index", index},
                    {"outdated", false},
                    {"deprecationPaths", Json::array()},
                    {"warnings", Json::array()},
                    {"infos", Json::array()}});
  }
  return ok(list);
}

}  // namespace daybook::demo
