// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <utility>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"

namespace daybook::app {

Result<Store> open_store(const std::filesystem::path& data,
                         const ledger::Ledger::Options& options) {
  Store store;
  store.metrics = std::make_unique<Metrics>();
  DAYBOOK_ASSIGN_OR_RETURN(store.ledger,
                           ledger::Ledger::open(posix_file_system(), data, options, system_clock(),
                                                system_random(), *store.metrics));
  DAYBOOK_ASSIGN_OR_RETURN(
      store.accounts, access::Accounts::open(data / "state.db", system_clock(), system_random()));
  return store;
}

Status append_event(Store& store, record::Event event) {
  event.recorded_at = system_clock().now();
  std::vector<ledger::Draft> batch;
  batch.push_back(ledger::prepare(event, {}, system_random()));
  DAYBOOK_RETURN_IF_ERROR(append_and_wait(*store.ledger, std::move(batch)));
  return {};
}

}  // namespace daybook::app
