// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"
#include "daybook/evidence/verify.h"

#include "output.h"
#include "verify_request.h"
#include "verify_trust.h"

namespace daybook::app {
namespace {

// A file of the most items a server gives, each with large parts.
constexpr std::uint64_t kFileBytesMax = 1ULL << 30U;

std::string items_line(const evidence::Report& report) {
  std::string line = fmt::format("items     {}: {} shown, {} withheld", report.items,
                                 report.disclosed, report.withheld);
  if (report.erased > 0) line += fmt::format(", {} parts erased", report.erased);
  return line;
}

std::string range_line(const evidence::Report& report) {
  if (report.from == report.to) return "range     no entry";
  return fmt::format("range     entries {} to {}, {}", report.from, report.to - 1,
                     report.complete ? "complete: no other entry lies between them"
                                     : "a selection: says nothing about what it leaves out");
}

void print_for_people(const evidence::Report& report) {
  print_line(fmt::format("{}  tree of {} entries, root {}", report.ok ? "OK" : "DOES NOT VERIFY",
                         report.tree_size, to_hex(report.root)));
  print_line("origin    " + report.origin);
  for (const std::string& key : report.keys) print_line("key       " + key);
  print_line("filters   " + (report.filters.empty() ? std::string("none") : report.filters));
  if (!report.scope.empty()) print_line("scope     " + report.scope.dump());
  print_line(range_line(report));
  print_line(items_line(report));
  if (report.not_evaluated > 0) {
    print_line(fmt::format("note      of {} items a condition on a hidden part was left open",
                           report.not_evaluated));
  }
  if (report.complete && report.withheld > 0) {
    print_line("note      that withheld entries do not match is the server's word");
  }
  if (report.anchored_to) {
    print_line(fmt::format("anchored  to size {} by the given checkpoint", *report.anchored_to));
  } else {
    print_line("unanchored: no checkpoint from outside was given");
  }
  if (!report.key_from_outside) {
    print_line("note      the key came from the file itself; pass --key kept elsewhere");
  }
  for (const evidence::Failure& failure : report.failures) {
    std::string where = failure.item ? fmt::format("item {}", *failure.item) : "document";
    if (failure.index) where += fmt::format(" (entry {})", *failure.index);
    print_line(fmt::format("failure   {}: {}", where, failure.what));
  }
}

evidence::Report report_of(std::string_view file, evidence::VerifyOptions options) {
  const Result<std::string_view> document = evidence::document_of(file);
  if (document) return evidence::verify(*document, options);
  evidence::Report report;
  report.failures.push_back({{}, {}, document.error().context});
  return report;
}

}  // namespace

int verify_evidence(const VerifyRequest& request) {
  Result<Trust> trust = trust_of(request);
  if (!trust) return report_cannot_run(trust.error());
  const Result<Bytes> bytes = read_file(posix_file_system(), request.source, kFileBytesMax);
  if (!bytes) return report_cannot_run(bytes.error());
  const evidence::Report report =
      report_of(as_text(*bytes), {std::move(trust->keys), std::move(trust->saved_checkpoint)});
  if (request.json) {
    print_line(
        evidence::to_json(report).dump(-1, ' ', false, record::Json::error_handler_t::replace));
  } else {
    print_for_people(report);
  }
  return report.ok ? exit_good : exit_no;
}

}  // namespace daybook::app
