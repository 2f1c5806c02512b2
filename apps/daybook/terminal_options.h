// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

#include "terminal_commands.h"

namespace daybook::app {

// `search`, `tail`, `export`, `import` and `key` as words of the command line.
class TerminalOptions {
 public:
  // Adds the commands; must live as long as `app` is used.
  explicit TerminalOptions(CLI::App& app);
  TerminalOptions(const TerminalOptions&) = delete;
  TerminalOptions& operator=(const TerminalOptions&) = delete;
  // Runs the one that was named; nothing if it was another command.
  std::optional<int> run();

 private:
  void add_search();
  void add_tail();
  void add_export();
  void add_import();
  void add_key();

  CLI::App& app_;
  SearchRequest search_;
  TailRequest tail_;
  ExportRequest export_;
  ImportRequest import_;
  KeyRequest key_;
};

}  // namespace daybook::app
