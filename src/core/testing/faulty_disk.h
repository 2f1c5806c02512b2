// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daybook/core_testing/faulty_file_system.h"
#include "daybook/core_testing/manual_clock.h"

namespace daybook::testing {

// One file: what the program sees, what the disk has, and the changes in between.
class Inode {
 public:
  [[nodiscard]] const Bytes& live() const { return live_; }
  void write(std::uint64_t offset, ByteSpan bytes);
  void truncate(std::uint64_t size);
  void sync();
  void lose_unsynced();  // A failed sync: the pages count as clean, the disk never gets them.
  void replace(Bytes content);
  void crash(FaultyFileSystem::Loss loss, SeededRandom& random);

 private:
  struct Change {
    std::uint64_t offset = 0;  // Of the write, or the new size.
    Bytes bytes;
    bool is_truncation = false;
  };
  static void apply(const Change& change, Bytes& content);
  static void apply_partly(const Change& change, Bytes& content, SeededRandom& random);

  Bytes live_;
  Bytes durable_;
  std::vector<Change> unsynced_;
};

// Names, directories and inodes; knows nothing of calls, handles and faults. Paths are normal.
// Threads: none of its own; the owner locks.
class FaultyDisk {
 public:
  using Path = FileSystem::Path;
  using InodePtr = std::shared_ptr<Inode>;

  [[nodiscard]] InodePtr find(const Path& path) const;
  [[nodiscard]] bool is_dir(const Path& path) const { return dirs_.contains(path); }
  [[nodiscard]] std::vector<std::string> names_in(const Path& dir) const;
  [[nodiscard]] std::vector<Path> all_files() const;

  InodePtr create(const Path& path);
  void rename(const Path& from, const Path& to);
  void remove(const Path& path);
  void make_dir(const Path& dir);
  void remove_dir(const Path& dir) { dirs_.erase(dir); }
  void sync_dir(const Path& dir);
  void put(const Path& path, Bytes content);
  void crash(FaultyFileSystem::Loss loss, SeededRandom& random);

  static Path normal(const Path& path);
  static Path parent_of(const Path& path);

 private:
  using Names = std::map<Path, InodePtr>;
  struct NameChange {
    Path gone;  // Name that ceases to exist; empty if none.
    Path made;  // Name that points to `inode` from now on; empty if none.
    InodePtr inode;
  };
  static void apply(const NameChange& change, Names& names);
  void record(NameChange change);

  std::set<Path> dirs_{"/", "."};
  Names live_;
  Names durable_;
  std::vector<NameChange> unsynced_;
};

}  // namespace daybook::testing
