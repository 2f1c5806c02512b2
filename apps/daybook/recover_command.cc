// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "daybook/core/file_system.h"
#include "daybook/ledger/recover.h"
#include "daybook/record/json.h"

#include "commands.h"
#include "failure_line.h"
#include "http_json.h"
#include "output.h"
#include "store.h"

namespace daybook::app {
namespace {

using record::Json;

void print_for_people(const ledger::RecoverReport& report) {
  for (const auto& failure : report.found.failures) print_line(failure_line(failure));
  if (report.ok && report.lost == 0) {
    print_line(fmt::format("OK  {} entries are sound; `daybook serve` writes again",
                           report.found.tree_size));
  } else if (report.ok) {
    print_line(fmt::format("CUT  {} entries are sound, {} behind them are gone",
                           report.found.tree_size, report.lost));
  } else if (report.would_lose) {
    print_line(fmt::format("DAMAGED  {} entries are sound; --accept-loss {} cuts what lies behind",
                           report.found.tree_size, *report.would_lose));
  } else {
    print_line(
        "DAMAGED  below a signed checkpoint: nothing was changed, restore the ledger from a copy");
  }
}

int show(const ledger::RecoverReport& report, bool json) {
  if (json) {
    Json failures = Json::array();
    for (const auto& failure : report.found.failures) {
      failures.push_back({{"file", failure.file}, {"what", failure.what}});
    }
    const Json loss = report.would_lose ? Json(*report.would_lose) : Json(nullptr);
    print_line(Json{
        {"ok", report.ok},
        {"treeSize", report.found.tree_size},
        {"lost", report.lost},
        {"wouldLose", loss},
        {"failures",
         failures}}.dump());
  } else {
    print_for_people(report);
  }
  return report.ok ? exit_good : exit_no;
}

// A running server recovers by its restart alone: nothing is changed behind its back. What it is
// asked is whether it writes.
Result<ledger::RecoverReport> ask_server(const std::filesystem::path& data) {
  const HttpJson server("unix:" + (data / "control.sock").string(), {});
  DAYBOOK_ASSIGN_OR_RETURN(const net::Response answer, server.get("/health"));
  DAYBOOK_ASSIGN_OR_RETURN(const Json health, record::parse_json(answer.body));
  ledger::RecoverReport report;
  DAYBOOK_ASSIGN_OR_RETURN(report.found, ledger::verify_directory(posix_file_system(), data, {}));
  const bool writes = health.is_object() && health.value("writable", false);
  if (!writes) {
    report.found.failures.push_back(
        {"ledger.stopped", {}, {}, "the server stopped writing: restart it, it verifies first"});
  }
  report.ok = writes && report.found.ok;
  return report;
}

// Any command makes a ledger where there is none.
Result<ledger::RecoverReport> initialise(const std::filesystem::path& data) {
  DAYBOOK_ASSIGN_OR_RETURN(const Store store, open_store(data, {}));
  DAYBOOK_RETURN_IF_ERROR(store.ledger->close());
  return ledger::recover_directory(posix_file_system(), data, 0);
}

}  // namespace

int recover(const std::filesystem::path& data, std::uint64_t accept_loss, bool json) {
  auto result = ledger::recover_directory(posix_file_system(), data, accept_loss);
  if (!result && result.error().code == Errc::unavailable) result = ask_server(data);
  if (!result && result.error().code == Errc::not_found) result = initialise(data);
  if (!result) return report_cannot_run(result.error());
  return show(*result, json);
}

}  // namespace daybook::app
