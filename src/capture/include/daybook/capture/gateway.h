// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/access/authenticator.h"
#include "daybook/capture/recorder.h"
#include "daybook/capture/rule_book.h"
#include "daybook/core/metrics.h"
#include "daybook/net/client.h"
#include "daybook/net/networks.h"
#include "daybook/net/server.h"

namespace daybook::capture {

enum class Identity : std::uint8_t {
  daybook,      // Basic (daybook users) or service-account tokens; Kestra's credential is put on
                // upstream.
  passthrough,  // The client's own credentials go to Kestra; its Basic user name is the actor.
  headers,      // A proxy in `header_networks` names the user; whoever comes another way needs a
                // daybook login.
};

struct GatewayOptions {
  Identity identity = Identity::daybook;
  std::optional<std::string> upstream_username;
  std::optional<std::string> upstream_password;
  bool webhooks_open = true;
  net::Networks trusted_proxies;  // Whose X-Forwarded-For and Forwarded are believed.
  net::Networks header_networks;
  std::string user_header = "X-Forwarded-User";
  bool sign_in_page = false;  // A browser that has no login is sent to the sign-in page.
  std::shared_ptr<net::TlsClient> upstream_tls;  // For the gateway's own requests, if https.
  std::uint64_t capture_body_max = 4ULL << 20U;  // Bytes of a request or answer kept for capture.
  std::uint64_t hold_back_max = 64 * 1024;       // Answers up to this wait for their outcome.
  std::chrono::milliseconds own_request_timeout{2'000};  // GET ahead and behind.
  std::chrono::milliseconds answer_timeout{
      300'000};  // Head of an answer, streams excepted; else 504.
};

// The reverse proxy in front of a Kestra server (contract sections 1, 4 and 5).
//
// For a request: authenticate → classify → [strict: GET ahead → attempt durable] → forward,
// streaming both ways → [outcome durable] → last byte of the answer. A changing request is sent
// upstream at most once. Threads: handle() on the exchange's strand; many at once.
class Gateway {
 public:
  static std::unique_ptr<Gateway> make(GatewayOptions options, Recorder& recorder,
                                       access::Authenticator& authenticator, const RuleBook& rules,
                                       net::Client& upstream, Metrics& metrics);
  virtual ~Gateway() = default;
  // Paths below /daybook/ that the gateway answers itself: signing in and out.
  [[nodiscard]] static bool claims(std::string_view path);
  virtual net::Task<void> handle(net::Exchange& exchange) = 0;
};

// Gives every attempt that has no outcome an outcome UNKNOWN. Once, at start-up, before serving.
// Returns how many there were.
Result<std::uint64_t> close_open_attempts(ledger::Ledger& ledger, const Clock& clock,
                                          Random& random);

}  // namespace daybook::capture
