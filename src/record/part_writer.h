// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/record/event.h"
#include "daybook/record/json.h"

#include "canonical.h"

namespace daybook::record {

// Writes one canonical object whose names are plain ASCII and given in sorted order. Absent values
// leave no trace; an object with nothing in it can be told by empty().
class PartWriter {
 public:
  explicit PartWriter(std::string& out) : out_(out), start_(out.size()) { out_ += '{'; }

  void text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(out_, value);
  }
  void optional(std::string_view name, const OptionalText& value) {
    if (value) {
      text(name, *value);
    }
  }
  // For words of ours that need no escaping.
  void word(std::string_view name, std::string_view value) {
    begin(name);
    out_ += '"';
    out_ += value;
    out_ += '"';
  }
  void number(std::string_view name, std::int64_t value) {
    char buffer[24];
    begin(name);
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  }
  void optional(std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) {
      number(name, *value);
    }
  }
  void json(std::string_view name, const Json& value) {
    begin(name);
    append_lenient(out_, value);
  }
  // The caller writes the value itself.
  std::string& begin(std::string_view name) {
    if (!empty()) {
      out_ += ',';
    }
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }
  void end() { out_ += '}'; }
  [[nodiscard]] bool empty() const { return out_.size() == start_ + 1; }

 private:
  std::string& out_;
  std::size_t start_;
};

}  // namespace daybook::record
