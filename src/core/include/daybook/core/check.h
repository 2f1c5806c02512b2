// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace daybook {

// Prints `file:line: check failed: what` to stderr and aborts. A ledger that doubts itself stops.
[[noreturn]] void check_failed(const char* file, int line, const char* what);

}  // namespace daybook

// An invariant. Always on, also in release builds.
#define DAYBOOK_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::daybook::check_failed(__FILE__, __LINE__, #condition))
