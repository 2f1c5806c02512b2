// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include "documents.h"
#include "text.h"
#include "touched.h"
#include "uploads.h"
#include "values.h"

namespace daybook::kestra {

namespace {

using Key = std::pair<std::string, std::string>;  // Namespace and id.

std::string text_of(const Json& json, const std::string& name) {
  const Json value = member_of(&json, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

// Detail of one object of a bulk request, from the item that names it.
Json object_detail(const Rule& rule, const Json& item, Json detail) {
  Json id = item;
  if (item.is_object()) {
    for (const char* name : {"id", "uid", "triggerId", "executionId", "name", "externalId"}) {
      id = member_of(&item, name);
      if (id.is_string() || id.is_number_integer()) break;
    }
    for (const char* name : {"namespace", "flowId", "triggerId"}) {
      put_value(detail, name, member_of(&item, name));
    }
  }
  if (rule.resource == "TRIGGER" && item.is_object()) id = member_of(&item, "triggerId");
  put_value(detail, "id", id);
  if (rule.resource == "FLOW") put_value(detail, "flowId", id);
  if (rule.resource == "EXECUTION") put_value(detail, "executionId", id);
  if (rule.resource == "KVSTORE") put_value(detail, "key", id);
  return detail;
}

// What the path tells of every object.
Json base_detail(const Interpretation& out) {
  Json detail = out.detail;
  detail.erase("query");
  return detail;
}

const Json* listed(const Finished& finished) {
  const Json* body = finished.bodies.request();
  if (body == nullptr) return nullptr;
  if (finished.rule.ids.empty()) return body;
  const auto found = body->is_object() ? body->find(finished.rule.ids) : body->end();
  return found == body->end() ? nullptr : &*found;
}

void by_ids(const Finished& finished, Interpretation& out) {
  const Json* items = listed(finished);
  // An answer that names what was really touched is the better list.
  const Json* response = finished.bodies.response();
  if (finished.rule.resource == "KVSTORE" && response != nullptr && response->is_object()) {
    const auto keys = response->find("keys");
    if (keys != response->end() && keys->is_array()) {
      items = &*keys;
      out.count = static_cast<std::int64_t>(keys->size());
    }
  }
  if (items == nullptr || !items->is_array()) return;
  const Json base = base_detail(out);
  for (const auto& item : *items) {
    if (out.touched.size() >= kTouchedMax) break;
    Json detail = object_detail(finished.rule, item, base);
    if (!detail.contains("id")) continue;
    out.touched.push_back({std::move(detail), out.action, std::nullopt, std::nullopt});
  }
}

// Flows or templates as a listing shows them.
struct Listing {
  std::map<Key, Json> items;
  bool complete = false;  // What is not in it does not exist.

  explicit Listing(const Json* json, bool absent) {
    complete = absent;
    const Json* list = json;
    if (json != nullptr && json->is_object()) {
      const auto results = json->find("results");
      if (results == json->end()) return;
      list = &*results;
      const Json total = member_of(json, "total");
      complete = total.is_number_integer() && total <= list->size();
    } else if (json != nullptr && json->is_array()) {
      complete = true;
    }
    if (list == nullptr || !list->is_array()) return;
    for (const auto& item : *list) {
      if (!item.is_object() || member_of(&item, "deleted") == true) continue;
      items.emplace(Key(text_of(item, "namespace"), text_of(item, "id")), item);
    }
  }

  [[nodiscard]] const Json* find(const Key& key) const {
    const auto found = items.find(key);
    return found == items.end() ? nullptr : &found->second;
  }
};

// An object that was written, as the answer or the upload shows it.
void add_written(const Finished& finished, const Listing& before, const Key& key,
                 const Json& written, Interpretation& out) {
  if (out.touched.size() >= kTouchedMax) return;
  Touched touched;
  touched.detail = object_detail(finished.rule, {{"namespace", key.first}, {"id", key.second}},
                                 base_detail(out));
  const Json revision = member_of(&written, "revision");
  put_value(touched.detail, "revision", revision);
  const Json* was = before.find(key);
  if (was != nullptr) {
    touched.action = "UPDATE";
  } else if (before.complete) {
    touched.action = "CREATE";
  } else {
    touched.action = revision == 1 ? "CREATE" : "UPDATE";
  }
  const bool same =
      was != nullptr && revision.is_number_integer() && member_of(was, "revision") == revision;
  if (same) {
    touched.detail["unchanged"] = true;
  } else if (!finished.bodies.failed()) {
    touched.after = make_documents(finished.rule.doc, nullptr, written).after;
  }
  out.touched.push_back(std::move(touched));
}

void add_deleted(const Finished& finished, const Key& key, const Json& last, Interpretation& out) {
  if (out.touched.size() >= kTouchedMax) return;
  Touched touched;
  touched.action = "DELETE";
  touched.detail = object_detail(finished.rule, last, base_detail(out));
  put_value(touched.detail, "revision", member_of(&last, "revision"));
  touched.before = make_documents(finished.rule.doc, last, nullptr).before;
  static_cast<void>(key);
  out.touched.push_back(std::move(touched));
}

bool deletes_missing(const Finished& finished) {
  // Kestra's default is to delete what the body does not name.
  const auto value = raw_parameter(finished.request.query, "delete");
  if (value) return *value == "true";
  return finished.rule.name == "updateFlowsInNamespace";
}

void from_answer(const Finished& finished, const std::map<Key, Json>& sent, const Listing& before,
                 Interpretation& out) {
  const Json& answer = *finished.bodies.response();
  out.count = static_cast<std::int64_t>(answer.size());
  const bool deletes = deletes_missing(finished);
  for (const auto& item : answer) {
    const Key key(text_of(item, "namespace"), text_of(item, "id"));
    if (deletes && !sent.empty() && !sent.contains(key)) {
      add_deleted(finished, key, item, out);
    } else {
      add_written(finished, before, key, item, out);
    }
  }
}

// A bulk write: the objects stand in the body or in an uploaded file.
void by_documents(const Finished& finished, Interpretation& out) {
  const auto sent = sent_objects(finished);
  const Listing before(finished.bodies.before(), finished.captured.before_absent);
  const Json* response = finished.bodies.response();
  const bool named = response != nullptr && response->is_array() && !response->empty() &&
                     response->front().is_object();
  if (finished.rule.bulk == Bulk::yaml_multi && named) {
    from_answer(finished, sent, before, out);
    return;
  }
  const Listing after(finished.bodies.after(), false);
  for (const auto& [key, object] : sent) {
    Json written = object;
    if (const Json* now = after.find(key)) {
      written = *now;
      if (const Json source = member_of(&object, "source"); source.is_string()) {
        written["source"] = source;
      }
    }
    add_written(finished, before, key, written, out);
  }
}

void read_count(const Finished& finished, Interpretation& out) {
  for (const char* name : {"count", "totalItems"}) {
    const Json count = member_of(finished.bodies.response(), name);
    if (count.is_number_integer() && count >= 0) {
      out.count = count.get<std::int64_t>();
      return;
    }
  }
  if (!out.count && !out.touched.empty() && !finished.bodies.failed()) {
    out.count = static_cast<std::int64_t>(out.touched.size());
  }
}

}  // namespace

void interpret_bulk(const Finished& finished, Interpretation& out) {
  switch (finished.rule.bulk) {
    case Bulk::ids:
    case Bulk::objects:
      by_ids(finished, out);
      break;
    case Bulk::yaml_multi:
    case Bulk::file:
      by_documents(finished, out);
      break;
    case Bulk::query:
    case Bulk::no:
      break;
  }
  read_count(finished, out);
  out.bulk = true;
  out.detail["bulk"] = true;
  if (out.count) out.detail["count"] = *out.count;
  out.detail.erase("id");
}

}  // namespace daybook::kestra
