// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "terminal_commands.h"

namespace daybook::app {

// Options that several terminal commands share.
void add_where(CLI::App& command, Where& where);
void add_words(CLI::App& command, terminal::FilterWords& words);
void add_zone(CLI::App& command, TerminalRequest& request);
// `--output` where rows are shown; `--json` everywhere.
void add_json(CLI::App& command, TerminalRequest& request, const std::string& help);

}  // namespace daybook::app
