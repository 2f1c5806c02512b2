// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"
#include "daybook/kestra/rules.h"
#include "daybook/record/event.h"

namespace daybook::capture {

// The rules in force: those built into the program, or those of a file, which can be read again
// while requests pass. A request keeps the rules it began with. Which rules were in force when is
// in the ledger: each change, and each file that was refused, is a `system` entry with the version
// and the SHA-256 of the file.
//
// Threads: any.
class RuleBook {
 public:
  // Errc::not_found, io, exhausted (2 MiB); Errc::invalid with line and column.
  static Result<std::unique_ptr<RuleBook>> open(std::optional<std::filesystem::path> file);

  [[nodiscard]] std::shared_ptr<const kestra::Rules> now() const;

  // Which rules are in force, for the ledger (action RULES).
  [[nodiscard]] record::Event in_force(const Clock& clock) const;
  // Reads the file again. Nothing if it says what it said the last time; else the entry to record:
  // the new rules, or with result FAILURE why a file was refused; then the rules in force stay.
  [[nodiscard]] std::optional<record::Event> reload(const Clock& clock);

 private:
  struct Edition {
    std::shared_ptr<const kestra::Rules> rules;
    std::string sha256;  // Hex; empty for the built-in rules.
  };

  RuleBook(std::optional<std::filesystem::path> file, Edition edition);
  static Result<std::string> read(const std::filesystem::path& file);

  const std::optional<std::filesystem::path> file_;
  mutable std::mutex mutex_;
  Edition edition_;           // Guarded by mutex_.
  std::string last_refused_;  // Guarded by mutex_: what was wrong with the file, told once.
};

}  // namespace daybook::capture
