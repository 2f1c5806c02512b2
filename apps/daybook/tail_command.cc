// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/record/json.h"

#include "api_answer.h"
#include "output.h"
#include "row_view.h"
#include "sse_reader.h"
#include "terminal_commands.h"
#include "visible_text.h"

namespace daybook::app {
namespace {

using record::Json;
using std::chrono::milliseconds;

constexpr std::uint64_t kPageMax = 1000;
constexpr milliseconds kAnswerMax{60'000};
constexpr milliseconds kSilenceMax{45'000};  // The server sends a comment every 15 s.
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{5'000};
constexpr milliseconds kEmptyPause{300};

class Tail {
 public:
  Tail(Session& session, const TailRequest& request, query::Params filters)
      : session_(session),
        filters_(std::move(filters)),
        last_wanted_(request.last),
        zone_(request.common.zone),
        table_(as_table(request.common.output)),
        layout_(output_width()) {}

  net::Task<Status> run() {
    if (table_) DAYBOOK_CO_RETURN_IF_ERROR(write_line(layout_.header()));
    Status done = co_await show_last();
    if (!done) co_return done;
    done = co_await follow();
    co_return done;
  }

 private:
  net::Task<Result<Json>> page(query::Params more) {
    query::Params params = filters_;
    for (auto& pair : more) params.push_back(std::move(pair));
    std::string target = session_.target("search", encode_query(params));
    std::vector<Member> members{{"results", Shape::array}, {"treeSize", Shape::number}};
    auto answer = co_await get_json(session_, std::move(target), std::move(members));
    co_return answer;
  }

  // Fixes from where to follow, and shows the entries before it that are wanted.
  net::Task<Status> show_last() {
    std::uint64_t size = 0;
    bool empty_first = false;
    while (true) {
      query::Params one{{"size", "1"}};
      const auto found = co_await page(std::move(one));
      if (!found) co_return found.error();
      size = found->at("treeSize").get<std::uint64_t>();
      if (size > 0) break;
      // Of an empty ledger there is no index to follow behind: everything that comes is new.
      empty_first = true;
      const Status waited = co_await session_.pause(kEmptyPause);
      if (!waited) co_return waited;
    }
    position_ = size - 1;
    const std::uint64_t wanted = empty_first ? size : last_wanted_;
    std::vector<Json> rows;
    std::uint64_t before = size;
    while (rows.size() < wanted) {
      query::Params params{{"before", std::to_string(before)},
                           {"size", std::to_string(std::min(wanted - rows.size(), kPageMax))},
                           {"expand", "daybook"}};
      auto found = co_await page(std::move(params));
      if (!found) co_return found.error();
      for (auto& row : found->at("results")) rows.push_back(std::move(row));
      const Json next = found->value("next", Json());
      if (!next.is_number_unsigned() || next >= before) break;
      before = next.get<std::uint64_t>();
    }
    for (auto row = rows.rbegin(); row != rows.rend(); ++row)
      DAYBOOK_CO_RETURN_IF_ERROR(show(*row));
    co_return Status();
  }

  // Until told to stop, or refused. A connection that breaks is made anew, behind what was seen.
  net::Task<Status> follow() {
    milliseconds pause = kFirstPause;
    bool connected_once = false;
    while (true) {
      bool connected = false;
      const Status ended = co_await follow_once(connected);
      if (session_.stopping()) co_return Status();
      if (final_) co_return ended;
      connected_once = connected_once || connected;
      if (!connected_once) co_return ended;
      if (connected) pause = kFirstPause;
      std::fprintf(stderr, "daybook: %s; connecting again\n", ended.error().context.c_str());
      const Status waited = co_await session_.pause(pause);
      if (!waited) co_return Status();
      pause = std::min(pause * 2, kLongestPause);
    }
  }

  // Ends with an error always; final_ if connecting again cannot help.
  net::Task<Status> follow_once(bool& connected) {
    net::RequestHead head = session_.head("GET", session_.target("follow", encode_query(filters_)));
    head.headers.add("Accept", "text/event-stream");
    head.headers.add("Last-Event-ID", std::to_string(position_));
    auto stream = co_await session_.begin(std::move(head));
    if (!stream) co_return stream.error();
    const auto answered = co_await (*stream)->start({}, kAnswerMax);
    if (!answered) co_return answered.error();
    if (answered->status != 200) {
      final_ = answered->status < 500 && answered->status != 429;
      const Error refusal = co_await (*stream)->refusal(*answered, kAnswerMax);
      co_return refusal;
    }
    connected = true;
    terminal::SseReader reader;
    while (true) {
      const auto piece = co_await (*stream)->read(kSilenceMax);
      if (!piece) co_return piece.error();
      if (piece->empty())
        co_return Error{.code = Errc::unavailable, .context = "the server ended the stream"};
      reader.give(*piece);
      DAYBOOK_CO_RETURN_IF_ERROR(take(reader));
    }
  }

  Status take(terminal::SseReader& reader) {
    while (true) {
      DAYBOOK_ASSIGN_OR_RETURN(const auto event, reader.next());
      if (!event) return {};
      if (event->event != "auditlog") continue;
      DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t index, index_of(event->id));
      if (index <= position_) continue;
      DAYBOOK_ASSIGN_OR_RETURN(const Json row,
                               record::parse_json(event->data, {.big_integers = true}));
      DAYBOOK_RETURN_IF_ERROR(show(row));
      position_ = index;
    }
  }

  static Result<std::uint64_t> index_of(const std::string& id) {
    std::uint64_t index = 0;
    const auto [end, code] = std::from_chars(id.data(), id.data() + id.size(), index);
    if (code == std::errc{} && end == id.data() + id.size()) return index;
    return Error{.code = Errc::unavailable,
                 .context = "the stream holds an event without an index"};
  }

  Status show(const Json& row) {
    const std::string line =
        table_ ? layout_.line(terminal::cells_of(row, zone_)) : terminal::visible_json(row.dump());
    auto written = write_line(line);
    if (!written) final_ = true;
    return written;
  }

  Session& session_;
  query::Params filters_;
  std::uint64_t last_wanted_;
  terminal::Zone zone_;
  bool table_;
  terminal::RowTable layout_;
  std::uint64_t position_ = 0;  // Index of the last entry that was shown or passed over.
  bool final_ = false;
};

net::Task<int> run_tail(Session& session, const TailRequest& request, query::Params filters) {
  Tail tail(session, request, std::move(filters));
  const Status done = co_await tail.run();
  // Also good: the reader of the output has gone.
  const bool over = done || session.stopping() || done.error().code == Errc::cancelled;
  if (over) co_return exit_good;
  co_return report(done.error());
}

}  // namespace

int tail(const TailRequest& request) {
  auto filters = params_of(request.common);
  if (!filters) return report_cannot_run(filters.error());
  return in_session(request.common.where,
                    [&](Session& session) { return run_tail(session, request, *filters); });
}

}  // namespace daybook::app
