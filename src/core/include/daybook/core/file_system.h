// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/core/result.h"

namespace daybook {

// An open file. Errors are Errc::io with the call, path and errno text; ENOSPC and EDQUOT are
// Errc::exhausted. EINTR is retried inside; short writes are continued inside.
// Ownership: closes on destruction. Threads: read_at from any; everything else from the owner.
class File {
 public:
  virtual ~File() = default;
  // Reads up to out.size() bytes at `offset`; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
  // Writes all of `bytes` at `offset` (past the end is allowed and grows the file) or fails.
  virtual Status write_at(std::uint64_t offset, ByteSpan bytes) = 0;
  // fdatasync: everything written before is durable when this returns. Never retry after an error:
  // the kernel reports a lost write once only.
  virtual Status sync() = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() const = 0;
};

// Advisory whole-file lock (flock). Released on destruction and by the kernel when the process
// dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class OpenMode : std::uint8_t {
  read,        // Must exist.
  write,       // Must exist; read and write.
  create,      // Made if absent (mode 0600); read and write.
  create_new,  // Errc::exists if there.
};

// Every file call of ledger and keys goes through here, so that tests can fail, tear or lose any
// one of them (daybook/core_testing/faulty_file_system.h). Threads: all methods from any thread.
class FileSystem {
 public:
  using Path = std::filesystem::path;
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode) = 0;
  // Names (not paths) of the entries of `dir`, sorted. Errc::not_found if absent.
  virtual Result<std::vector<std::string>> list(const Path& dir) = 0;
  virtual Result<bool> exists(const Path& path) = 0;
  // Mode 0700; parents too; fine if present. Durable when this returns. Errc::exists if it is a
  // file.
  virtual Status make_dir(const Path& dir) = 0;
  virtual Status rename(const Path& from, const Path& to) = 0;
  virtual Status remove(const Path& path) = 0;  // Errc::not_found if absent.
  // Makes creations, renames and removals in `dir` durable.
  virtual Status sync_dir(const Path& dir) = 0;
  // Errc::unavailable if somebody else holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const Path& path) = 0;
};

[[nodiscard]] FileSystem& posix_file_system();

// Whole-file helpers over any FileSystem.
Result<Bytes> read_file(FileSystem& fs, const FileSystem::Path& path, std::uint64_t bytes_max);
// Durable and atomic: temporary name, write, sync, rename, sync directory.
Status write_file_atomic(FileSystem& fs, const FileSystem::Path& path, ByteSpan bytes);

}  // namespace daybook
