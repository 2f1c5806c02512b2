// SPDX-License-Identifier: Apache-2.0
#include "daybook/core_testing/faulty_file_system.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>

#include "faulty_disk.h"

namespace daybook::testing {
namespace {

using Path = FileSystem::Path;

enum class Kind : std::uint8_t {
  reads,    // Needs no space.
  changes,  // May find the disk full.
  writes,   // May be torn.
  syncs,    // Counted by fail_sync too.
};

Error not_found(const Path& path) {
  return Error{Errc::not_found, "no such file", path.string()};
}

}  // namespace

struct FaultyFileSystem::Impl {
  explicit Impl(std::uint64_t seed) : random(seed) {}

  // What befalls a call; `happens` says whether it takes effect all the same.
  struct Verdict {
    std::optional<Error> error;
    bool happens = true;
    bool torn = false;
  };

  Verdict begin(const char* call, const Path& path, Kind kind) {
    names.push_back(std::string(call) + " " + path.string());
    ++count;
    const Error io{Errc::io, std::string(call) + ": injected fault", path.string()};
    if (dead) return {io, false, false};
    if (kind == Kind::syncs && sync_fault_in != 0 && --sync_fault_in == 0)
      return {io, false, false};
    if (fault_in > 1) {
      --fault_in;
      return {};
    }
    if (fault_in == 0) return {};
    if (!sticky) fault_in = 0;
    switch (fault) {
      case Fault::io_error:
        break;
      case Fault::no_space:
        if (kind == Kind::reads) break;
        return {Error{Errc::exhausted, std::string(call) + ": injected full disk", path.string()},
                false, false};
      case Fault::torn_write:
        return {io, kind == Kind::writes, kind == Kind::writes};
      case Fault::short_life:
        dead = true;
        return {io, random.below(2) == 0, kind == Kind::writes};
    }
    return {io, false, false};
  }

  void end_of_process() {
    ++generation;
    locks.clear();
    dead = false;
    fault_in = 0;
    sync_fault_in = 0;
  }

  std::mutex mutex;
  SeededRandom random;
  FaultyDisk disk;
  std::set<Path> locks;
  std::uint64_t generation = 0;  // Of the process; handles of an earlier one are dead.
  std::uint64_t count = 0;
  std::vector<std::string> names;
  std::uint64_t fault_in = 0;  // Calls until the fault, 1 = the next one; 0 = none.
  std::uint64_t sync_fault_in = 0;
  Fault fault = Fault::io_error;
  bool sticky = false;
  bool dead = false;

  class Handle;
  class Lock;
};

class FaultyFileSystem::Impl::Handle final : public File {
 public:
  Handle(std::shared_ptr<Impl> fs, FaultyDisk::InodePtr inode, Path path, bool writable)
      : fs_(std::move(fs)),
        inode_(std::move(inode)),
        path_(std::move(path)),
        generation_(fs_->generation),
        writable_(writable) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    const std::lock_guard lock(fs_->mutex);
    const Verdict verdict = begin("read_at", Kind::reads);
    if (verdict.error) return *verdict.error;
    const Bytes& content = inode_->live();
    if (offset >= content.size()) return std::size_t{0};
    const std::size_t got = std::min<std::size_t>(out.size(), content.size() - offset);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), got, out.begin());
    return got;
  }

  Status write_at(std::uint64_t offset, ByteSpan bytes) override {
    const std::lock_guard lock(fs_->mutex);
    const Verdict verdict = begin("write_at", Kind::writes);
    if (!writable_) return Error{Errc::io, "write_at: opened for reading", path_.string()};
    if (verdict.torn) bytes = bytes.first(fs_->random.below(bytes.size() + 1));
    if (verdict.happens) inode_->write(offset, bytes);
    return finish(verdict);
  }

  Status sync() override {
    const std::lock_guard lock(fs_->mutex);
    const Verdict verdict = begin("sync", Kind::syncs);
    if (generation_ != fs_->generation) return finish(verdict);
    if (verdict.happens) {
      inode_->sync();
    } else if (!fs_->dead) {
      inode_->lose_unsynced();
    }
    return finish(verdict);
  }

  Status truncate(std::uint64_t size) override {
    const std::lock_guard lock(fs_->mutex);
    const Verdict verdict = begin("truncate", Kind::changes);
    if (!writable_) return Error{Errc::io, "truncate: opened for reading", path_.string()};
    if (verdict.happens) inode_->truncate(size);
    return finish(verdict);
  }

  Result<std::uint64_t> size() const override {
    const std::lock_guard lock(fs_->mutex);
    const Verdict verdict = begin("size", Kind::reads);
    if (verdict.error) return *verdict.error;
    return static_cast<std::uint64_t>(inode_->live().size());
  }

 private:
  Verdict begin(const char* call, Kind kind) const {
    if (generation_ != fs_->generation) {
      return {Error{Errc::io, "the process that opened this has ended", path_.string()}, false,
              false};
    }
    return fs_->begin(call, path_, kind);
  }

  static Status finish(const Verdict& verdict) {
    if (verdict.error) return *verdict.error;
    return {};
  }

  std::shared_ptr<Impl> fs_;
  FaultyDisk::InodePtr inode_;
  Path path_;
  std::uint64_t generation_;
  bool writable_;
};

