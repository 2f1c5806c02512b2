// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/record/event.h"

namespace daybook::ledger {

// A `system` entry of the ledger's own about what happened to it: resource INSTANCE, now.
[[nodiscard]] record::Event own_event(std::string_view action, record::Json detail,
                                      const Clock& clock, Random& random);

}  // namespace daybook::ledger
