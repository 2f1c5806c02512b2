// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <system_error>

#include "daybook/core/file_system.h"

namespace daybook {
namespace {

using Path = FileSystem::Path;

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirMode = 0700;
// Linux moves at most this much in one call anyway (read(2), NOTES).
constexpr std::size_t kTransferBytesMax = 0x7ffff000;

Error system_error(const char* call, const Path& path, int number) {
  Errc code = Errc::io;
  if (number == ENOSPC || number == EDQUOT) code = Errc::exhausted;
  if (number == ENOENT || number == ENOTDIR) code = Errc::not_found;
  if (number == EEXIST) code = Errc::exists;
  return Error{code, std::string(call) + ": " + std::generic_category().message(number),
               path.string()};
}

// As system_error, for calls on an open file: a code about names would mean nothing there.
Error file_error(const char* call, const Path& path, int number) {
  Error error = system_error(call, path, number);
  if (error.code != Errc::exhausted) error.code = Errc::io;
  return error;
}

// Calls until the answer is not EINTR.
template <class Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Result<off_t> to_offset(std::uint64_t offset, std::uint64_t bytes, const Path& path) {
  constexpr auto kOffsetMax = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (offset > kOffsetMax || bytes > kOffsetMax - offset) {
    return Error{Errc::invalid, "file offset out of range", path.string(), offset};
  }
  return static_cast<off_t>(offset);
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor fd, Path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    DAYBOOK_ASSIGN_OR_RETURN(const off_t start, to_offset(offset, out.size(), path_));
    std::size_t done = 0;
    while (done < out.size()) {
      const std::size_t want = std::min(out.size() - done, kTransferBytesMax);
      const off_t at = start + static_cast<off_t>(done);
      const ssize_t got = retry([&] { return ::pread(fd_.get(), &out[done], want, at); });
      if (got < 0) return file_error("pread", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Status write_at(std::uint64_t offset, ByteSpan bytes) override {
    DAYBOOK_ASSIGN_OR_RETURN(const off_t start, to_offset(offset, bytes.size(), path_));
    std::size_t done = 0;
    while (done < bytes.size()) {
      const std::size_t want = std::min(bytes.size() - done, kTransferBytesMax);
      const off_t at = start + static_cast<off_t>(done);
      const ssize_t put = retry([&] { return ::pwrite(fd_.get(), &bytes[done], want, at); });
      if (put < 0) return file_error("pwrite", path_, errno);
      if (put == 0) return Error{Errc::io, "pwrite: wrote nothing", path_.string()};
      done += static_cast<std::size_t>(put);
    }
    return {};
  }

  Status sync() override {
#ifndef DAYBOOK_UNSAFE_NO_SYNC
    if (retry([&] { return ::fdatasync(fd_.get()); }) != 0) {
      return file_error("fdatasync", path_, errno);
    }
#endif
    return {};
  }

  Status truncate(std::uint64_t size) override {
    DAYBOOK_ASSIGN_OR_RETURN(const off_t length, to_offset(size, 0, path_));
    if (retry([&] { return ::ftruncate(fd_.get(), length); }) != 0) {
      return file_error("ftruncate", path_, errno);
    }
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) return file_error("fstat", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Descriptor fd_;
  Path path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;  // Closing it releases the lock.
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::write:
      return O_RDWR;
    case OpenMode::create:
      return O_RDWR | O_CREAT;
    case OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode) override {
    const int flags = open_flags(mode) | O_CLOEXEC;
    Descriptor fd(retry([&] { return ::open(path.c_str(), flags, kFileMode); }));
    if (fd.get() < 0) return system_error("open", path, errno);
    return std::make_unique<PosixFile>(std::move(fd), path);
  }

  Result<std::vector<std::string>> list(const Path& dir) override {
    std::error_code failure;
    std::vector<std::string> names;
    std::filesystem::directory_iterator at(dir, failure);
    for (; !failure && at != std::filesystem::directory_iterator(); at.increment(failure)) {
      names.push_back(at->path().filename().string());
    }
    if (failure) return system_error("readdir", dir, failure.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<bool> exists(const Path& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return system_error("stat", path, errno);
  }

  Status make_dir(const Path& dir) override {
    Path parent;
    for (const Path& part : dir) {
      const Path child = parent / part;
      if (::mkdir(child.c_str(), kDirMode) == 0) {
        DAYBOOK_RETURN_IF_ERROR(sync_dir(parent.empty() ? Path(".") : parent));
      } else if (errno != EEXIST && errno != EISDIR) {
        return system_error("mkdir", child, errno);
      }
      parent = child;
    }
    struct stat status {};
    if (::stat(dir.c_str(), &status) != 0) return system_error("stat", dir, errno);
    if (!S_ISDIR(status.st_mode)) return Error{Errc::exists, "not a directory", dir.string()};
    return {};
  }

  Status rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from, errno);
    return {};
  }

  Status remove(const Path& path) override {
    if (std::remove(path.c_str()) != 0) return system_error("remove", path, errno);
    return {};
  }

  Status sync_dir(const Path& dir) override {
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    const Descriptor fd(retry([&] { return ::open(dir.c_str(), flags); }));
    if (fd.get() < 0) return system_error("open", dir, errno);
#ifndef DAYBOOK_UNSAFE_NO_SYNC
    if (retry([&] { return ::fsync(fd.get()); }) != 0) return file_error("fsync", dir, errno);
#endif
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const Path& path) override {
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC;
    Descriptor fd(retry([&] { return ::open(path.c_str(), flags, kFileMode); }));
    if (fd.get() < 0) return system_error("open", path, errno);
    if (retry([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno == EWOULDBLOCK) {
        return Error{Errc::unavailable, "another process holds the lock", path.string()};
      }
      return file_error("flock", path, errno);
    }
    return std::make_unique<PosixLock>(std::move(fd));
  }
};

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem fs;
  return fs;
}

}  // namespace daybook
