// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daybook/net/task.h"

#include "gateway_shared.h"

namespace daybook::capture {

// What a GET of the gateway's own has shown.
struct Seen {
  std::optional<std::string> body;  // Of a 200.
  bool absent = false;              // 404.
  std::string why_not;              // Why neither is known; empty if one is.
};

// Looks at an object before or after a change (`moment` is `before` or `after`): a GET that carries
// no header of the client's and is bounded in time and size. Never fails the client's request.
net::Task<Seen> look(GatewayShared& shared, std::string target, std::string moment);

}  // namespace daybook::capture
