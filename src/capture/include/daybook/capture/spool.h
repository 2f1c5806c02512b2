// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/record/event.h"

namespace daybook::capture {

// Where events of available mode wait while the ledger does not take them: one file, bounded, in a
// folder that should lie on another disk. They go to the ledger when it takes entries again, marked
// `detail.late`; what does not fit is a gap (Recorder::Gap).
//
// On disk: records of a length, a CRC-32C and the three parts of the event; mode 0600. Not synced:
// a crash of the machine may lose what a crash of the process does not. After a crash events may be
// handed over a second time; the ledger knows them by their ids.
//
// Ownership: `files` outlives it. Threads: any.
class Spool {
 public:
  struct Options {
    std::filesystem::path folder;
    std::uint64_t bytes_max = 64ULL << 20U;
  };
  // Makes the folder; takes over what an earlier process left; cuts a torn end.
  static Result<std::unique_ptr<Spool>> open(FileSystem& files, Options options);

  // All or nothing; each event has its id and recordedAt. Errc::exhausted: over the bound or no
  // space.
  Status add(const std::vector<record::Event>& events);
  // The oldest ones, at most `count_max`.
  [[nodiscard]] std::vector<record::Event> front(std::size_t count_max) const;
  // The first `count` are safe elsewhere.
  void drop(std::size_t count);
  [[nodiscard]] bool empty() const;

 private:
  struct Slot {
    std::uint64_t offset;
    std::uint32_t size;  // Without the record's head.
  };

  Spool(std::unique_ptr<File> file, std::uint64_t bytes_max);
  Status take_over();
  Result<record::Event> read(const Slot& slot) const;

  mutable std::mutex mutex_;
  const std::unique_ptr<File> file_;  // Guarded by mutex_, with all below.
  const std::uint64_t bytes_max_;
  std::vector<Slot> slots_;  // From first_ on: those that wait.
  std::size_t first_ = 0;
  std::uint64_t end_ = 0;  // Of the file.
};

}  // namespace daybook::capture
