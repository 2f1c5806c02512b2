// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "filter_words.h"
#include "session.h"
#include "terminal_output.h"

namespace daybook::app {

// The commands that read and feed the audit log from a terminal, through the HTTP API. Each answers
// the process's exit code.

// What all of them are told.
struct TerminalRequest {
  Where where;
  terminal::FilterWords words;
  terminal::Zone zone = terminal::Zone::local;
  Output output = Output::automatic;
};

struct SearchRequest {
  TerminalRequest common;
  std::uint64_t limit = 20;
  std::uint64_t page = 1;
  std::vector<std::string> sort;  // `field:asc|desc`
  bool count = false;
  std::string by;  // `resource,type`: counts instead of rows.
  std::uint64_t top = 20;
};
int search(const SearchRequest& request);

struct TailRequest {
  TerminalRequest common;
  std::uint64_t last = 10;  // Entries already there that are shown first.
};
int tail(const TailRequest& request);

struct ExportRequest {
  TerminalRequest common;
  std::string format = "csv";
  std::filesystem::path out;  // Empty or `-`: standard output.
};
int export_rows(const ExportRequest& request);

struct ImportRequest {
  TerminalRequest common;
  std::string file;  // `-`: standard input.
  bool dry_run = false;
};
int import_events(const ImportRequest& request);

struct KeyRequest {
  Where where;
  std::string overlap = "30d";  // How long both keys sign.
  bool json = false;
};
int rotate_key(const KeyRequest& request);

// A session, `command` in it, and its end. The code that `command` gives, unless the directory
// cannot be closed cleanly.
int in_session(const Where& where, const std::function<net::Task<int>(Session&)>& command);

// The parameters of the HTTP API for what was asked.
Result<query::Params> params_of(const TerminalRequest& request);

}  // namespace daybook::app
