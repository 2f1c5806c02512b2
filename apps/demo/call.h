// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::demo {

using Json = nlohmann::ordered_json;

// One request as the model sees it.
struct Call {
  std::string method;
  std::string target;                 // As received; errors repeat it.
  bool api = false;                   // Below `/api/v1`.
  std::vector<std::string> segments;  // Decoded, after `/api/v1` and the tenant.
  std::vector<std::pair<std::string, std::string>> query;
  std::string content_type;
  std::string ttl;  // Header of that name: how long a KV value lives.
  std::string body;

  [[nodiscard]] std::size_t size() const { return segments.size(); }
  [[nodiscard]] std::string_view segment(std::size_t i) const {
    return i < segments.size() ? std::string_view(segments[i]) : std::string_view();
  }
  [[nodiscard]] std::string parameter(std::string_view name) const;  // First value, empty if none.
  [[nodiscard]] std::vector<std::string> parameters(std::string_view name) const;
  [[nodiscard]] bool is(std::string_view verb) const { return method == verb; }
};

Call make_call(std::string method, std::string target, std::string content_type, std::string body);

// A whole answer, or the id of an execution (or its logs) to follow as an event stream.
struct Answer {
  unsigned status = 200;
  std::string reason = {};
  std::string content_type = {};
  std::string body = {};
  std::string follow_execution = {};
  bool follow_logs = false;
};

Answer ok(const Json& body);
Answer empty(unsigned status);
// Kestra's error shape (HAL); `errors` are pairs of path and message.
Answer refuse(const Call& call, unsigned status, std::string reason, std::string message,
              const std::vector<std::pair<std::string, std::string>>& errors = {});
Answer not_found(const Call& call, const std::string& what = {});
Answer invalid_entity(const Call& call, const std::string& path, const std::string& message);
Answer illegal_argument(const Call& call, const std::string& message);
Answer illegal_state(const Call& call, const std::string& message);

// Parses a JSON body; nothing if it is not JSON.
std::optional<Json> parse_json(const std::string& text);
// Text fields of a multipart/form-data body in order; a part with a file name has it as `file`.
struct Part {
  std::string name;
  std::string file;
  std::string content;
};
std::vector<Part> parse_multipart(std::string_view content_type, std::string_view body);

// A page of `items`, as Kestra's `{"results","total"}`.
Json page_of(const Call& call, const std::vector<Json>& items);

}  // namespace daybook::demo
