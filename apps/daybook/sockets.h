// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/core/result.h"

namespace daybook::app {

// `systemd:NAME` becomes `fd:N`, the socket of that name which systemd handed over
// (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES); everything else stays as it is.
// Errc::not_found if there is no such socket.
Result<std::string> resolve_listener(const std::string& endpoint);

}  // namespace daybook::app
