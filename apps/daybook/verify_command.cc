// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"
#include "daybook/ledger/verify.h"
#include "daybook/record/json.h"

#include "commands.h"
#include "output.h"
#include "verify_url.h"

namespace daybook::app {
namespace {

using record::Json;

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
  for (const auto& failure : report.failures) {
    std::string where = failure.file;
    if (failure.offset) where += fmt::format(" offset {}", *failure.offset);
    if (failure.index) where += fmt::format(" entry {}", *failure.index);
    print_line(fmt::format("failure   {}: {}", where, failure.what));
  }
}

Result<std::string> read_text(const std::filesystem::path& file) {
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes bytes, read_file(posix_file_system(), file, 1U << 20U));
  return std::string(as_text(bytes));
}

Result<ledger::VerifyOptions> options_of(const VerifyRequest& request) {
  ledger::VerifyOptions options;
  if (!request.key.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(auto key, crypto::NoteVerifier::parse(request.key));
    options.keys.push_back(std::move(key));
  }
  if (!request.checkpoint.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(options.saved_checkpoint, read_text(request.checkpoint));
  }
  if (isatty(STDERR_FILENO) != 0) {
    options.progress = [](std::uint64_t done, std::uint64_t total) {
      std::fprintf(stderr, "\rverifying %llu of %llu entries",
                   static_cast<unsigned long long>(done), static_cast<unsigned long long>(total));
      if (done == total) std::fputc('\n', stderr);
    };
  }
  return options;
}

}  // namespace

int verify(const VerifyRequest& request) {
  const auto options = options_of(request);
  if (!options) {
    static_cast<void>(report(options.error()));
    return options.error().code == Errc::invalid ? exit_bad_use : exit_cannot_run;
  }
  const bool is_url =
      request.source.starts_with("http://") || request.source.starts_with("https://");
  const auto result = is_url
                          ? verify_url(request.source, request.token, *options)
                          : ledger::verify_directory(posix_file_system(), request.source, *options);
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

int tlog_export(const std::filesystem::path& data, const std::filesystem::path& out, bool json) {
  auto& fs = posix_file_system();
  // Without this a mistyped directory would be made a ledger of its own.
  if (const auto there = fs.exists(data / "ledger"); !there || !*there) {
    return report_cannot_run(
        {.code = Errc::not_found, .context = "no ledger there", .path = data.string()});
  }
  const auto size = ledger::export_static(fs, data, out);
  if (!size && size.error().code == Errc::exists) {
    static_cast<void>(report(size.error()));
    return exit_bad_use;
  }
  if (!size) return report_cannot_run(size.error());
  if (json) {
    print_line(Json{{"treeSize", *size}, {"out", out.string()}}.dump());
  } else {
    print_line(fmt::format("{} entries exported to {}", *size, out.string()));
  }
  return exit_good;
}

}  // namespace daybook::app
