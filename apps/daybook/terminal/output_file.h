// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::terminal {

// Where an export goes: standard output, a device or pipe, or a file that appears whole or not at
// all.
//
// A file is written beside its place under a hidden name, and takes its place, durable, with
// commit(); destroyed without it, what was written is removed. A file already there stays until
// then.
class OutputFile {
 public:
  // Empty or `-`: standard output.
  static Result<std::unique_ptr<OutputFile>> open(const std::filesystem::path& place);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  Status write(std::string_view bytes);
  Status commit();
  [[nodiscard]] bool is_stdout() const { return place_.empty(); }

 private:
  OutputFile(std::filesystem::path place, std::filesystem::path hidden, int descriptor);

  std::filesystem::path place_;
  std::filesystem::path hidden_;  // Empty: written in place, or already renamed.
  int descriptor_;
};

}  // namespace daybook::terminal
