// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daybook/net/task.h"

namespace daybook::net {

// Whether everything on `executor` runs on one thread, in turn: what waits there for its next use
// needs no change of hands.
[[nodiscard]] bool is_lane(const Executor& executor);

}  // namespace daybook::net
