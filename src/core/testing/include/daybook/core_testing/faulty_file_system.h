// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daybook/core/file_system.h"

namespace daybook::testing {

// A FileSystem in memory that models what power loss does on ext4, and can fail any call.
//
// Two layers: `live` is what the running program sees; `durable` is what survives crash(). write_at
// changes live only; sync() copies the file's data to durable; a new, renamed or removed name is
// durable only after sync_dir of its directory. make_dir is durable at once, as FileSystem
// promises. crash() makes live what a disk might show: the durable state plus a seeded choice of
// the unsynced writes (none, some, torn at 512 bytes, zero-filled tail). Names not yet durable come
// back as some prefix of the changes made (the journal of ext4 keeps their order), and a rename is
// all or nothing.
//
//   FaultyFileSystem fs(seed);
//   fs.fail_call(n, FaultyFileSystem::Fault::io_error, false);  // the n-th call from now, 1-based
//   run(fs); fs.crash(FaultyFileSystem::Loss::random_subset); reopen(fs);
//
// In builds with DAYBOOK_UNSAFE_NO_SYNC sync() and sync_dir() change nothing, as in such a program.
// Directories cannot be renamed (Errc::unsupported).
//
// Ownership: files opened before crash() go dead (Errc::io). Threads: any (one mutex inside).
class FaultyFileSystem final : public FileSystem {
 public:
  enum class Fault : std::uint8_t { io_error, no_space, torn_write, short_life };
  enum class Loss : std::uint8_t { drop_all_unsynced, random_subset, torn, keep_all };

  explicit FaultyFileSystem(std::uint64_t seed);
  ~FaultyFileSystem() override;

  // Every method of FileSystem and File is a call; destructors are not.
  // io_error     Errc::io and no effect; a failed sync loses the unsynced writes for good, as Linux
  // does. no_space     Errc::exhausted and no effect on calls that need space, else as io_error.
  // torn_write   writes a random prefix and then reports Errc::io; on calls other than write
  // io_error. short_life   the program dies in this call: it takes effect or not, and it and every
  // later call
  //              give Errc::io until crash() or kill_process().
  // Fails the n-th call (1-based, counted from now) once; `sticky` fails every call from the n-th
  // on.
  void fail_call(std::uint64_t n, Fault fault, bool sticky);
  // As fail_call, but counts only sync() calls.
  void fail_sync(std::uint64_t n);
  void clear_faults();
  // Calls made since construction or the last reset_calls(), and their names (for the test's
  // report).
  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] std::vector<std::string> call_names() const;
  void reset_calls();

  // Power loss. Every lock is released, every open file goes dead, faults are cleared.
  void crash(Loss loss);
  // The process dies, the machine does not: live state stays, locks are released, files go dead,
  // faults are cleared.
  void kill_process();

  // Direct access for tamper tests: the live content. put() is durable and makes parents.
  Result<Bytes> get(const Path& path) const;
  void put(const Path& path, Bytes content);
  std::vector<Path> all_files() const;

  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode) override;
  Result<std::vector<std::string>> list(const Path& dir) override;
  Result<bool> exists(const Path& path) override;
  Status make_dir(const Path& dir) override;
  Status rename(const Path& from, const Path& to) override;
  Status remove(const Path& path) override;
  Status sync_dir(const Path& dir) override;
  Result<std::unique_ptr<FileLock>> lock(const Path& path) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace daybook::testing
