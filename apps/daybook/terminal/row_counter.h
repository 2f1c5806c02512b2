// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "json_strings.h"

namespace daybook::terminal {

// Counts the rows of an export as it passes, whatever stands inside the cells: in CSV the records
// behind the header line, in NDJSON the lines, in JSON the objects of the array.
class RowCounter {
 public:
  enum class Format : std::uint8_t { csv, ndjson, json };
  explicit RowCounter(Format format) : format_(format) {}
  void give(std::string_view piece);
  [[nodiscard]] std::uint64_t rows() const;

 private:
  void give_json(char c);

  Format format_;
  std::uint64_t ends_ = 0;  // Ends of records, lines or objects.
  bool quoted_ = false;     // Inside a quoted cell of CSV.
  JsonStrings strings_;
  std::uint64_t depth_ = 0;  // Of JSON.
};

}  // namespace daybook::terminal
