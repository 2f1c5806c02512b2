// SPDX-License-Identifier: Apache-2.0
#include "flow_yaml.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <charconv>
#include <string_view>

namespace daybook::demo {
namespace {

constexpr int kDepthMax = 32;

Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") {
    return text;  // Quoted.
  }
  if (text == "true" || text == "false") {
    return text == "true";
  }
  if (text == "null" || text == "~" || text.empty()) {
    return nullptr;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    return number;
  }
  return text;
}

Result<Json> convert(const YAML::Node& node, int depth) {
  if (depth > kDepthMax) {
    return Error{Errc::exhausted, "YAML is nested too deeply"};
  }
  if (node.IsMap()) {
    Json out = Json::object();
    for (const auto& entry : node) {
      DAYBOOK_ASSIGN_OR_RETURN(Json value, convert(entry.second, depth + 1));
      out[entry.first.Scalar()] = std::move(value);
    }
    return out;
  }
  if (node.IsSequence()) {
    Json out = Json::array();
    for (const auto& item : node) {
      DAYBOOK_ASSIGN_OR_RETURN(Json value, convert(item, depth + 1));
      out.push_back(std::move(value));
    }
    return out;
  }
  return node.IsScalar() ? scalar(node) : Json(nullptr);
}

Json label_list(const Json& labels) {
  if (!labels.is_object()) {
    return labels;
  }
  Json list = Json::array();
  for (const auto& [key, value] : labels.items()) {
    list.push_back({{"key", key}, {"value", value.is_string() ? value : Json(value.dump())}});
  }
  return list;
}

Json input_view(const Json& input) {
  Json out = {{"id", input.value("id", "")}, {"type", input.value("type", "STRING")}};
  out["required"] = input.value("required", true);
  for (const auto& [key, value] : input.items()) {
    if (!out.contains(key)) {
      out[key] = value;
    }
  }
  if (out["type"] == "FILE" && !out.contains("extension")) {
    out["extension"] = ".upl";
  }
  return out;
}

void emit(const Json& value, const std::string& indent, std::string& out);

void emit_member(const std::string& key, const Json& value, const std::string& indent,
                 std::string& out) {
  out += key + ":";
  const bool nested = (value.is_object() || value.is_array()) && !value.empty();
  if (!nested) {
    out += " " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\n";
    return;
  }
  out += "\n";
  emit(value, value.is_array() ? indent : indent + "  ", out);
}

void emit(const Json& value, const std::string& indent, std::string& out) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      out += indent;
      emit_member(key, member, indent, out);
    }
    return;
  }
  for (const auto& item : value) {
    out += indent + "- ";
    if (!item.is_object()) {
      out += (item.is_string() ? item.get<std::string>() : item.dump()) + "\n";
      continue;
    }
    bool first = true;
    for (const auto& [key, member] : item.items()) {
      out += first ? "" : indent + "  ";
      first = false;
      emit_member(key, member, indent + "  ", out);
    }
  }
}

}  // namespace

Result<Json> yaml_to_json(const std::string& text) {
  try {
    return convert(YAML::Load(text), 0);
  } catch (const YAML::Exception& e) {
    return Error{Errc::invalid, e.what()};
  }
}

std::vector<std::string> split_documents(const std::string& text) {
  std::vector<std::string> documents(1);
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size() - 1);
    const std::string line = text.substr(at, end + 1 - at);
    at = end + 1;
    if (line == "---\n" || line == "---\r\n") {
      documents.emplace_back();
    } else {
      documents.back() += line;
    }
  }
  std::erase_if(documents, [](const std::string& document) {
    return document.find_first_not_of(" \r\n\t") == std::string::npos;
  });
  return documents;
}

Json flow_view(const Json& parsed, unsigned revision, bool disabled, bool deleted) {
  Json out = {{"id", parsed.value("id", "")}, {"namespace", parsed.value("namespace", "")}};
  out["revision"] = revision;
  if (parsed.contains("inputs")) {
    for (const auto& input : parsed["inputs"]) {
      out["inputs"].push_back(input_view(input));
    }
  }
  out["disabled"] = disabled;
  out["deleted"] = deleted;
  if (parsed.contains("description")) {
    out["description"] = parsed["description"];
  }
  if (parsed.contains("labels")) {
    out["labels"] = label_list(parsed["labels"]);
  }
  for (const auto& [key, value] : parsed.items()) {
    if (!out.contains(key) && key != "source") {
      out[key] = value;
    }
  }
  return out;
}

std::string json_to_yaml(const Json& flow) {
  std::string out;
  emit(flow, "", out);
  return out;
}

}  // namespace daybook::demo
