// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "daybook/access/accounts.h"
#include "daybook/core/metrics.h"
#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"
#include "daybook/record/event.h"

namespace daybook::app {

// A data directory opened for writing, without any network: what a server and the account commands
// share. Ownership: holds the directory lock. Close the ledger before destruction for a clean stop.
struct Store {
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<access::Accounts> accounts;
};

// Opens or initialises `data`. Errc::unavailable if another process holds it.
Result<Store> open_store(const std::filesystem::path& data, const ledger::Ledger::Options& options);

// Makes the event of a change of accounts durable, recorded now. Blocks for one group.
Status append_event(Store& store, record::Event event);

}  // namespace daybook::app
