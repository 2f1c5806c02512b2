// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/record/json.h"

#include "api_answer.h"
#include "output.h"
#include "row_view.h"
#include "terminal_commands.h"
#include "visible_text.h"

namespace daybook::app {
namespace {

using record::Json;
using terminal::Cells;

constexpr std::uint64_t kPageMax = 1000;

Status print_json(const Json& value) {
  return write_line(terminal::visible_json(value.dump()));
}

// The rows of one page in the form asked for; the first page decides how wide columns are.
class RowPrinter {
 public:
  explicit RowPrinter(const TerminalRequest& common)
      : table_(as_table(common.output)), zone_(common.zone) {}

  Status print(const Json& rows) {
    if (!table_) {
      for (const auto& row : rows) DAYBOOK_RETURN_IF_ERROR(print_json(row));
      return {};
    }
    std::vector<Cells> cells;
    for (const auto& row : rows) cells.push_back(terminal::cells_of(row, zone_));
    if (!layout_) {
      layout_.emplace(output_width(), cells);
      DAYBOOK_RETURN_IF_ERROR(write_line(layout_->header()));
    }
    for (const auto& row : cells) DAYBOOK_RETURN_IF_ERROR(write_line(layout_->line(row)));
    return {};
  }

 private:
  bool table_;
  terminal::Zone zone_;
  std::optional<terminal::RowTable> layout_;
};

std::string page_query(const query::Params& filters, const SearchRequest& request,
                       std::uint64_t size, std::uint64_t page,
                       std::optional<std::uint64_t> tree_size) {
  query::Params params = filters;
  for (const auto& sort : request.sort) params.emplace_back("sort", sort);
  params.emplace_back("size", std::to_string(size));
  params.emplace_back("page", std::to_string(page));
  if (tree_size) params.emplace_back("treeSize", std::to_string(*tree_size));
  return encode_query(params);
}

net::Task<Result<Json>> get_page(Session& session, std::string target) {
  std::vector<Member> members{
      {"results", Shape::array}, {"total", Shape::number}, {"treeSize", Shape::number}};
  auto page = co_await get_json(session, std::move(target), std::move(members));
  co_return page;
}

void print_footer(std::uint64_t shown, std::uint64_t total, std::uint64_t page, bool more) {
  if (!stdout_is_terminal()) return;
  std::string line = fmt::format("{} of {} entries", grouped(shown), grouped(total));
  if (more) line += fmt::format("; --page {} shows more", page + 1);
  print_line(line);
}

// Up to `limit` rows; more than a page's worth as several pages of one state of the ledger.
net::Task<Result<int>> rows(Session& session, const SearchRequest& request, query::Params filters) {
  RowPrinter printer(request.common);
  const std::uint64_t size = std::min(request.limit, kPageMax);
  const bool pinned = std::any_of(filters.begin(), filters.end(),
                                  [](const auto& pair) { return pair.first == "treeSize"; });
  std::optional<std::uint64_t> tree_size;
  std::uint64_t shown = 0;
  std::uint64_t total = 0;
  for (std::uint64_t page = request.page; shown < request.limit; ++page) {
    std::string target =
        session.target("search", page_query(filters, request, size, page, tree_size));
    auto answer = co_await get_page(session, std::move(target));
    if (!answer) co_return answer.error();
    Json& found = answer->at("results");
    total = answer->at("total").get<std::uint64_t>();
    if (!pinned) tree_size = answer->at("treeSize").get<std::uint64_t>();
    const bool last = found.size() < size;
    while (found.size() > request.limit - shown) found.erase(found.size() - 1);
    shown += found.size();
    DAYBOOK_CO_RETURN_IF_ERROR(printer.print(found));
    if (last) break;
  }
  const std::uint64_t before = (request.page - 1) * request.limit;
  if (as_table(request.common.output))
    print_footer(shown, total, request.page, before + shown < total);
  co_return exit_good;
}

net::Task<Result<int>> count(Session& session, const SearchRequest& request,
                             query::Params filters) {
  std::string target = session.target("search", page_query(filters, request, 1, 1, {}));
  const auto answer = co_await get_page(session, std::move(target));
  if (!answer) co_return answer.error();
  if (as_table(request.common.output)) {
    DAYBOOK_CO_RETURN_IF_ERROR(write_line(answer->at("total").dump()));
    co_return exit_good;
  }
  const Json line{{"total", answer->at("total")}, {"treeSize", answer->at("treeSize")}};
  DAYBOOK_CO_RETURN_IF_ERROR(print_json(line));
  co_return exit_good;
}

std::string shown_value(const Json& value) {
  if (value.is_null()) return "-";
  return terminal::visible(value.is_string() ? value.get<std::string>() : value.dump());
}

std::string counts_table(const Json& answer, const std::string& by) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= by.size();) {
    const auto comma = std::min(by.find(',', at), by.size());
    names.push_back(by.substr(at, comma - at));
    at = comma + 1;
  }
  std::vector<std::vector<std::string>> lines{names};
  lines.front().emplace_back("count");
  for (const auto& group : answer.at("groups")) {
    auto& line = lines.emplace_back();
    const Json key = group.is_object() ? group.value("key", Json::object()) : Json::object();
    for (const auto& name : names)
      line.push_back(shown_value(key.is_object() ? key.value(name, Json()) : Json()));
    line.push_back(shown_value(group.is_object() ? group.value("count", Json()) : Json()));
  }
  std::string out = terminal::plain_table(lines);
  if (const auto others = answer.at("others").get<std::uint64_t>(); others > 0)
    out += fmt::format("{} others\n", grouped(others));
  return out + fmt::format("{} entries", grouped(answer.at("total").get<std::uint64_t>()));
}

net::Task<Result<int>> counts(Session& session, const SearchRequest& request,
                              query::Params filters) {
  filters.emplace_back("by", request.by);
  filters.emplace_back("top", std::to_string(request.top));
  std::string target = session.target("aggregate", encode_query(filters));
  std::vector<Member> members{
      {"groups", Shape::array}, {"total", Shape::number}, {"others", Shape::number}};
  const auto answer = co_await get_json(session, std::move(target), std::move(members));
  if (!answer) co_return answer.error();
  const bool table = as_table(request.common.output);
  const Status printed =
      table ? write_line(counts_table(*answer, request.by)) : print_json(*answer);
  if (!printed) co_return printed.error();
  co_return exit_good;
}

net::Task<int> run_search(Session& session, const SearchRequest& request, query::Params filters) {
  Result<int> code = exit_good;
  if (!request.by.empty()) {
    code = co_await counts(session, request, std::move(filters));
  } else if (request.count) {
    code = co_await count(session, request, std::move(filters));
  } else {
    code = co_await rows(session, request, std::move(filters));
  }
  if (code) co_return *code;
  const bool reader_gone = code.error().code == Errc::cancelled && !session.stopping();
  if (reader_gone) co_return exit_good;
  co_return report(code.error());
}

}  // namespace

int search(const SearchRequest& request) {
  auto filters = params_of(request.common);
  if (!filters) return report_cannot_run(filters.error());
  if (request.limit > kPageMax && request.page > 1) {
    return report_cannot_run({.code = Errc::invalid,
                              .context = "with a --limit above 1000 there is only the first page",
                              .path = "--page"});
  }
  return in_session(request.common.where,
                    [&](Session& session) { return run_search(session, request, *filters); });
}

}  // namespace daybook::app
