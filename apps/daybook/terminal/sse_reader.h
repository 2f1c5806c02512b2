// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::terminal {

struct ServerEvent {
  std::string id;  // The last id seen, of this event or an earlier one.
  std::string event;
  std::string data;
};

// Cuts an event stream (WHATWG HTML, section 9.2.6) into events, however the bytes are cut into
// pieces. An event without data is none; what follows the last blank line is not one yet.
class SseReader {
 public:
  // Bytes of one line or one event's data.
  static constexpr std::size_t kEventBytesMax = 64U << 20U;

  void give(std::string_view piece);
  // The next whole event, nothing if more bytes are needed. Errc::exhausted for one too large.
  Result<std::optional<ServerEvent>> next();

 private:
  // True if the line ended an event.
  bool take_line(std::string_view line);

  std::string buffer_;
  std::size_t at_ = 0;      // Start of the current line in buffer_.
  std::size_t looked_ = 0;  // Bytes before it hold no line end behind at_.
  bool begun_ = false;      // A byte order mark is dropped at the very beginning only.
  ServerEvent current_;
  bool has_data_ = false;
};

}  // namespace daybook::terminal
