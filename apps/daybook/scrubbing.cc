// SPDX-License-Identifier: Apache-2.0
#include "scrubbing.h"

#include <string>
#include <utility>

#include "daybook/capture/heartbeat.h"
#include "daybook/core/clock.h"
#include "daybook/core/diagnostics.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"

namespace daybook::app {
namespace {

void tell(Store& store, const ledger::ScrubReport& report) {
  record::Json detail{{"from", format_time(report.from)},
                      {"to", format_time(report.to)},
                      {"entries", report.entries}};
  if (report.damage) {
    detail["damage"] = report.damage->context;
    if (!report.damage->path.empty()) {
      detail["file"] = std::filesystem::path(report.damage->path).filename().string();
    }
    if (report.damage->offset) detail["offset"] = *report.damage->offset;
  }
  auto event = capture::instance_event(system_clock(), "SCRUB", std::move(detail));
  event.id = random_id(system_random());
  event.result = report.damage ? record::ResultWord::failure : record::ResultWord::success;
  if (const auto stored = append_event(store, std::move(event)); !stored) {
    diagnose(Severity::warn, "ledger", "the check was not recorded: " + stored.error().context);
  }
}

}  // namespace

std::unique_ptr<ledger::Scrubber> start_scrubber(const Config& config, Store& store) {
  auto scrubber = ledger::Scrubber::make(
      posix_file_system(), config.data, *store.ledger, config.scrub, system_clock(), *store.metrics,
      [&store](const ledger::ScrubReport& report) { tell(store, report); });
  scrubber->start();
  return scrubber;
}

}  // namespace daybook::app
