// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "daybook/core/clock.h"
#include "daybook/record/json.h"

#include "http_json.h"
#include "import_batch.h"
#include "input_file.h"
#include "output.h"
#include "record_splitter.h"
#include "terminal_commands.h"
#include "visible_text.h"

namespace daybook::app {
namespace {

using record::Json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using terminal::BadRecord;
using terminal::ImportBatch;
using terminal::ImportBatches;
using terminal::InputFile;
using terminal::RecordReader;
using terminal::RecordSplitter;

constexpr seconds kUnavailableFor{60};  // How long a server that cannot take events is asked again.

struct Counts {
  std::uint64_t read = 0;  // Records of the file that are events.
  std::uint64_t filtered = 0;
  std::uint64_t without_tenant = 0;
  std::uint64_t created = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t bad = 0;
  std::optional<BadRecord> first_bad;
};

// What the server made of a request; absent members count as nothing.
struct Taken {
  std::uint64_t count = 0;
  std::uint64_t created = 0;
  std::uint64_t line = 0;
  std::string path;
};

std::uint64_t number_at(const Json& body, const char* name) {
  const auto at = body.find(name);
  return at != body.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

Taken taken_of(const net::Response& answer) {
  Taken out;
  const auto body = record::parse_json(answer.body);
  if (!body || !body->is_object()) return out;
  out.count = number_at(*body, "count");
  out.created = number_at(*body, "created");
  out.line = number_at(*body, "line");
  const auto path = Json::json_pointer("/_embedded/errors/0/path");
  if (body->contains(path) && body->at(path).is_string())
    out.path = body->at(path).get<std::string>();
  return out;
}

// Lines from `first` on.
ImportBatch rest_of(const ImportBatch& batch, std::uint64_t first) {
  ImportBatch out;
  if (first >= batch.ends.size()) return out;
  const auto skip = static_cast<std::ptrdiff_t>(first);
  const std::size_t from = first == 0 ? 0 : batch.ends[first - 1];
  out.body = batch.body.substr(from);
  out.numbers.assign(batch.numbers.begin() + skip, batch.numbers.end());
  for (auto end = batch.ends.begin() + skip; end != batch.ends.end(); ++end)
    out.ends.push_back(*end - from);
  return out;
}

class Import {
 public:
  Import(const ImportRequest& request, RecordReader reader, Session* session)
      : session_(session), reader_(std::move(reader)), name_(request.file) {}

  // Stops at the first record that cannot be taken, with all before it stored; without a session
  // (dry run) reads on and counts.
  net::Task<Status> run(const std::atomic<bool>& stopping) {
    auto file = InputFile::open(name_, stopping);
    if (!file) co_return file.error();
    std::optional<RecordSplitter> splitter;
    while (true) {
      const auto piece = (*file)->read();
      if (!piece) {
        const Status sent = co_await send_all();
        if (!sent) co_return sent;
        co_return piece.error();
      }
      if (!splitter) splitter.emplace(form_of((*file)->plain_name(), *piece));
      if (piece->empty()) splitter->end();
      splitter->give(*piece);
      bool more = true;
      while (more) {
        more = take_next(*splitter);
        if (!batches_.full() && !stop_) continue;
        const Status sent = co_await send_all();
        if (!sent) co_return sent;
        if (stop_) co_return Status();
      }
      show(**file);
      if (piece->empty()) break;
    }
    const Status sent = co_await send_all();
    co_return sent;
  }

  [[nodiscard]] const Counts& counts() const { return counts_; }
  // The server said no to the whole of it.
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  // A JSON array begins with a bracket; a file named .json may hold one object over many lines.
  static RecordSplitter::Form form_of(std::string_view name, std::string_view first) {
    const auto at = first.find_first_not_of(" \t\r\n");
    const bool array = at != std::string_view::npos && first[at] == '[';
    return array || name.ends_with(".json") ? RecordSplitter::Form::items
                                            : RecordSplitter::Form::lines;
  }

  // False: nothing whole is left in what was read.
  bool take_next(RecordSplitter& splitter) {
    const auto text = splitter.next();
    if (!text) {
      bad(splitter.number(), text.error());
      stop_ = true;  // Where the next record begins is not known.
      return false;
    }
    if (!*text) return false;
    ++counts_.read;
    const auto read = reader_.read(**text, splitter.number());
    if (!read) {
      bad(splitter.number(), read.error());
      return session_ == nullptr;
    }
    if (read->verdict == RecordReader::Verdict::filtered) {
      ++counts_.filtered;
    } else if (read->verdict == RecordReader::Verdict::without_tenant) {
      ++counts_.without_tenant;
    } else if (session_ != nullptr) {
      batches_.add(*read, splitter.number());
    }
    return true;
  }

  void bad(std::uint64_t number, Error error) {
    ++counts_.bad;
    if (!counts_.first_bad || number < counts_.first_bad->number)
      counts_.first_bad = BadRecord{number, std::move(error)};
    if (session_ != nullptr) stop_ = true;
  }

  net::Task<Status> send_all() {
    auto batches = batches_.take();
    for (auto& [tenant, batch] : batches) {
      const Status sent = co_await send(tenant, std::move(batch));
      if (!sent) co_return sent;
    }
    co_return Status();
  }

  // All of it is stored, or a record was refused (stop_), or the server cannot be asked (error).
  net::Task<Status> send(std::string tenant, ImportBatch batch) {
    const auto deadline = std::chrono::steady_clock::now() + kUnavailableFor;
    while (!batch.numbers.empty()) {
      net::RequestHead head = session_->head("POST", "/api/v1/" + tenant + "/auditlogs");
      head.headers.add("Content-Type", "application/x-ndjson");
      std::string body = batch.body;
      const auto answer = co_await session_->call(std::move(head), std::move(body));
      if (!answer) co_return answer.error();
      const Taken taken = taken_of(*answer);
      counts_.created += taken.created;
      counts_.duplicates += taken.count - std::min(taken.created, taken.count);
      const unsigned status = answer->head.status;
      if (status == 200 || status == 201) co_return Status();
      if (status == 503 || status == 429) {
        if (std::chrono::steady_clock::now() > deadline) co_return error_of(*answer);
        batch = rest_of(batch, taken.count);
        const Status waited = co_await session_->pause(seconds(1));
        if (!waited) co_return waited;
        continue;
      }
      if (taken.line == 0 || taken.line > batch.numbers.size()) {
        refused_ = status < 500;
        co_return error_of(*answer);
      }
      Error refused = error_of(*answer);
      refused.path = taken.path;
      bad(batch.numbers[taken.line - 1], std::move(refused));
      co_return Status();
    }
    co_return Status();
  }

  void show(const InputFile& file) {
    std::string text = fmt::format("{} records", grouped(counts_.read));
    if (session_ != nullptr)
      text += fmt::format(", {} created, {} there already", grouped(counts_.created),
                          grouped(counts_.duplicates));
    if (file.bytes_total() > 0)
      text += fmt::format(", {}%", 100 * file.bytes_read() / file.bytes_total());
    progress_.show(text);
  }

  Session* session_;
  RecordReader reader_;
  std::string name_;
  ImportBatches batches_;
  Counts counts_;
  Progress progress_;
  bool stop_ = false;
  bool refused_ = false;
};

Json bad_json(const BadRecord& bad) {
  return {{"line", bad.number}, {"path", bad.error.path}, {"message", bad.error.context}};
}

int tell(const Counts& counts, const ImportRequest& request) {
  if (request.common.output == Output::json) {
    Json line{{"read", counts.read},
              {"filtered", counts.filtered},
              {"withoutTenant", counts.without_tenant},
              {"created", counts.created},
              {"duplicates", counts.duplicates},
              {"dryRun", request.dry_run},
              {"bad", counts.bad},
              {"failure", nullptr}};
    if (counts.first_bad) line["failure"] = bad_json(*counts.first_bad);
    print_line(terminal::visible_json(line.dump()));
  } else {
    std::string text = fmt::format("{} records read", counts.read);
    if (counts.filtered > 0) text += fmt::format(", {} left out by the filter", counts.filtered);
    if (counts.without_tenant > 0)
      text +=
          fmt::format(", {} of no tenant left out (--tenant takes them)", counts.without_tenant);
    if (!request.dry_run)
      text += fmt::format(", {} created, {} there already", counts.created, counts.duplicates);
    if (request.dry_run && counts.bad > 0) text += fmt::format(", {} bad", counts.bad);
    print_line(text);
  }
  if (!counts.first_bad) return exit_good;
  const BadRecord& bad = *counts.first_bad;
  std::fprintf(stderr, "daybook: record %llu%s%s: %s\n",
               static_cast<unsigned long long>(bad.number), bad.error.path.empty() ? "" : ", ",
               terminal::visible(bad.error.path).c_str(),
               terminal::visible(bad.error.context).c_str());
  return exit_no;
}

net::Task<int> run_import(Session& session, const ImportRequest& request, RecordReader reader) {
  Import import(request, std::move(reader), &session);
  const Status done = co_await import.run(session.stopping());
  const int code = tell(import.counts(), request);
  if (done) co_return code;
  if (import.refused()) co_return report(done.error());
  static_cast<void>(report(done.error()));
  std::fputs("daybook: not finished; the same command again goes on, nothing is stored twice\n",
             stderr);
  co_return exit_cannot_run;
}

net::Task<void> run_dry(Import& import, const std::atomic<bool>& stopping, Status& done) {
  done = co_await import.run(stopping);
}

int dry_run(const ImportRequest& request, RecordReader reader) {
  const std::atomic<bool> stopping = false;
  Import import(request, std::move(reader), nullptr);
  Status done;
  const auto runtime = net::Runtime::start(1);
  runtime->run(run_dry(import, stopping, done));
  const int code = tell(import.counts(), request);
  if (done) return code;
  static_cast<void>(report(done.error()));
  return exit_cannot_run;
}

Result<RecordReader> reader_of(const ImportRequest& request) {
  RecordReader::Options options;
  options.tenant = request.common.where.tenant.value_or("");
  DAYBOOK_ASSIGN_OR_RETURN(const auto params, params_of(request.common));
  options.filtered = !params.empty();
  DAYBOOK_ASSIGN_OR_RETURN(options.filter, query::parse_filter(params, system_clock().now()));
  return RecordReader(std::move(options));
}

}  // namespace

int import_events(const ImportRequest& request) {
  auto reader = reader_of(request);
  if (!reader) return report_cannot_run(reader.error());
  if (request.dry_run) return dry_run(request, *std::move(reader));
  return in_session(request.common.where,
                    [&](Session& session) { return run_import(session, request, *reader); });
}

}  // namespace daybook::app
