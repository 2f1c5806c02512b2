// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terminal_commands.h"

namespace daybook::app {

// The commands that make daybook forget, through the HTTP API. Each answers the process's exit
// code: 1 if a legal hold or a missing second person forbids it.

struct RedactRequest {
  TerminalRequest common;
  std::string id;
  std::optional<std::uint64_t> index;
  std::vector<std::string> person;
  bool everywhere = false;
  std::vector<std::string> parts;
  std::string reason;
  bool dry_run = false;
};
int redact(const RedactRequest& request);

// What is waiting for a second person, retention, holds: one call each.
enum class ErasureCall : std::uint8_t {
  redaction_list,
  redaction_approve,
  redaction_withdraw,
  retention_list,
  retention_run,
  hold_list,
  hold_add,
  hold_remove,
};
struct ErasureRequest {
  TerminalRequest common;
  ErasureCall call = ErasureCall::hold_list;
  std::string id;
  std::string reason;
  bool dry_run = false;
};
int run_erasure(const ErasureRequest& request);

}  // namespace daybook::app
