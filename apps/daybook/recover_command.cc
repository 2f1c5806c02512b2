// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "daybook/core/file_system.h"
#include "daybook/ledger/recover.h"
#include "daybook/record/json.h"

#include "commands.h"
#include "failure_line.h"
#include "output.h"

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

}  // namespace

int recover(const std::filesystem::path& data, std::uint64_t accept_loss, bool json) {
  const auto result = ledger::recover_directory(posix_file_system(), data, accept_loss);
  if (!result) return report_cannot_run(result.error());
  if (json) {
    Json failures = Json::array();
    for (const auto& failure : result->found.failures) {
      failures.push_back({{"file", failure.file}, {"what", failure.what}});
    }
    const Json loss = result->would_lose ? Json(*result->would_lose) : Json(nullptr);
    print_line(Json{
        {"ok", result->ok},
        {"treeSize", result->found.tree_size},
        {"lost", result->lost},
        {"wouldLose", loss},
        {"failures",
         failures}}.dump());
  } else {
    print_for_people(*result);
  }
  return result->ok ? exit_good : exit_no;
}

}  // namespace daybook::app
