// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daybook/access/principal.h"
#include "daybook/api/api.h"
#include "daybook/net/server.h"
#include "daybook/query/filter.h"

#include "answer.h"
#include "follow_hub.h"
#include "router.h"
#include "worker.h"

namespace daybook::api {

// What the operations work with; lives as long as the Api.
struct Services {
  Api::Parts parts;
  Worker worker;
  FollowHub followers;
  Worker eraser;  // Redactions and retention: minutes, on a large ledger.

  [[nodiscard]] const ledger::Reader& reader() const { return parts.ledger.reader(); }
  [[nodiscard]] UnixMillis now() const { return parts.recorder.clock().now(); }
};

// One request on its way through the API. Lives in Api::handle()'s frame; operations get a
// reference that is good until they return.
struct Call {
  Services& services;
  net::Exchange& exchange;
  std::string prefix;  // What was cut off the path; empty or `/daybook`.
  std::string path;    // Without the prefix, as received.
  Match match;
  query::Params params;  // Decoded query string.
  std::optional<access::Principal> who = std::nullopt;

  [[nodiscard]] bool is_head() const { return exchange.head().method == "HEAD"; }
  // Absent on the paths for all tenants.
  [[nodiscard]] std::optional<std::string> tenant() const {
    return match.tenant.empty() ? std::nullopt : std::optional(match.tenant);
  }
};

// Sends a whole answer or a refusal. Whether the peer is still there to get it does not matter any
// more.
net::Task<void> reply(Call& call, Answer<net::Response> answer);

}  // namespace daybook::api
