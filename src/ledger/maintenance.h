// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "daybook/core/file_system.h"
#include "daybook/core/metrics.h"
#include "daybook/core/result.h"

#include "segment_writer.h"
#include "store.h"

namespace daybook::ledger {

struct MaintenanceMetrics {
  explicit MaintenanceMetrics(Metrics& metrics);
  Metrics::Counter sealed;
  Metrics::Histogram seal_seconds;
  Metrics::Gauge segments;
};

// What a ledger does beside writing: turns complete parts of the journal into segments.
//
// Steps of sealing, each safe to crash after: the segment is written beside ledger/, synced, read
// back against the leaves, renamed into ledger/, made visible; then the journal files that only
// hold sealed entries are removed, oldest first. Only what a signed checkpoint covers and no group
// can be added to is sealed. The writer never waits for any of it.
//
// Threads: run_once() and the own thread exclude each other; the rest from any.
class Maintenance {
 public:
  struct Options {
    std::uint64_t seal_bytes_per_second = 0;
  };
  // `on_fatal`: writing must stop; told at most once a run.
  Maintenance(FileSystem& fs, FileSystem::Path data_dir, Store& store, const Options& options,
              Metrics& metrics, std::function<void(const Error&)> on_fatal);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void start();
  // Ends the own thread, in the middle of a segment if need be. Idempotent.
  void stop();
  // There may be something to do.
  void wake();
  // All that can be done now, at full speed.
  Status run_once();

 private:
  void run();
  Status work(const Pace& pace);
  [[nodiscard]] std::uint64_t complete_segments() const;
  Status seal_next(const Pace& pace);
  Status write_next(const FileSystem::Path& path, std::uint64_t first, const Pace& pace);
  Status check_next(const FileSystem::Path& path, std::uint64_t first, const Pace& pace);
  Status retire();
  Status wait_for_rate(std::uint64_t bytes);

  FileSystem& fs_;
  const FileSystem::Path data_dir_;
  const FileSystem::Path dir_;
  Store& store_;
  const Options options_;
  MaintenanceMetrics metrics_;
  const std::function<void(const Error&)> on_fatal_;

  std::mutex work_mutex_;  // Held while working.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = true;  // What a crash left is done at once.
  bool broken_ = false;
  std::thread thread_;
};

}  // namespace daybook::ledger
