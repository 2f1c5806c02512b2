// SPDX-License-Identifier: Apache-2.0
#include "row_view.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "visible_text.h"

namespace daybook::terminal {
namespace {

using record::Json;

constexpr std::array<std::string_view, kColumns> kTitles{"Date", "Resource type", "Type", "User",
                                                         "Details"};
constexpr std::string_view kGap = "  ";
// Widths of a stream's columns, and the most that a column but the last gets.
constexpr std::array<std::size_t, kColumns> kUsual{25, 14, 13, 20, 40};
constexpr std::array<std::size_t, kColumns> kMost{25, 24, 24, 32,
                                                  std::numeric_limits<std::size_t>::max()};
constexpr std::size_t kDetailsLeast = 20;
constexpr std::array<std::string_view, 8> kFirst{"namespace", "flowId", "executionId", "triggerId",
                                                 "key",       "path",   "revision",    "id"};

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

const Json& member(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto at = object.find(key);
  return at != object.end() ? *at : none;
}

std::string value_text(const Json& value) {
  return visible(value.is_string() ? value.get<std::string>()
                                   : value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void append_detail(std::string& out, const std::string& key, const Json& value) {
  if (!out.empty()) out += ' ';
  out += visible(key) + ":" + value_text(value);
}

// What the columns beside do not show already; well-known keys first.
std::string details_text(const Json& detail) {
  std::string out;
  if (!detail.is_object()) return out;
  for (const auto key : kFirst) {
    const auto at = detail.find(key);
    if (at == detail.end()) continue;
    // The id of a flow or an execution says what flowId or executionId said.
    const bool repeated =
        key == "id" && (*at == member(detail, "flowId") || *at == member(detail, "executionId"));
    if (!repeated) append_detail(out, std::string(key), *at);
  }
  const std::string resource = text_at(detail, "resource");
  for (const auto& [key, value] : detail.items()) {
    const bool shown = std::find(kFirst.begin(), kFirst.end(), key) != kFirst.end() ||
                       key == "resource" || key == "resourceType" ||
                       (key == "type" && value == resource);
    if (!shown) append_detail(out, key, value);
  }
  return out;
}

std::string date_text(const std::string& date, Zone zone) {
  const auto time = parse_time(date);
  return time ? show_time(*time, zone) : visible(date);
}

}  // namespace

Cells cells_of(const Json& row, Zone zone) {
  const Json& log = member(row, "auditLog");
  const Json& detail = member(log, "detail");
  std::string user = text_at(member(row, "user"), "username");
  if (user.empty()) user = text_at(log, "userId");
  return {date_text(text_at(log, "date"), zone), visible(text_at(detail, "resource")),
          visible(text_at(log, "type")), visible(user), details_text(detail)};
}

RowTable::RowTable(std::size_t width) : widths_(kUsual) {
  share_out(width);
}

RowTable::RowTable(std::size_t width, const std::vector<Cells>& rows) {
  for (std::size_t i = 0; i < kColumns; ++i) {
    widths_[i] = kTitles[i].size();
    for (const auto& row : rows) widths_[i] = std::max(widths_[i], display_width(row[i]));
    if (width > 0) widths_[i] = std::min(widths_[i], kMost[i]);
  }
  share_out(width);
}

// Details get what the others leave; where that is too little, the others give, widest first.
void RowTable::share_out(std::size_t width) {
  constexpr std::size_t kLast = kColumns - 1;
  if (width == 0) {
    widths_[kLast] = 0;
    return;
  }
  constexpr std::size_t kGaps = kLast * kGap.size();
  std::size_t others = kGaps;
  for (std::size_t i = 0; i < kLast; ++i) others += widths_[i];
  while (others + kDetailsLeast > width) {
    const auto widest = std::max_element(widths_.begin() + 1, widths_.begin() + kLast);
    if (*widest <= 6) break;
    --*widest;
    --others;
  }
  widths_[kLast] = width > others ? width - others : 1;
}

std::string RowTable::header() const {
  Cells titles;
  std::copy(kTitles.begin(), kTitles.end(), titles.begin());
  return line(titles);
}

std::string RowTable::line(const Cells& cells) const {
  std::string out;
  for (std::size_t i = 0; i + 1 < kColumns; ++i)
    out += fit(cells[i], widths_[i]) + std::string(kGap);
  const std::size_t last = widths_.back();
  out += last == 0 ? cells.back() : cut(cells.back(), last);
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string plain_table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()), 0);
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], display_width(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool last = i + 1 == line.size();
      text += last ? line[i] : fit(line[i], widths[i]) + std::string(kGap);
    }
    out += text + '\n';
  }
  return out;
}

}  // namespace daybook::terminal
