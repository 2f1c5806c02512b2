// SPDX-License-Identifier: Apache-2.0
// KV values and namespace files.
#include <algorithm>
#include <set>

#include "model.h"

namespace daybook::demo {
namespace {

constexpr std::size_t kValuesMax = 5'000;
constexpr std::size_t kFilesMax = 2'000;
constexpr UnixMillis kMinute = 60'000;

// `PT1H`, `PT30M`, `P7D` in milliseconds; 0 for anything else.
UnixMillis iso_millis(const std::string& text) {
  if (text.size() < 3 || text.front() != 'P') {
    return 0;
  }
  const std::size_t start = text.find_first_of("0123456789");
  if (start == std::string::npos) {
    return 0;
  }
  const auto number = static_cast<UnixMillis>(std::strtol(text.c_str() + start, nullptr, 10));
  switch (text.back()) {
    case 'D':
      return number * 24 * 60 * kMinute;
    case 'H':
      return number * 60 * kMinute;
    case 'M':
      return number * kMinute;
    case 'S':
      return number * 1'000;
    default:
      return 0;
  }
}

const char* type_of(const Json& value) {
  if (value.is_string()) {
    return "STRING";
  }
  if (value.is_number()) {
    return "NUMBER";
  }
  return value.is_boolean() ? "BOOLEAN" : "JSON";
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::vector<std::string> Model::namespace_names() const {
  std::set<std::string> names;
  for (const auto& [key, flow] : flows_) {
    if (!flow.last().deleted) {
      names.insert(key.first);
    }
  }
  return {names.begin(), names.end()};
}

Answer Model::namespaces(const Call& call) {
  const std::string space(call.segment(1));
  if (call.segment(2) == "kv") {
    return values(call, space);
  }
  if (call.segment(2) == "files") {
    return files(call, space);
  }
  if (call.size() != 2) {
    return not_found(call);
  }
  if (!call.is("GET")) {
    return refuse(call, 405, "Method Not Allowed",
                  "Method Not Allowed: Method [" + call.method + "] not allowed for URI [" +
                      call.target + "]. Allowed methods: [HEAD, GET]");
  }
  if (space != "search") {
    return ok({{"id", space}, {"deleted", false}});
  }
  std::vector<Json> found;
  for (const std::string& name : namespace_names()) {
    found.push_back({{"disabled", true}, {"id", name}, {"deleted", false}});
  }
  return ok(page_of(call, found));
}

Answer Model::values(const Call& call, const std::string& space) {
  const std::string key(call.segment(3));
  std::erase_if(values_, [now = clock_.now()](const auto& entry) {
    return entry.second.expires != 0 && entry.second.expires <= now;
  });
  if (call.size() == 3 && call.is("GET")) {
    return value_list(space);
  }
  if (call.size() == 3 && call.is("DELETE")) {
    const auto body = parse_json(call.body).value_or(Json::object());
    Json gone = Json::array();
    for (const auto& name : body.value("keys", Json::array())) {
      if (values_.erase({space, name.get<std::string>()}) > 0) {
        gone.push_back(name);
      }
    }
    return ok({{"keys", gone}});
  }
  if (call.is("PUT")) {
    return put_value(call, space, key);
  }
  if (call.is("DELETE")) {
    return ok(values_.erase({space, key}) > 0);
  }
  const auto at = values_.find({space, key});
  if (at == values_.end() || !call.is("GET")) {
    return not_found(call, "No value found for key '" + key + "' in namespace '" + space + "'");
  }
  return ok({{"type", at->second.type}, {"value", at->second.value}});
}

Answer Model::put_value(const Call& call, const std::string& space, const std::string& key) {
  const auto value = parse_json(call.body);
  if (!value) {
    return illegal_argument(call, "Invalid JSON value for: " + call.body);
  }
  if (values_.size() >= kValuesMax && !values_.contains({space, key})) {
    return illegal_state(call, "the stand-in is full");
  }
  const UnixMillis now = clock_.now();
  Value& slot = values_[{space, key}];
  slot.created = slot.created == 0 ? now : slot.created;
  slot.updated = now;
  slot.value = *value;
  slot.type = type_of(*value);
  const UnixMillis life = iso_millis(call.ttl);
  slot.expires = life == 0 ? 0 : now + life;
  return empty(200);
}

Answer Model::value_list(const std::string& space) {
  Json list = Json::array();
  for (const auto& [key, value] : values_) {
    if (key.first != space) {
      continue;
    }
    list.push_back({{"key", key.second},
                    {"creationDate", format_time(value.created)},
                    {"updateDate", format_time(value.updated)}});
    if (value.expires != 0) {
      list.back()["expirationDate"] = format_time(value.expires);
    }
  }
  return ok(list);
}

Answer Model::files(const Call& call, const std::string& space) {
  std::string path = call.parameter("path");
  path = path.starts_with('/') ? path : "/" + path;
  const std::string_view word = call.segment(3);
  if (word == "directory") {
    return call.is("GET") ? directory(call, space) : empty(200);
  }
  if (word == "search") {
    Json found = Json::array();
    for (const auto& [key, file] : files_) {
      if (key.first == space && key.second.find(call.parameter("q")) != std::string::npos) {
        found.push_back(key.second);
      }
    }
    return ok(found);
  }
  if (call.is("PUT") && word.empty()) {
    auto moved = files_.extract({space, call.parameter("from")});
    if (!moved.empty()) {
      moved.key() = {space, call.parameter("to")};
      files_.erase(moved.key());
      files_.insert(std::move(moved));
    }
    return empty(200);
  }
  if (call.is("DELETE") && word.empty()) {
    std::erase_if(files_, [&](const auto& entry) {
      const std::string& name = entry.first.second;
      return entry.first.first == space && (name == path || name.starts_with(path + "/"));
    });
    return empty(200);
  }
  if (path.starts_with("/_flows")) {
    return illegal_argument(call, "Forbidden path: " + path);
  }
  if (call.is("POST") && word.empty()) {
    return put_file(call, space);
  }
  const auto at = files_.find({space, path});
  if (at == files_.end() || !call.is("GET")) {
    return not_found(call, path + " (No such file or directory)");
  }
  if (word == "stats") {
    return ok({{"type", "File"},
               {"size", at->second.content.size()},
               {"fileName", base_name(path)},
               {"lastModifiedTime", at->second.modified},
               {"creationTime", at->second.created}});
  }
  Answer answer;
  answer.content_type = "application/octet-stream";
  answer.body = at->second.content;
  return answer;
}

Answer Model::put_file(const Call& call, const std::string& space) {
  if (files_.size() >= kFilesMax) {
    return illegal_state(call, "the stand-in is full");
  }
  for (const Part& part : parse_multipart(call.content_type, call.body)) {
    if (part.name == "fileContent") {
      const UnixMillis now = clock_.now();
      StoredFile& file = files_[{space, call.parameter("path")}];
      file.created = file.created == 0 ? now : file.created;
      file.modified = now;
      file.content = part.content;
    }
  }
  return empty(200);
}

Answer Model::directory(const Call& call, const std::string& space) {
  std::string prefix = call.parameter("path");
  prefix += prefix.ends_with('/') ? "" : "/";
  Json list = Json::array();
  std::set<std::string> seen;
  for (const auto& [key, file] : files_) {
    if (key.first != space || !key.second.starts_with(prefix)) {
      continue;
    }
    const std::string rest = key.second.substr(prefix.size());
    const std::string name = rest.substr(0, rest.find('/'));
    if (!seen.insert(name).second) {
      continue;
    }
    const bool is_file = name.size() == rest.size();
    list.push_back({{"type", is_file ? "File" : "Directory"},
                    {"size", is_file ? file.content.size() : 4096},
                    {"fileName", name},
                    {"lastModifiedTime", file.modified},
                    {"creationTime", file.created}});
  }
  return ok(list);
}

}  // namespace daybook::demo
