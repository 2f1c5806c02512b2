// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "daybook/access/principal.h"
#include "daybook/capture/recorder.h"
#include "daybook/core/metrics.h"
#include "daybook/net/server.h"

namespace daybook::capture {

// `POST /api/v1/{tenant}/auditlogs`: JSON event, array of events, or NDJSON; gzip and zstd bodies;
// receipts, idempotency, limits and refusals of contract section 5. The caller has authenticated
// `who` and checked that it may ingest into `tenant`. Threads: any; one call an exchange.
class Ingest {
 public:
  Ingest(Recorder& recorder, Metrics& metrics);
  net::Task<void> handle(net::Exchange& exchange, access::Principal who, std::string tenant);

 private:
  Recorder& recorder_;
  Metrics::Counter events_;
  Metrics::Counter refusals_;
  std::atomic<std::uint64_t> buffered_{
      0};  // Bytes of JSON bodies held in memory, over all requests.
};

}  // namespace daybook::capture
