// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "erasure_commands.h"

namespace daybook::app {

// `redact`, `redaction`, `retention` and `hold` as words of the command line.
class ErasureOptions {
 public:
  // Adds the commands; must live as long as `app` is used.
  explicit ErasureOptions(CLI::App& app);
  ErasureOptions(const ErasureOptions&) = delete;
  ErasureOptions& operator=(const ErasureOptions&) = delete;
  // Runs the one that was named; nothing if it was another command.
  std::optional<int> run();

 private:
  void add_redact();
  void add_redaction();
  void add_retention();
  void add_hold();
  CLI::App* add_call(CLI::App& group, const std::string& name, const std::string& help,
                     ErasureCall call);

  CLI::App& app_;
  RedactRequest redact_;
  ErasureRequest request_;
  bool named_ = false;  // One of the calls of request_.
};

}  // namespace daybook::app
