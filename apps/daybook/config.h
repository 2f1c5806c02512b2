// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daybook/access/authenticator.h"
#include "daybook/api/follow_options.h"
#include "daybook/capture/gateway.h"
#include "daybook/capture/heartbeat.h"
#include "daybook/capture/spool.h"
#include "daybook/core/result.h"
#include "daybook/erasure/redactor.h"
#include "daybook/ledger/ledger.h"
#include "daybook/ledger/scrubber.h"

namespace daybook::app {

// PEM files of a listener; both or none.
struct TlsFiles {
  std::string certificate;
  std::string key;
  [[nodiscard]] bool wanted() const { return !certificate.empty() || !key.empty(); }
};

// Whom checkpoints are sent to; nobody without a policy file (C2SP tlog-policy).
struct WitnessConfig {
  std::string policy_file;
  std::chrono::milliseconds interval{10'000};
  std::chrono::milliseconds recosign{3'600'000};
  std::chrono::milliseconds timeout{5'000};
};

// A server, or a terminal command that opened the directory because no server has it: then there is
// no network listener, only the control socket, no first administrator, and neither START, STOP nor
// heartbeat is recorded.
enum class Purpose : std::uint8_t { server, command };

// What may be forgotten, and who must agree (docs/erasure.md).
struct ErasureConfig {
  std::optional<bool> two_person;
  std::vector<erasure::Policy> policies;
  std::chrono::milliseconds retention_every{24 * 3'600'000};
};

// Everything a server is told, from the command line, the configuration file and the environment.
struct Config {
  Purpose purpose = Purpose::server;
  std::filesystem::path data;
  std::string listen = "127.0.0.1:8086";
  std::optional<std::string> gateway;      // Listener of the gateway; needs `upstream`.
  std::optional<std::string> upstream;     // Kestra's base URL.
  TlsFiles tls;                            // Of `listen`.
  TlsFiles gateway_tls;                    // Of `gateway`.
  std::optional<std::string> upstream_ca;  // Whom to believe behind an https upstream.
  std::optional<std::string> rules;        // Rule file; none: the built-in rules.
  capture::Spool::Options spool;           // No folder: no spool.
  ledger::Ledger::Options ledger;
  ledger::Scrubber::Options scrub;
  capture::GatewayOptions gateway_options;
  capture::HeartbeatOptions heartbeat;
  access::AuthOptions access;
  api::FollowOptions follow;
  ErasureConfig erasure;
  std::filesystem::path known_checkpoint;  // Kept outside; the ledger must hold it.
  WitnessConfig witness;
  std::optional<std::string> first_admin_password;  // Absent: made at first start and printed once.
};

// Reads the YAML file into `config` (docs/operations.md lists the keys). Errc::invalid with file,
// line and column; an unknown key is an error that lists the known ones.
Status read_config_file(const std::filesystem::path& file, Config& config);

// DAYBOOK_UPSTREAM_USERNAME, DAYBOOK_UPSTREAM_PASSWORD (they win over the file),
// DAYBOOK_ADMIN_PASSWORD.
void read_environment(Config& config);

}  // namespace daybook::app