class FaultyFileSystem::Impl::Lock final : public FileLock {
 public:
  Lock(std::shared_ptr<Impl> fs, Path path)
      : fs_(std::move(fs)), path_(std::move(path)), generation_(fs_->generation) {}
  ~Lock() override {
    const std::lock_guard lock(fs_->mutex);
    if (generation_ == fs_->generation) fs_->locks.erase(path_);
  }

 private:
  std::shared_ptr<Impl> fs_;
  Path path_;
  std::uint64_t generation_;
};

FaultyFileSystem::FaultyFileSystem(std::uint64_t seed) : impl_(std::make_shared<Impl>(seed)) {}
FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::fail_call(std::uint64_t n, Fault fault, bool sticky) {
  const std::lock_guard lock(impl_->mutex);
  impl_->fault_in = n;
  impl_->fault = fault;
  impl_->sticky = sticky;
}

void FaultyFileSystem::fail_sync(std::uint64_t n) {
  const std::lock_guard lock(impl_->mutex);
  impl_->sync_fault_in = n;
}

void FaultyFileSystem::clear_faults() {
  const std::lock_guard lock(impl_->mutex);
  impl_->fault_in = 0;
  impl_->sync_fault_in = 0;
  impl_->dead = false;
}

std::uint64_t FaultyFileSystem::calls() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->count;
}

std::vector<std::string> FaultyFileSystem::call_names() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->names;
}

void FaultyFileSystem::reset_calls() {
  const std::lock_guard lock(impl_->mutex);
  impl_->count = 0;
  impl_->names.clear();
}

void FaultyFileSystem::crash(Loss loss) {
  const std::lock_guard lock(impl_->mutex);
  impl_->end_of_process();
  impl_->disk.crash(loss, impl_->random);
}

void FaultyFileSystem::kill_process() {
  const std::lock_guard lock(impl_->mutex);
  impl_->end_of_process();
}

Result<Bytes> FaultyFileSystem::get(const Path& path) const {
  const std::lock_guard lock(impl_->mutex);
  const auto inode = impl_->disk.find(FaultyDisk::normal(path));
  if (inode == nullptr) return not_found(path);
  return inode->live();
}

void FaultyFileSystem::put(const Path& path, Bytes content) {
  const std::lock_guard lock(impl_->mutex);
  impl_->disk.put(FaultyDisk::normal(path), std::move(content));
}

std::vector<Path> FaultyFileSystem::all_files() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->disk.all_files();
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const Path& path, OpenMode mode) {
  const std::lock_guard lock(impl_->mutex);
  const Path clean = FaultyDisk::normal(path);
  const bool creates = mode == OpenMode::create || mode == OpenMode::create_new;
  const auto verdict = impl_->begin("open", path, creates ? Kind::changes : Kind::reads);
  auto inode = impl_->disk.find(clean);
  if (verdict.happens) {
    if (inode != nullptr && mode == OpenMode::create_new) {
      return Error{Errc::exists, "open: exists already", path.string()};
    }
    if (inode == nullptr && creates && impl_->disk.is_dir(FaultyDisk::parent_of(clean)) &&
        !impl_->disk.is_dir(clean)) {
      inode = impl_->disk.create(clean);
    }
  }
  if (verdict.error) return *verdict.error;
  if (inode == nullptr) return not_found(path);
  return std::make_unique<Impl::Handle>(impl_, inode, clean, mode != OpenMode::read);
}

