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

#include "eraser.h"
#include "segment_writer.h"
#include "store.h"

namespace daybook::ledger {

struct MaintenanceMetrics {
  explicit MaintenanceMetrics(Metrics& metrics);
  Metrics::Counter sealed;
  Metrics::Histogram seal_seconds;
  Metrics::Gauge segments;
};

// What a ledger does beside writing: turns complete parts of the journal into segments, reads the
// names of those that were there, and erases.
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
  struct Callbacks {
    std::function<void(const Error&)> on_fatal;  // Writing must stop; told once.
    Eraser::WithoutWriter without_writer;
  };
  Maintenance(FileSystem& fs, FileSystem::Path data_dir, Store& store, const Options& options,
              Metrics& metrics, Callbacks callbacks);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void start();
  // Ends the own thread, in the middle of a segment if need be, and waits for erase(). Idempotent.
  void stop();
  // There may be something to do.
  void wake();
  // All that can be done now, at full speed.
  Status run_once();
  // Durably begun and then done. What a full disk interrupts is done later.
  Status erase(std::vector<Erasure> erasures);
  // What a crash interrupted.
  Status finish_erasures();

 private:
  void run();
  enum class Task : std::uint8_t { all, erase };
  Status work(const Pace& pace, Task task);
  Status finish_erasing();
  void fail(const Error& error);
  bool is_stopping();
  [[nodiscard]] std::uint64_t complete_segments() const;
  [[nodiscard]] bool is_behind(std::uint64_t segments) const;
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
  const Eraser::WithoutWriter without_writer_;

  std::mutex work_mutex_;  // Held while working; for the next two.
  bool broken_ = false;
  bool erasing_ = true;  // There may be a list of entries to erase.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = true;  // What a crash left is done at once.
  std::thread thread_;
};

}  // namespace daybook::ledger
