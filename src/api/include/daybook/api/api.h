// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "daybook/access/accounts.h"
#include "daybook/access/authenticator.h"
#include "daybook/api/follow_options.h"
#include "daybook/capture/ingest.h"
#include "daybook/capture/recorder.h"
#include "daybook/core/metrics.h"
#include "daybook/erasure/redactor.h"
#include "daybook/ledger/reader.h"
#include "daybook/net/server.h"
#include "daybook/search/engine.h"

namespace daybook::witness {
class Witnesses;
}

namespace daybook::api {

// Everything daybook answers itself over HTTP: Kestra's audit-log API, ingest, entries and proofs,
// the transparency log, accounts and sessions, health and metrics, the web UI (contract section 5).
// Threads: handle() on the exchange's strand; many at once.
class Api {
 public:
  struct Parts {
    ledger::Ledger& ledger;
    search::Engine& search;
    access::Accounts& accounts;
    access::Authenticator& authenticator;
    capture::Recorder& recorder;
    capture::Ingest& ingest;
    erasure::Redactor& redactor;
    Metrics& metrics;
    bool metrics_open = false;  // Listener bound to loopback.
    FollowOptions follow = {};
    const witness::Witnesses* witnesses = nullptr;  // None configured.
  };
  static std::unique_ptr<Api> make(Parts parts);
  virtual ~Api() = default;

  // `prefix` (`/daybook` on the gateway's listener, else empty) is cut off the target before
  // routing.
  virtual net::Task<void> handle(net::Exchange& exchange, std::string prefix) = 0;
  // Ends the answers that would last for ever (follow) cleanly, and lets no new ones in. Before the
  // servers drain.
  virtual void end_streams() = 0;
  // Whether a gateway listener must hand this path to the API: `/daybook/**`,
  // `/api/v1[/{tenant}]/auditlogs/**`. Returns the prefix to pass to handle(), or nothing if the
  // path is Kestra's.
  [[nodiscard]] static std::optional<std::string> claims(std::string_view path);
};

}  // namespace daybook::api