Result<std::vector<std::string>> FaultyFileSystem::list(const Path& dir) {
  const std::lock_guard lock(impl_->mutex);
  const auto verdict = impl_->begin("list", dir, Kind::reads);
  if (verdict.error) return *verdict.error;
  const Path clean = FaultyDisk::normal(dir);
  if (!impl_->disk.is_dir(clean)) return not_found(dir);
  return impl_->disk.names_in(clean);
}

Result<bool> FaultyFileSystem::exists(const Path& path) {
  const std::lock_guard lock(impl_->mutex);
  const auto verdict = impl_->begin("exists", path, Kind::reads);
  if (verdict.error) return *verdict.error;
  const Path clean = FaultyDisk::normal(path);
  return impl_->disk.find(clean) != nullptr || impl_->disk.is_dir(clean);
}

Status FaultyFileSystem::make_dir(const Path& dir) {
  const std::lock_guard lock(impl_->mutex);
  const auto verdict = impl_->begin("make_dir", dir, Kind::changes);
  const Path clean = FaultyDisk::normal(dir);
  Path walked;
  for (const Path& part : clean) {
    walked /= part;
    if (impl_->disk.find(walked) != nullptr) {
      return Error{Errc::exists, "not a directory", walked.string()};
    }
  }
  if (verdict.happens) impl_->disk.make_dir(clean);
  if (verdict.error) return *verdict.error;
  return {};
}

Status FaultyFileSystem::rename(const Path& from, const Path& to) {
  const std::lock_guard lock(impl_->mutex);
  const auto verdict = impl_->begin("rename", from, Kind::changes);
  const Path source = FaultyDisk::normal(from);
  const Path target = FaultyDisk::normal(to);
  if (impl_->disk.is_dir(source) || impl_->disk.is_dir(target)) {
    return Error{Errc::unsupported, "rename: directory", from.string()};
  }
  const bool possible =
      impl_->disk.find(source) != nullptr && impl_->disk.is_dir(FaultyDisk::parent_of(target));
  if (verdict.happens && possible) impl_->disk.rename(source, target);
  if (verdict.error) return *verdict.error;
  if (!possible) return not_found(from);
  return {};
}

Status FaultyFileSystem::remove(const Path& path) {
  const std::lock_guard lock(impl_->mutex);
  const auto verdict = impl_->begin("remove", path, Kind::reads);
  const Path clean = FaultyDisk::normal(path);
  const bool is_dir = impl_->disk.is_dir(clean);
  const bool present = is_dir || impl_->disk.find(clean) != nullptr;
  if (is_dir && !impl_->disk.names_in(clean).empty()) {
    return Error{Errc::io, "remove: directory not empty", path.string()};
  }
  if (verdict.happens && present) {
    if (is_dir) {
      impl_->disk.remove_dir(clean);
    } else {
      impl_->disk.remove(clean);
    }
  }
  if (verdict.error) return *verdict.error;
  if (!present) return not_found(path);
  return {};
}

Status FaultyFileSystem::sync_dir(const Path& dir) {
  const std::lock_guard lock(impl_->mutex);
  const auto verdict = impl_->begin("sync_dir", dir, Kind::changes);
  const Path clean = FaultyDisk::normal(dir);
  if (verdict.happens) impl_->disk.sync_dir(clean);
  if (verdict.error) return *verdict.error;
  if (!impl_->disk.is_dir(clean)) return not_found(dir);
  return {};
}

Result<std::unique_ptr<FileLock>> FaultyFileSystem::lock(const Path& path) {
  const std::lock_guard guard(impl_->mutex);
  const auto verdict = impl_->begin("lock", path, Kind::changes);
  if (verdict.error) return *verdict.error;
  const Path clean = FaultyDisk::normal(path);
  if (!impl_->disk.is_dir(FaultyDisk::parent_of(clean))) return not_found(path);
  if (impl_->locks.contains(clean)) {
    return Error{Errc::unavailable, "another process holds the lock", path.string()};
  }
  if (impl_->disk.find(clean) == nullptr) impl_->disk.create(clean);
  impl_->locks.insert(clean);
  return std::make_unique<Impl::Lock>(impl_, clean);
}

}  // namespace daybook::testing
