// SPDX-License-Identifier: Apache-2.0
#include "erasure_doors.h"

#include <string>
#include <utility>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/ledger/ledger.h"

namespace daybook::app {
namespace {

constexpr std::size_t kAtOnce = 65'536;

Result<std::vector<EntryIndex>> find_all(const search::Engine& engine,
                                         const query::Filter& filter) {
  DAYBOOK_ASSIGN_OR_RETURN(const auto cursor,
                           engine.ascending(filter, EntryIndex(0), engine.size()));
  std::vector<EntryIndex> found;
  for (;;) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto some, cursor->next(kAtOnce));
    if (some.empty()) return found;
    found.insert(found.end(), some.begin(), some.end());
  }
}

Status record_all(ledger::Ledger& ledger, std::vector<record::Event> events) {
  std::vector<ledger::Draft> batch;
  for (record::Event& event : events) {
    if (event.id.empty()) event.id = random_id(system_random());
    event.recorded_at = system_clock().now();
    batch.push_back(ledger::prepare(event, {}, system_random()));
  }
  DAYBOOK_RETURN_IF_ERROR(append_and_wait(ledger, std::move(batch)));
  return {};
}

}  // namespace

Result<std::unique_ptr<erasure::Redactor>> open_redactor(Store& store, search::Engine& engine,
                                                         const Config& config) {
  erasure::Doors doors{
      .reader = store.ledger->reader(),
      .find = [&engine](const query::Filter& filter) { return find_all(engine, filter); },
      .record =
          [ledger = store.ledger.get()](std::vector<record::Event> events) {
            return record_all(*ledger, std::move(events));
          },
      .erase =
          [ledger = store.ledger.get()](std::vector<ledger::Erasure> erasures) {
            return ledger->erase(std::move(erasures));
          },
      .forget = [&engine, accounts = store.accounts.get()]() -> Status {
        DAYBOOK_RETURN_IF_ERROR(engine.forget());
        return accounts->forget_overwritten();
      }};
  auto two_person = config.erasure.two_person;
  if (config.purpose == Purpose::server && !two_person) two_person = false;
  return erasure::Redactor::open(std::move(doors), {.fs = posix_file_system(),
                                                    .data_dir = config.data,
                                                    .clock = system_clock(),
                                                    .random = system_random(),
                                                    .two_person = two_person,
                                                    .policies = config.erasure.policies});
}

}  // namespace daybook::app
