// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::net {

// Header fields in the order and spelling they came in. Names compare without case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // Removes every field of that name, then adds one.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);
  // Value of the first field of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return get(name).has_value(); }
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] std::vector<Field>& fields() { return fields_; }

 private:
  std::vector<Field> fields_;
};

// The three message types have a declared constructor so that they are no aggregates: g++ 12
// destroys brace-made temporaries of aggregate type in a co_await expression twice.
struct RequestHead {
  RequestHead() = default;
  std::string method;
  std::string target;     // Path and query, byte for byte as received.
  unsigned version = 11;  // 10 or 11
  Headers headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;

  [[nodiscard]] std::string_view path() const;   // Target up to '?'.
  [[nodiscard]] std::string_view query() const;  // After '?', without it; empty if none.
  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

struct ResponseHead {
  ResponseHead() = default;
  unsigned status = 200;
  std::string reason;  // Empty: the standard phrase.
  unsigned version = 11;
  Headers headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

struct Response {
  Response() = default;
  ResponseHead head;
  std::string body;
};

// `type/subtype` of a Content-Type in lower case and its charset, as far as they can be told apart.
struct MediaType {
  std::string essence;                 // Empty: no field, more than one, or not `type/subtype`.
  std::optional<std::string> charset;  // Lower case, without quotes.
  // JSON is UTF-8 (RFC 8259 section 8.1): another charset is another format.
  [[nodiscard]] bool is_utf8_of(std::string_view type) const;
};
[[nodiscard]] MediaType media_type(const Headers& headers);

[[nodiscard]] std::string_view standard_reason(unsigned status);
// Connection, Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding, Upgrade and what Connection
// names.
[[nodiscard]] bool is_hop_by_hop(std::string_view name, const Headers& headers);

}  // namespace daybook::net
