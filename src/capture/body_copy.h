// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/net/http.h"

namespace daybook::capture {

// A bounded copy of a body that passes by, for capture. A body that outgrows it is given up whole:
// half a document says nothing reliable.
class BodyCopy {
 public:
  explicit BodyCopy(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  void add(std::string_view piece);
  // Nothing of this body is kept.
  void give_up();
  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  // Without its content coding; nothing if given up, of an unknown coding or broken. An empty body
  // is nothing, too.
  [[nodiscard]] std::optional<std::string> decoded(const net::Headers& headers) const;

 private:
  std::uint64_t bytes_max_;
  std::string bytes_;
  bool whole_ = true;
};

// `text/event-stream`: passed on chunk by chunk, without time limits, never kept.
[[nodiscard]] bool is_event_stream(const net::Headers& headers);
// Whether a request asks for one, by Accept or as Kestra's `/follow`: its head may take hours.
[[nodiscard]] bool asks_for_event_stream(const net::RequestHead& head);
// JSON, YAML or plain text: what interpretation can read.
[[nodiscard]] bool is_readable(const net::Headers& headers);

}  // namespace daybook::capture
