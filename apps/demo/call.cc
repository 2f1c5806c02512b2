// SPDX-License-Identifier: Apache-2.0
#include "call.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "daybook/core/percent.h"
#include "daybook/net/http.h"

namespace daybook::demo {
namespace {

constexpr std::size_t kPageMax = 1000;

bool is_resource_word(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kWords = {
      "flows",   "executions", "triggers", "namespaces", "logs",      "stats",
      "plugins", "configs",    "usages",   "metrics",    "templates", "basicAuth"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::size_t number_or(const std::string& text, std::size_t fallback) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : fallback;
}

// The value of `name="…"` in a header line; empty if absent.
std::string quoted_parameter(std::string_view line, std::string_view name) {
  const std::string mark = std::string(" ") + std::string(name) + "=\"";
  const auto at = line.find(mark);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = line.substr(at + mark.size());
  return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace

std::string Call::parameter(std::string_view name) const {
  return first_value(query, name);
}

std::vector<std::string> Call::parameters(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : query) {
    if (key == name) {
      values.push_back(value);
    }
  }
  return values;
}

Call make_call(std::string method, std::string target, std::string content_type, std::string body) {
  net::RequestHead head;
  head.target = std::move(target);
  std::string_view path = head.path();
  if (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  Call call;
  call.method = std::move(method);
  call.target = head.target;
  call.query = parse_query(head.query());
  call.content_type = std::move(content_type);
  call.body = std::move(body);
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    call.segments.push_back(percent_decode(segment, false));
    path.remove_prefix(segment.size());
  }
  call.api = call.size() >= 2 && call.segment(0) == "api" && call.segment(1) == "v1";
  if (!call.api) {
    return call;
  }
  call.segments.erase(call.segments.begin(), call.segments.begin() + 2);
  if (call.segment(0) == "main" && is_resource_word(call.segment(1))) {
    call.segments.erase(call.segments.begin());
  }
  return call;
}

Answer ok(const Json& body) {
  Answer answer;
  answer.content_type = "application/json";
  answer.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return answer;
}

Answer empty(unsigned status) {
  Answer answer;
  answer.status = status;
  return answer;
}

Answer refuse(const Call& call, unsigned status, std::string reason, std::string message,
              const std::vector<std::pair<std::string, std::string>>& errors) {
  Json self = {{"href", call.target}, {"templated", false}};
  for (const char* key : {"profile", "deprecation", "title", "hreflang", "type", "name"}) {
    self[key] = nullptr;
  }
  Json body = {{"message", std::move(message)}, {"logref", nullptr}, {"path", nullptr}};
  body["_links"]["self"] = std::move(self);
  body["_embedded"] = Json::object();
  for (const auto& [path, text] : errors) {
    body["_embedded"]["errors"].push_back({{"message", text},
                                           {"logref", nullptr},
                                           {"path", path},
                                           {"_links", Json::object()},
                                           {"_embedded", Json::object()}});
  }
  Answer answer = ok(body);
  answer.status = status;
  answer.reason = std::move(reason);
  return answer;
}

Answer not_found(const Call& call, const std::string& what) {
  return refuse(call, 404, "Not Found", what.empty() ? "Not Found" : "Not Found: " + what);
}

Answer invalid_entity(const Call& call, const std::string& path, const std::string& message) {
  return refuse(call, 422, "Invalid entity", "Invalid entity: " + path + ": " + message,
                {{path, message}});
}

Answer illegal_argument(const Call& call, const std::string& message) {
  return refuse(call, 422, "Illegal argument", "Illegal argument: " + message);
}

Answer illegal_state(const Call& call, const std::string& message) {
  return refuse(call, 409, "Illegal state", "Illegal state: " + message);
}

std::optional<Json> parse_json(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? std::nullopt : std::optional<Json>(std::move(json));
}

std::vector<Part> parse_multipart(std::string_view content_type, std::string_view body) {
  std::vector<Part> parts;
  const auto at = content_type.find("boundary=");
  if (at == std::string_view::npos) {
    return parts;
  }
  std::string_view boundary = content_type.substr(at + 9);
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.starts_with('"') && boundary.size() >= 2) {
    boundary = boundary.substr(1, boundary.size() - 2);
  }
  const std::string mark = "--" + std::string(boundary);
  auto start = body.find(mark);
  while (start != std::string_view::npos) {
    start += mark.size();
    const auto end = body.find("\r\n" + mark, start);
    const auto head_end = body.find("\r\n\r\n", start);
    if (end == std::string_view::npos || head_end == std::string_view::npos || head_end > end) {
      break;
    }
    const std::string_view head = body.substr(start, head_end - start);
    parts.push_back({quoted_parameter(head, "name"), quoted_parameter(head, "filename"),
                     std::string(body.substr(head_end + 4, end - head_end - 4))});
    start = end + 2;
  }
  return parts;
}

Json page_of(const Call& call, const std::vector<Json>& items) {
  const std::size_t size = std::min(kPageMax, number_or(call.parameter("size"), 10));
  const std::size_t page = std::max<std::size_t>(1, number_or(call.parameter("page"), 1));
  Json results = Json::array();
  for (std::size_t i = (page - 1) * size; i < std::min(items.size(), page * size); ++i) {
    results.push_back(items[i]);
  }
  return {{"results", std::move(results)}, {"total", items.size()}};
}

}  // namespace daybook::demo
