// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daybook/core/result.h"

namespace daybook::app {

// Exit codes of every command (the API contract, «Commands»).
enum Exit : int {
  exit_good = 0,
  exit_no = 1,          // The answer is no.
  exit_bad_use = 2,     // The call's words are off.
  exit_cannot_run = 3,  // Something around it is missing.
  exit_stopped = 4,     // `serve` only: writing had to stop; see `recover`.
};

// One line on stdout, flushed: other programs wait for it.
void print_line(std::string_view line);

// `daybook: text` on stderr; answers the exit code that fits the error of a question or an account
// command.
int report(const Error& error);
// The same where there is no «no»: bad use, or cannot run.
int report_cannot_run(const Error& error);

}  // namespace daybook::app
