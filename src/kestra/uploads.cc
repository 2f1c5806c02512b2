// SPDX-License-Identifier: Apache-2.0
#include "uploads.h"

#include "text.h"
#include "zip.h"

namespace daybook::kestra {

namespace {

using Objects = std::map<std::pair<std::string, std::string>, Json>;

void add_yaml(std::string_view text, const std::string& space, Objects& out) {
  for (const auto document : split_yaml(text)) {
    if (out.size() >= kTouchedMax) return;
    auto id = yaml_top_level(document, "id");
    auto name_space = yaml_top_level(document, "namespace");
    if (!id) continue;
    if (!name_space) name_space = space;
    Json object = {{"id", *id}, {"namespace", *name_space}, {"source", to_utf8(document)}};
    out.insert_or_assign({*name_space, *id}, std::move(object));
  }
}

void add_json(const Json& list, const std::string& space, Objects& out) {
  for (const auto& item : list) {
    if (out.size() >= kTouchedMax) return;
    const Json id = member_of(&item, "id");
    const Json name_space = member_of(&item, "namespace");
    if (!id.is_string()) continue;
    const std::string in = name_space.is_string() ? name_space.get<std::string>() : space;
    out.insert_or_assign({in, id.get<std::string>()}, item);
  }
}

}  // namespace

std::map<std::pair<std::string, std::string>, Json> sent_objects(const Finished& finished) {
  Objects out;
  const auto body = finished.captured.request_body;
  if (!body) return out;
  const Json named = finished.what.detail.value("namespace", Json(""));
  const std::string space = named.is_string() ? named.get<std::string>() : std::string();
  if (finished.rule.bulk == Bulk::yaml_multi) {
    const Json* json = finished.bodies.request();
    if (json != nullptr && json->is_array()) {
      add_json(*json, space, out);
    } else {
      add_yaml(*body, space, out);
    }
    return out;
  }
  for (const auto& part : parse_form(finished.captured.request_content_type, *body)) {
    if (part.name != "fileUpload") continue;
    if (!is_zip(part.content)) {
      add_yaml(part.content, space, out);
      continue;
    }
    for (const auto& entry : unzip(part.content)) add_yaml(entry, space, out);
  }
  return out;
}

}  // namespace daybook::kestra
