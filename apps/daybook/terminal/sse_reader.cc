// SPDX-License-Identifier: Apache-2.0
#include "sse_reader.h"

#include <algorithm>
#include <utility>

namespace daybook::terminal {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void SseReader::give(std::string_view piece) {
  buffer_.erase(0, at_);
  looked_ -= at_;
  at_ = 0;
  buffer_ += piece;
}

Result<std::optional<ServerEvent>> SseReader::next() {
  while (true) {
    const auto end = buffer_.find_first_of("\r\n", std::max(at_, looked_));
    // A CR at the very end may be half of a CRLF.
    const bool whole =
        end != std::string::npos && (buffer_[end] == '\n' || end + 1 < buffer_.size());
    if (!whole) {
      looked_ = end == std::string::npos ? buffer_.size() : end;
      if (buffer_.size() - at_ > kEventBytesMax)
        return Error{.code = Errc::exhausted, .context = "a line of the event stream is too long"};
      return std::optional<ServerEvent>();
    }
    const std::size_t behind = buffer_.compare(end, 2, "\r\n") == 0 ? end + 2 : end + 1;
    const bool ended = take_line(std::string_view(buffer_).substr(at_, end - at_));
    at_ = looked_ = behind;
    if (current_.data.size() > kEventBytesMax)
      return Error{.code = Errc::exhausted, .context = "an event of the stream is too large"};
    if (!ended) continue;
    ServerEvent event{current_.id, std::exchange(current_.event, {}),
                      std::exchange(current_.data, {})};
    if (std::exchange(has_data_, false)) return std::optional<ServerEvent>(std::move(event));
  }
}

bool SseReader::take_line(std::string_view line) {
  if (!std::exchange(begun_, true) && line.starts_with(kByteOrderMark))
    line.remove_prefix(kByteOrderMark.size());
  if (line.empty()) return true;
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (std::exchange(has_data_, true)) current_.data += '\n';
    current_.data += value;
  } else if (name == "event") {
    current_.event = value;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    current_.id = value;
  }
  return false;
}

}  // namespace daybook::terminal
