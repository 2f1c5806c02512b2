// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daybook/capture/gateway.h"
#include "daybook/core/metrics.h"

namespace daybook::capture {

struct GatewayMetrics {
  explicit GatewayMetrics(Metrics& metrics);
  Metrics::Counter passed;
  Metrics::Counter refused;      // By daybook: 401, 403, 405, 423, 429.
  Metrics::Counter unreachable;  // No connection to the upstream.
  Metrics::Counter lost;         // No or half an answer after the request was sent.
  Metrics::Counter unrecorded;   // The ledger did not take an attempt or outcome.
  Metrics::Counter client_gone;
  Metrics::Counter unclassified;
  Metrics::Histogram added_seconds;
};

// What all requests of one gateway share. Everything referred to outlives it.
struct GatewayShared {
  GatewayOptions options;
  Recorder& recorder;
  access::Authenticator& authenticator;
  const RuleBook& rules;
  net::Client& upstream;
  // For the gateway's own GETs: connecting counts within their time limit.
  std::unique_ptr<net::Client> own_client;
  std::optional<std::string> authorization;  // `Basic …` for Kestra.
  GatewayMetrics metrics;
};

}  // namespace daybook::capture
