// SPDX-License-Identifier: Apache-2.0
#include "bodies.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "daybook/core/utf8.h"
#include "daybook/record/json.h"

#include "text.h"

namespace daybook::kestra {

namespace {

// YAML in flow style or with quoting is read whole only up to this size.
constexpr std::size_t kYamlBytesMax = 256U << 10U;

std::optional<Json> parse(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  const std::string_view body = trim(*text);
  if (body.empty()) return std::nullopt;
  auto json = record::parse_json(body, {.depth_max = 64, .big_integers = true});
  if (!json) return std::nullopt;
  return *std::move(json);
}

// Value of `name="..."` or `name=...` in a header value.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  const std::string lower = ascii_lower(header);
  const std::string wanted = std::string(name) + "=";
  for (std::size_t at = lower.find(wanted); at != std::string::npos;
       at = lower.find(wanted, at + 1)) {
    if (at > 0 && lower[at - 1] != ' ' && lower[at - 1] != ';' && lower[at - 1] != '\t') continue;
    std::string_view rest = header.substr(at + wanted.size());
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      return std::string(rest.substr(0, std::min(rest.find('"'), rest.size())));
    }
    return std::string(trim(rest.substr(0, std::min(rest.find(';'), rest.size()))));
  }
  return std::nullopt;
}

void read_part_head(std::string_view head, FormPart& part) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size());
    const std::string_view line = trim(head.substr(0, end));
    head.remove_prefix(std::min(end + 1, head.size()));
    if (!ascii_lower(line.substr(0, 20)).starts_with("content-disposition:")) continue;
    part.name = to_utf8(header_parameter(line, "name").value_or(""));
    part.file_name = to_utf8(header_parameter(line, "filename").value_or(""));
  }
}

std::optional<std::string> plain_scalar(std::string_view written) {
  written = trim(written);
  if (written.empty()) return std::nullopt;
  const char first = written.front();
  if (first == '"' || first == '\'') {
    const std::size_t end = written.find(first, 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inner = written.substr(1, end - 1);
    if (inner.find('\\') != std::string_view::npos) return std::nullopt;
    return std::string(inner);
  }
  if (std::string_view("|>&*!{[").find(first) != std::string_view::npos) return std::nullopt;
  const std::size_t comment = written.find(" #");
  return std::string(trim(written.substr(0, std::min(comment, written.size()))));
}

std::optional<std::string> load_top_level(std::string_view document, std::string_view key) {
  if (document.size() > kYamlBytesMax) return std::nullopt;
  try {
    const YAML::Node root = YAML::Load(std::string(document));
    if (!root.IsMap()) return std::nullopt;
    const YAML::Node value = root[std::string(key)];
    if (!value || !value.IsScalar()) return std::nullopt;
    return to_utf8(value.Scalar());
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<FormPart> parse_form(std::string_view content_type, std::string_view body) {
  std::vector<FormPart> out;
  if (!ascii_lower(content_type).starts_with("multipart/form-data")) return out;
  const auto boundary = header_parameter(content_type, "boundary");
  if (!boundary || boundary->empty()) return out;
  const std::string mark = "--" + *boundary;
  std::size_t at = body.find(mark);
  while (at != std::string_view::npos && out.size() < kFormPartsMax) {
    const std::size_t start = at + mark.size();
    if (body.substr(start).starts_with("--")) break;
    at = body.find("\r\n" + mark, start);
    if (at == std::string_view::npos) break;
    const std::string_view whole = body.substr(start, at - start);
    at += 2;
    const std::size_t blank = whole.find("\r\n\r\n");
    if (blank == std::string_view::npos) continue;
    FormPart part;
    read_part_head(whole.substr(0, blank), part);
    part.content = whole.substr(blank + 4);
    out.push_back(std::move(part));
  }
  return out;
}

std::vector<std::string_view> split_yaml(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  const auto add = [&](std::string_view document) {
    if (!trim(document).empty() && out.size() < kDocumentsMax) out.push_back(document);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trim(text.substr(at, end - at));
    if (text.substr(at).starts_with("---") && (line == "---" || line.starts_with("--- "))) {
      add(text.substr(start, at - start));
      start = std::min(end + 1, text.size());
    }
    at = end + 1;
  }
  add(text.substr(start));
  return out;
}

std::optional<std::string> yaml_top_level(std::string_view document, std::string_view key) {
  for (std::size_t at = 0; at < document.size();) {
    const std::size_t end = std::min(document.find('\n', at), document.size());
    std::string_view line = document.substr(at, end - at);
    at = end + 1;
    const bool quoted = line.starts_with('"') || line.starts_with('\'');
    if (quoted) line.remove_prefix(1);
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    if (quoted && !line.empty()) line.remove_prefix(1);
    line = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(':') ||
        (line.size() > 1 && line[1] != ' ' && line[1] != '\t' && line[1] != '\r')) {
      continue;
    }
    if (auto value = plain_scalar(line.substr(1))) return to_utf8(*value);
    break;
  }
  return load_top_level(document, key);
}

Bodies::Bodies(const Captured& captured)
    : status_(captured.status), request_text_(captured.request_body.value_or("")) {
  request_.text = captured.request_body;
  if (succeeded()) response_.text = captured.response_body;
  if (failed()) error_.text = captured.response_body;
  before_.text = captured.before_body;
  after_.text = captured.after_body;
}

const Json* Bodies::Body::get() const {
  if (text) json = parse(*std::exchange(text, std::nullopt));
  return json ? &*json : nullptr;
}

Json Bodies::request_member(const std::string& name) const {
  if (const Json* json = request()) return member_of(json, name);
  const auto documents = split_yaml(request_text_);
  if (documents.empty()) return nullptr;
  if (auto value = yaml_top_level(documents.front(), name)) return *std::move(value);
  return nullptr;
}

Json member_of(const Json* json, const std::string& name) {
  if (json == nullptr || !json->is_object()) return nullptr;
  const auto found = json->find(name);
  return found == json->end() ? Json(nullptr) : *found;
}

}  // namespace daybook::kestra
