// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/metrics.h"
#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"

namespace daybook::ledger {

// What one reading of the whole ledger came to.
struct ScrubReport {
  UnixMillis from = 0;
  UnixMillis to = 0;
  std::uint64_t entries = 0;    // Checked.
  std::optional<Error> damage;  // The first: with file and offset where known.
};

// Reads every byte of a ledger again and again beside the writer, at a set rate: each segment
// against its blocks, commitments, leaves and root, then checkpoints, keys, journal and their
// chain. Damage stops writing for good, as a failed fdatasync does; reading goes on.
//
// Where it is lies in `<data>/ledger.scrub`, so that a restart goes on there.
//
//   auto scrubber = Scrubber::start(fs, data, *ledger, {}, clock, metrics, [](const auto& r) { …
//   });
//
// Ownership: ends before the ledger closes. Threads: its own; `told` runs on it, also for damage,
// before writing stops, and may append and wait.
class Scrubber {
 public:
  struct Options {
    std::uint64_t bytes_per_second = 16ULL << 20U;
    std::int64_t interval_ms = 86'400'000;  // Between the beginnings of two readings; 0 = never.
  };
  using Told = std::function<void(const ScrubReport&)>;
  // Nothing runs yet. `ledger` is one that Ledger::open() gave.
  static std::unique_ptr<Scrubber> make(FileSystem& fs, FileSystem::Path data_dir, Ledger& ledger,
                                        const Options& options, const Clock& clock,
                                        Metrics& metrics, Told told);
  virtual ~Scrubber() = default;

  virtual void start() = 0;
  // Ends in the middle of a segment if need be. Idempotent.
  virtual void stop() = 0;
  // One whole reading from where the last one was left, now, on the caller's thread and without
  // pauses. Not beside start().
  virtual Result<ScrubReport> run_once() = 0;
};

}  // namespace daybook::ledger
