// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"
#include "daybook/ledger/verify.h"
#include "daybook/record/json.h"

#include "failure_line.h"
#include "output.h"
#include "verify_request.h"
#include "verify_trust.h"
#include "verify_url.h"

namespace daybook::app {
namespace {

using record::Json;

constexpr std::uint64_t kPublishedFileBytesMax = 1U << 20U;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const ledger::VerifyReport& report) {
  Json failures = Json::array();
  for (const auto& failure : report.failures) {
    failures.push_back({{"file", failure.file},
                        {"offset", or_null(failure.offset)},
                        {"index", or_null(failure.index)},
                        {"what", failure.what}});
  }
  return {{"ok", report.ok},
          {"treeSize", report.tree_size},
          {"rootHash", to_hex(report.root)},
          {"origin", report.origin},
          {"keys", report.keys},
          {"anchoredTo", or_null(report.anchored_to)},
          {"erased", report.erased},
          {"tornTailBytes", report.torn_tail_bytes},
          {"failures", failures}};
}

void print_for_people(const ledger::VerifyReport& report, const VerifyRequest& request) {
  print_line(fmt::format("{}  {} entries, root {}", report.ok ? "OK" : "DOES NOT VERIFY",
                         report.tree_size, to_hex(report.root)));
  print_line("origin    " + report.origin);
  for (const auto& key : report.keys) print_line("key       " + key);
  if (report.anchored_to) {
    print_line(fmt::format("anchored  to size {} by the given checkpoint", *report.anchored_to));
  } else {
    print_line("unanchored: no checkpoint from outside was given");
  }
  if (request.key.empty() && request.checkpoint.empty()) {
    print_line(
        "note      the key came from the source itself; pass --key or --checkpoint kept elsewhere");
  }
  if (report.torn_tail_bytes > 0) {
    print_line(fmt::format("note      {} bytes of an unfinished write at the end",
                           report.torn_tail_bytes));
  }
  for (const auto& failure : report.failures) print_line(failure_line(failure));
}

Result<ledger::VerifyOptions> options_of(const VerifyRequest& request) {
  DAYBOOK_ASSIGN_OR_RETURN(Trust trust, trust_of(request));
  ledger::VerifyOptions options;
  options.keys = std::move(trust.keys);
  options.saved_checkpoint = std::move(trust.saved_checkpoint);
  options.since_saved = request.since;
  if (isatty(STDERR_FILENO) != 0) {
    options.progress = [](std::uint64_t done, std::uint64_t total) {
      std::fprintf(stderr, "\rverifying %llu of %llu entries",
                   static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
      if (done == total) std::fputc('\n', stderr);
    };
  }
  return options;
}

// A static export is told from a data directory by its `checkpoint` file.
Result<bool> is_static_export(FileSystem& fs, const std::filesystem::path& source) {
  DAYBOOK_ASSIGN_OR_RETURN(const bool ledger, fs.exists(source / "ledger"));
  if (ledger) return false;
  return fs.exists(source / "checkpoint");
}

Result<ledger::VerifyReport> verify_static(FileSystem& fs, const std::filesystem::path& source,
                                           const ledger::VerifyOptions& options) {
  const ledger::Fetch fetch = [&](const std::string& path) {
    return read_file(fs, source / path, kPublishedFileBytesMax);
  };
  return ledger::verify_published(fetch, options);
}

Result<ledger::VerifyReport> run(const VerifyRequest& request,
                                 const ledger::VerifyOptions& options) {
  if (request.source.starts_with("http://") || request.source.starts_with("https://")) {
    return verify_url(request.source, request.token, options);
  }
  FileSystem& fs = posix_file_system();
  DAYBOOK_ASSIGN_OR_RETURN(const bool is_export, is_static_export(fs, request.source));
  return is_export ? verify_static(fs, request.source, options)
                   : ledger::verify_directory(fs, request.source, options);
}

}  // namespace

int verify(const VerifyRequest& request) {
  const auto options = options_of(request);
  if (!options) {
    static_cast<void>(report(options.error()));
    return options.error().code == Errc::invalid ? exit_bad_use : exit_cannot_run;
  }
  const auto result = run(request, *options);
  if (!result) {
    static_cast<void>(report(result.error()));
    return exit_cannot_run;
  }
  if (request.json) {
    print_line(to_json(*result).dump());
  } else {
    print_for_people(*result, request);
  }
  return result->ok ? exit_good : exit_no;
}

}  // namespace daybook::app
