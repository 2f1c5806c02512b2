// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daybook/ledger/scrubber.h"

#include "config.h"
#include "store.h"

namespace daybook::app {

// Reads the ledger again in the background; each whole reading is a `system` entry (action SCRUB),
// and so is damage, the last entry before writing stops. Ends before the store's ledger closes.
std::unique_ptr<ledger::Scrubber> start_scrubber(const Config& config, Store& store);

}  // namespace daybook::app
