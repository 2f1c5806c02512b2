// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/ledger/verify.h"

namespace daybook::app {

// One thing that is wrong with a ledger, for people.
[[nodiscard]] std::string failure_line(const ledger::VerifyFailure& failure);

}  // namespace daybook::app
