// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/clock.h"

#include "output.h"
#include "terminal_commands.h"

namespace daybook::app {

int in_session(const Where& where, const std::function<net::Task<int>(Session&)>& command) {
  auto session = Session::open(where);
  if (!session) return report_cannot_run(session.error());
  const int code = (*session)->run(command);
  if (auto closed = (*session)->close(); !closed) return report_cannot_run(closed.error());
  return code;
}

Result<query::Params> params_of(const TerminalRequest& request) {
  return terminal::to_params(request.words, request.zone, system_clock().now());
}

}  // namespace daybook::app
