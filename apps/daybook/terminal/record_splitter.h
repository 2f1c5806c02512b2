// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

#include "json_strings.h"

namespace daybook::terminal {

// Cuts a stream of events or rows into single JSON texts, in constant memory: the lines of NDJSON,
// or the items of a JSON array (also a single object, or several in a row).
//
//   splitter.give(piece);  while (auto text = *splitter.next()) …  // then give() more, or end()
//
// The items are cut at brackets and commas outside strings; whether each is JSON is up to the
// caller. Views are valid until the next give().
class RecordSplitter {
 public:
  enum class Form : std::uint8_t { lines, items };
  // Bytes of one record.
  static constexpr std::size_t kRecordBytesMax = 16U << 20U;

  explicit RecordSplitter(Form form) : form_(form) {}
  void give(std::string_view piece);
  void end() { ended_ = true; }  // Nothing more comes.
  // The next record; nothing: give more, or, behind end(), all was read. Errc::exhausted for one
  // too large, Errc::invalid for an array or object that is cut short.
  Result<std::optional<std::string_view>> next();
  // 1-based: the line, blank ones counted, or the place in the array, of the record that next()
  // gave last, or of the one it complained about.
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  Result<std::optional<std::string_view>> next_line();
  Result<std::optional<std::string_view>> next_item();
  // Skips what stands between items; false: nothing begins in what is there.
  bool find_item();
  // Position behind the item that begins at at_; nothing if its end has not come.
  std::optional<std::size_t> item_end();
  std::optional<std::string_view> take(std::size_t end, std::size_t next);

  Form form_;
  std::string buffer_;
  std::size_t at_ = 0;      // Start of the current record.
  std::size_t looked_ = 0;  // The scan goes on here.
  std::uint64_t number_ = 0;
  bool ended_ = false;
  bool in_array_ = false;
  // State of the scan inside an item.
  std::size_t depth_ = 0;
  JsonStrings strings_;
};

}  // namespace daybook::terminal
