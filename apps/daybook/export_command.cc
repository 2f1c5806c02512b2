// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "daybook/core/percent.h"
#include "daybook/record/json.h"

#include "output.h"
#include "output_file.h"
#include "row_counter.h"
#include "terminal_commands.h"

namespace daybook::app {
namespace {

using std::chrono::milliseconds;
using terminal::OutputFile;
using terminal::RowCounter;

constexpr milliseconds kPieceMax{120'000};  // Between two pieces; a search over everything first.

struct Exported {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string tree_size;
  std::optional<Error> refused;  // The server said no, before any row.
};

RowCounter::Format format_of(const std::string& format) {
  if (format == "csv") return RowCounter::Format::csv;
  return format == "json" ? RowCounter::Format::json : RowCounter::Format::ndjson;
}

// The answer goes through piece by piece; nothing of it is kept.
net::Task<Result<Exported>> copy(Session& session, std::string format, query::Params filters,
                                 OutputFile& out) {
  filters.emplace_back("format", format);
  net::RequestHead head = session.head("GET", session.target("export", encode_query(filters)));
  Exported done;
  auto stream = co_await session.begin(std::move(head));
  if (!stream) co_return stream.error();
  const auto answered = co_await (*stream)->start({}, kPieceMax);
  if (!answered) co_return answered.error();
  if (answered->status != 200) {
    done.refused = co_await (*stream)->refusal(*answered, kPieceMax);
    co_return done;
  }
  done.tree_size = answered->headers.get("X-Daybook-Tree-Size").value_or("");
  RowCounter counter(format_of(format));
  Progress progress;
  while (true) {
    const auto piece = co_await (*stream)->read(kPieceMax);
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    DAYBOOK_CO_RETURN_IF_ERROR(out.write(*piece));
    counter.give(*piece);
    done.bytes += piece->size();
    progress.show(
        fmt::format("{} rows, {} KiB", grouped(counter.rows()), grouped(done.bytes >> 10U)));
  }
  done.rows = counter.rows();
  progress.end(fmt::format("{} rows, {} KiB", grouped(done.rows), grouped(done.bytes >> 10U)));
  co_return done;
}

// What was exported: on stderr if the rows themselves went to stdout.
void tell(const Exported& done, const ExportRequest& request, bool rows_on_stdout) {
  if (request.common.output == Output::json && !rows_on_stdout) {
    record::Json line{{"rows", done.rows}, {"bytes", done.bytes}, {"file", request.out.string()}};
    line["treeSize"] = done.tree_size.empty() ? 0 : std::stoull(done.tree_size);
    print_line(line.dump());
    return;
  }
  const std::string text = fmt::format("{} rows at tree size {}", done.rows, done.tree_size);
  std::fprintf(rows_on_stdout ? stderr : stdout, "%s%s%s\n", text.c_str(),
               rows_on_stdout ? "" : " in ", rows_on_stdout ? "" : request.out.c_str());
}

// Broken off half-way, whatever the reason.
int broken(const Error& error) {
  static_cast<void>(report(error));
  return exit_cannot_run;
}

net::Task<int> run_export(Session& session, const ExportRequest& request, query::Params filters) {
  auto out = OutputFile::open(request.out);
  if (!out) co_return broken(out.error());
  const auto done = co_await copy(session, request.format, std::move(filters), **out);
  if (!done) co_return broken(done.error());
  if (done->refused) co_return report(*done->refused);
  const Status whole = (*out)->commit();
  if (!whole) co_return broken(whole.error());
  tell(*done, request, (*out)->is_stdout());
  co_return exit_good;
}

}  // namespace

int export_rows(const ExportRequest& request) {
  auto filters = params_of(request.common);
  if (!filters) return report_cannot_run(filters.error());
  return in_session(request.common.where,
                    [&](Session& session) { return run_export(session, request, *filters); });
}

}  // namespace daybook::app
