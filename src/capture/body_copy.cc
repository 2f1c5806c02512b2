// SPDX-License-Identifier: Apache-2.0
#include "body_copy.h"

#include <utility>

#include "daybook/capture/content_decoder.h"
#include "daybook/core/utf8.h"

namespace daybook::capture {
namespace {

bool starts_as(std::string_view text, std::string_view prefix) {
  return equal_ascii_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace

void BodyCopy::add(std::string_view piece) {
  if (!whole_) {
    return;
  }
  if (bytes_.size() + piece.size() > bytes_max_) {
    give_up();
    return;
  }
  bytes_ += piece;
}

void BodyCopy::give_up() {
  whole_ = false;
  bytes_ = std::string();
}

std::optional<std::string> BodyCopy::decoded(const net::Headers& headers) const {
  if (!whole_ || bytes_.empty()) {
    return std::nullopt;
  }
  const auto codings = headers.get_all("Content-Encoding");
  if (codings.empty()) {
    return bytes_;
  }
  const auto coding = codings.size() == 1 ? parse_content_coding(codings.front()) : std::nullopt;
  if (!coding) {
    return std::nullopt;
  }
  Result<std::string> body = decode_whole(*coding, bytes_, bytes_max_);
  return body ? std::optional(*std::move(body)) : std::nullopt;
}

bool is_event_stream(const net::Headers& headers) {
  return starts_as(headers.get("Content-Type").value_or(""), "text/event-stream");
}

bool asks_for_event_stream(const net::RequestHead& head) {
  const auto accept = head.headers.get("Accept");
  if (accept && ascii_lower(*accept).find("text/event-stream") != std::string::npos) {
    return true;
  }
  std::string_view path = head.path();
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path.ends_with("/follow");
}

bool is_readable(const net::Headers& headers) {
  const auto value = headers.get("Content-Type");
  if (!value) {
    return true;  // Kestra takes a body without a type as JSON.
  }
  if (starts_as(*value, "application/json")) {
    return true;
  }
  const std::string type = ascii_lower(*value);
  return type.find("json") != std::string::npos || type.find("yaml") != std::string::npos ||
         type.starts_with("text/plain");
}

}  // namespace daybook::capture
