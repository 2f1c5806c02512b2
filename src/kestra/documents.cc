// SPDX-License-Identifier: Apache-2.0
#include "documents.h"

#include <utility>

#include "redact.h"
#include "text.h"

namespace daybook::kestra {

namespace {

Json pick(const Json& from, std::initializer_list<const char*> names) {
  Json out = Json::object();
  if (!from.is_object()) return out;
  for (const char* name : names) {
    if (const auto found = from.find(name); found != from.end() && !found->is_null()) {
      out[name] = *found;
    }
  }
  return out;
}

// Inputs may be secrets: their names are kept, their values are not.
Json hidden_values(const Json& inputs) {
  if (!inputs.is_object()) return std::string(kHidden);
  Json out = Json::object();
  for (const auto& [name, value] : inputs.items()) {
    out[name] = value.is_null() ? Json(nullptr) : Json(kHidden);
  }
  return out;
}

// An execution without what its tasks and callers put into it: outputs, variables, values, headers.
Json execution(const Json& whole) {
  Json out =
      pick(whole, {"id", "namespace", "flowId", "flowRevision", "labels", "state", "parentId",
                   "originalId", "scheduleDate", "kind", "breakpoints", "deleted"});
  if (const auto inputs = whole.find("inputs"); inputs != whole.end() && !inputs->is_null()) {
    out["inputs"] = hidden_values(*inputs);
  }
  if (const auto trigger = whole.find("trigger"); trigger != whole.end()) {
    Json kept = pick(*trigger, {"id", "type"});
    if (!kept.empty()) out["trigger"] = std::move(kept);
  }
  const auto runs = whole.find("taskRunList");
  if (runs == whole.end() || !runs->is_array()) return out;
  Json list = Json::array();
  for (const auto& run : *runs) {
    Json kept = pick(run, {"id", "taskId", "parentTaskRunId"});
    if (const auto state = run.find("state"); state != run.end() && state->is_object()) {
      kept["state"] = state->value("current", Json(nullptr));
    }
    list.push_back(std::move(kept));
  }
  if (!list.empty()) out["taskRunList"] = std::move(list);
  return out;
}

Json shaped(Doc doc, const Json& whole) {
  switch (doc) {
    case Doc::execution:
      return whole.is_object() ? execution(whole) : Json(nullptr);
    case Doc::file:
      return pick(whole, {"path", "type", "size"});
    case Doc::none:
      return nullptr;
    case Doc::object:
    case Doc::flow:
    case Doc::trigger:
    case Doc::kv:
    case Doc::template_:
      break;
  }
  return whole.is_structured() ? whole : Json(nullptr);
}

// A value is never stored, only that there is one and whether it changed.
Documents key_value(const Json& before, const Json& after) {
  Documents out;
  const auto show = [](std::string_view value) { return Json{{"value", value}}; };
  const bool both = before.is_object() && after.is_object();
  const bool differ =
      both && before.value("value", Json(nullptr)) != after.value("value", Json(nullptr));
  if (both && !differ) {
    out.unchanged = true;
    return out;
  }
  out.secret_changed = differ;
  if (before.is_object()) out.before = show(kHidden);
  if (after.is_object()) out.after = show(differ ? kHiddenChanged : kHidden);
  return out;
}

// Kestra gives a new revision for every change of a flow.
bool same_revision(const Json& before, const Json& after) {
  const auto one = before.find("revision");
  const auto other = after.find("revision");
  return one != before.end() && other != after.end() && one->is_number_integer() && *one == *other;
}

}  // namespace

Documents make_documents(Doc doc, const Json& before, const Json& after) {
  if (doc == Doc::kv) return key_value(before, after);
  Documents out;
  Json old = before.is_null() ? Json(nullptr) : shaped(doc, before);
  Json now = after.is_null() ? Json(nullptr) : shaped(doc, after);
  if (!old.is_null() && !now.is_null()) {
    // A flow that was sent as JSON comes back without the source that Kestra made of it.
    if (doc == Doc::flow && old.contains("source") && !now.contains("source")) {
      old.erase("source");
    }
    if (old == now || (doc == Doc::flow && same_revision(old, now))) {
      out.unchanged = true;
      return out;
    }
    out.secret_changed = redact_pair(old, now);
  } else {
    old = redact(std::move(old));
    now = redact(std::move(now));
  }
  if (!old.is_null()) out.before = std::move(old);
  if (!now.is_null()) out.after = std::move(now);
  return out;
}

}  // namespace daybook::kestra
