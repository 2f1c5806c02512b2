// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::app {

enum class Output : std::uint8_t { automatic, table, json };

// A table for people if standard output is a terminal or it was asked for, else JSON lines.
[[nodiscard]] bool as_table(Output output);
// Columns of standard output: of the terminal, else COLUMNS, else 0 = whatever is needed.
[[nodiscard]] std::size_t output_width();
[[nodiscard]] bool stdout_is_terminal();

// A line on standard output, flushed. Errc::cancelled if its reader has gone.
Status write_line(std::string_view line);

// `1,234,567`
[[nodiscard]] std::string grouped(std::uint64_t number);

// One line on standard error that tells how far a long command is; silent unless a person sees it.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Shows `text` if some time has passed since the last one.
  void show(const std::string& text);
  // `text` is shown in any case, and left standing.
  void end(const std::string& text);

 private:
  void print(const std::string& text);

  bool visible_;
  bool open_ = false;  // A line stands that has no line feed yet.
  std::chrono::steady_clock::time_point last_;
};

}  // namespace daybook::app
