// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daybook/core/result.h"
#include "daybook/erasure/redactor.h"
#include "daybook/search/engine.h"

#include "config.h"
#include "store.h"

namespace daybook::app {

// Lets erasing work on an open store and its search, both of which outlive it. Search is complete.
Result<std::unique_ptr<erasure::Redactor>> open_redactor(Store& store, search::Engine& engine,
                                                         const Config& config);

}  // namespace daybook::app
