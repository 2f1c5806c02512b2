// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "matches.h"
#include "operations.h"
#include "piecewise.h"
#include "read_events.h"
#include "rows.h"
#include "search_operations.h"

namespace daybook::api {
namespace {

// Text made before it is written; with one row more it bounds memory, and the time a network thread
// is held.
constexpr std::size_t kBytesAtOnce = 64 * 1024;

// Writes the matches as text, from the largest index downward, a piece at a time.
class Exporter {
 public:
  Exporter(const Services& services, query::Search search, std::unique_ptr<search::Cursor> matches)
      : search_(std::move(search)), matches_(std::move(matches)), rows_(services.reader()) {}

  [[nodiscard]] std::string head() const {
    if (search_.format == "csv") {
      return record::csv_header(search_.expand);
    }
    return search_.format == "json" ? "[" : "";
  }
  [[nodiscard]] std::string tail() const { return search_.format == "json" ? "]" : ""; }

  // The following rows; empty at the end.
  Result<std::string> piece() {
    std::string out;
    while (out.size() < kBytesAtOnce) {
      DAYBOOK_ASSIGN_OR_RETURN(const std::optional<EntryIndex> index, matches_.next());
      if (!index) {
        break;
      }
      DAYBOOK_ASSIGN_OR_RETURN(const ShownEntry entry, rows_.read(*index));
      append(out, entry);
    }
    return out;
  }

 private:
  void append(std::string& out, const ShownEntry& entry) {
    const record::EntryFacts* facts = search_.expand ? &entry.facts : nullptr;
    if (search_.format == "csv") {
      out += record::csv_line(entry.event, facts);
      return;
    }
    const bool json = search_.format == "json";
    if (json && !std::exchange(first_, false)) {
      out += ",\n";
    }
    out += dump(record::render_row(entry.event, facts));
    if (!json) {
      out += '\n';
    }
  }

  query::Search search_;
  Matches matches_;
  RowReader rows_;
  bool first_ = true;
};

net::ResponseHead head_of(const Call& call, const std::string& format, TreeSize size) {
  net::ResponseHead head = piecewise_head(format == "csv"    ? "text/csv; charset=utf-8"
                                          : format == "json" ? "application/json"
                                                             : "application/x-ndjson");
  head.headers.add("Content-Disposition", "attachment; filename=\"auditlogs-" +
                                              call.tenant().value_or("all") + "." + format + "\"");
  head.headers.add("X-Daybook-Tree-Size", std::to_string(size.value()));
  return head;
}

net::Task<void> stream(Call& call, query::Search search, TreeSize size,
                       std::unique_ptr<search::Cursor> matches) {
  net::ResponseHead head = head_of(call, search.format, size);
  Exporter exporter(call.services, std::move(search), std::move(matches));
  std::function<Result<std::string>()> piece = [&exporter] { return exporter.piece(); };
  std::string opening = exporter.head();
  std::string closing = exporter.tail();
  co_await send_piecewise(call, std::move(head), std::move(opening), std::move(piece),
                          std::move(closing));
}

}  // namespace

net::Task<void> answer_export(Call& call) {
  Answer<query::Search> search = search_of(call, query::Endpoint::export_);
  const search::Engine& engine = call.services.parts.search;
  TreeSize size = engine.size();
  std::unique_ptr<search::Cursor> matches;
  if (search) {
    size = search->tree_size.value_or(size);
    Result<std::unique_ptr<search::Cursor>> cursor = engine.descending(search->filter, size);
    if (cursor) {
      matches = *std::move(cursor);
    } else {
      search = tl::unexpected(search_error(cursor.error()));
    }
  }
  if (!search) {
    Answer<net::Response> refused = tl::unexpected(search.error());
    co_await reply(call, std::move(refused));
    co_return;
  }
  record_read(call, "export", {{"format", search->format}, {"treeSize", size.value()}});
  co_await stream(call, *std::move(search), size, std::move(matches));
}

}  // namespace daybook::api
