// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace daybook {

// The diagnostics log (stderr), one line a call: `2026-11-24T06:00:00.000Z warn ledger: text`.
// Control characters in `text` are escaped. Never pass a credential. Threads: any.
enum class Severity : unsigned char { debug, info, warn, error };
void set_minimum_severity(Severity severity);
void diagnose(Severity severity, std::string_view module, std::string_view text);

}  // namespace daybook
