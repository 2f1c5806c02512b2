// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "daybook/record/json.h"

#include "time_words.h"

namespace daybook::terminal {

// The five things the audit log's table shows of an entry, as visible text: date, resource type,
// type, user, details (`namespace:company.team flowId:hello …`).
constexpr std::size_t kColumns = 5;
using Cells = std::array<std::string, kColumns>;

// From a search row; members that are missing or of another type are shown empty.
[[nodiscard]] Cells cells_of(const record::Json& row, Zone zone);

// A table of entries that fits a width; width 0: nothing is cut.
class RowTable {
 public:
  // Widths that suit entries not yet known (a stream).
  explicit RowTable(std::size_t width);
  // Widths taken from `rows`.
  RowTable(std::size_t width, const std::vector<Cells>& rows);
  [[nodiscard]] std::string header() const;
  [[nodiscard]] std::string line(const Cells& cells) const;

 private:
  void share_out(std::size_t width);

  std::array<std::size_t, kColumns> widths_{};
};

// A table of any columns, all but the last as wide as their widest cell.
[[nodiscard]] std::string plain_table(const std::vector<std::vector<std::string>>& lines);

}  // namespace daybook::terminal
