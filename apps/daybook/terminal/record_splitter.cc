// SPDX-License-Identifier: Apache-2.0
#include "record_splitter.h"

#include <fmt/format.h>

namespace daybook::terminal {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

Error too_large() {
  return {.code = Errc::exhausted,
          .context =
              fmt::format("a record of more than {} MiB", RecordSplitter::kRecordBytesMax >> 20U)};
}

bool is_blank(char c) {
  return kBlank.find(c) != std::string_view::npos;
}

}  // namespace

void RecordSplitter::give(std::string_view piece) {
  buffer_.erase(0, at_);
  looked_ -= at_;
  at_ = 0;
  buffer_ += piece;
}

Result<std::optional<std::string_view>> RecordSplitter::next() {
  return form_ == Form::lines ? next_line() : next_item();
}

std::optional<std::string_view> RecordSplitter::take(std::size_t end, std::size_t next) {
  const auto text = std::string_view(buffer_).substr(at_, end - at_);
  at_ = looked_ = next;
  ++number_;
  return text;
}

Result<std::optional<std::string_view>> RecordSplitter::next_line() {
  while (true) {
    auto end = buffer_.find('\n', looked_);
    std::size_t behind = end + 1;
    if (end == std::string::npos) {
      looked_ = buffer_.size();
      if (buffer_.size() - at_ > kRecordBytesMax) {
        ++number_;
        return too_large();
      }
      if (!ended_ || at_ == buffer_.size()) return std::optional<std::string_view>();
      end = behind = buffer_.size();
    }
    const auto line = take(end, behind);
    if (line->find_first_not_of(kBlank) != std::string_view::npos) return line;
  }
}

bool RecordSplitter::find_item() {
  while (looked_ < buffer_.size()) {
    const char c = buffer_[looked_];
    const bool opens = c == '[' && !in_array_ && number_ == 0;
    if (opens) in_array_ = true;
    // A comma too many is no item; the array's end is.
    if (!opens && !is_blank(c) && c != ',' && !(c == ']' && in_array_)) {
      at_ = looked_;
      return true;
    }
    if (c == ']') in_array_ = false;
    ++looked_;
  }
  at_ = looked_;
  return false;
}

std::optional<std::size_t> RecordSplitter::item_end() {
  for (; looked_ < buffer_.size(); ++looked_) {
    const char c = buffer_[looked_];
    if (strings_.inside(c)) continue;
    const bool closes = c == '}' || c == ']';
    if (depth_ == 0 && looked_ > at_ && (c == ',' || closes || is_blank(c))) return looked_;
    if (c == '{' || c == '[') ++depth_;
    if (closes && depth_ > 0 && --depth_ == 0) return looked_ + 1;
  }
  return std::nullopt;
}

Result<std::optional<std::string_view>> RecordSplitter::next_item() {
  const bool inside = looked_ > at_;
  if (!inside && !find_item()) {
    if (ended_ && in_array_) {
      in_array_ = false;
      ++number_;
      return Error{.code = Errc::invalid, .context = "the array is cut short"};
    }
    return std::optional<std::string_view>();
  }
  const auto end = item_end();
  if (end) {
    strings_ = JsonStrings();
    depth_ = 0;
    return take(*end, *end);
  }
  if (buffer_.size() - at_ > kRecordBytesMax) {
    ++number_;
    return too_large();
  }
  if (!ended_) return std::optional<std::string_view>();
  return take(buffer_.size(), buffer_.size());
}

}  // namespace daybook::terminal
