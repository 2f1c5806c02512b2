// SPDX-License-Identifier: Apache-2.0
#include "faulty_disk.h"

#include <algorithm>

namespace daybook::testing {
namespace {

// What a disk writes whole or not at all.
constexpr std::uint64_t kSectorBytes = 512;

}  // namespace

void Inode::write(std::uint64_t offset, ByteSpan bytes) {
  unsynced_.push_back({offset, Bytes(bytes.begin(), bytes.end()), false});
  apply(unsynced_.back(), live_);
}

void Inode::truncate(std::uint64_t size) {
  unsynced_.push_back({size, {}, true});
  apply(unsynced_.back(), live_);
}

void Inode::sync() {
#ifndef DAYBOOK_UNSAFE_NO_SYNC
  for (const Change& change : unsynced_) apply(change, durable_);
  unsynced_.clear();
#endif
}

void Inode::lose_unsynced() {
  unsynced_.clear();
}

void Inode::replace(Bytes content) {
  live_ = content;
  durable_ = std::move(content);
  unsynced_.clear();
}

void Inode::crash(FaultyFileSystem::Loss loss, SeededRandom& random) {
  using Loss = FaultyFileSystem::Loss;
  for (std::size_t i = 0; i < unsynced_.size(); ++i) {
    const Change& change = unsynced_[i];
    const bool last = i + 1 == unsynced_.size();
    if (loss == Loss::keep_all || (loss == Loss::torn && !last)) {
      apply(change, durable_);
    } else if (loss == Loss::torn) {
      apply_partly(change, durable_, random);
    } else if (loss == Loss::random_subset) {
      const std::uint64_t fate = random.below(3);
      if (fate == 1) apply(change, durable_);
      if (fate == 2) apply_partly(change, durable_, random);
    }
  }
  unsynced_.clear();
  live_ = durable_;
}

void Inode::apply(const Change& change, Bytes& content) {
  if (change.is_truncation) {
    content.resize(change.offset);
    return;
  }
  const std::uint64_t end = change.offset + change.bytes.size();
  if (!change.bytes.empty() && content.size() < end) content.resize(end);
  std::copy(change.bytes.begin(), change.bytes.end(),
            content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

void Inode::apply_partly(const Change& change, Bytes& content, SeededRandom& random) {
  if (change.is_truncation || change.bytes.empty()) {
    apply(change, content);
    return;
  }
  const std::uint64_t end = change.offset + change.bytes.size();
  const std::uint64_t first_sector = change.offset / kSectorBytes;
  const std::uint64_t sectors = (end - 1) / kSectorBytes - first_sector + 1;
  const std::uint64_t cut = (first_sector + random.below(sectors)) * kSectorBytes;
  if (cut > change.offset) {
    Change front{change.offset, change.bytes, false};
    front.bytes.resize(cut - change.offset);
    apply(front, content);
  }
  // The size may reach the disk before the data does: the tail then reads as zeros.
  if (random.below(2) == 0 && content.size() < end) content.resize(end);
}

FaultyDisk::Path FaultyDisk::normal(const Path& path) {
  Path clean = path.lexically_normal();
  if (!clean.has_filename() && clean.has_relative_path()) clean = clean.parent_path();
  return clean.empty() ? Path(".") : clean;
}

FaultyDisk::Path FaultyDisk::parent_of(const Path& path) {
  const Path parent = path.parent_path();
  return parent.empty() ? Path(".") : parent;
}

FaultyDisk::InodePtr FaultyDisk::find(const Path& path) const {
  const auto at = live_.find(path);
  return at == live_.end() ? nullptr : at->second;
}

std::vector<std::string> FaultyDisk::names_in(const Path& dir) const {
  std::vector<std::string> names;
  for (const auto& [path, inode] : live_) {
    if (parent_of(path) == dir) names.push_back(path.filename().string());
  }
  for (const Path& path : dirs_) {
    const bool is_root = path == "/" || path == ".";
    if (!is_root && parent_of(path) == dir) names.push_back(path.filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<FaultyDisk::Path> FaultyDisk::all_files() const {
  std::vector<Path> files;
  for (const auto& [path, inode] : live_) files.push_back(path);
  return files;
}

FaultyDisk::InodePtr FaultyDisk::create(const Path& path) {
  auto inode = std::make_shared<Inode>();
  record({{}, path, inode});
  return inode;
}

void FaultyDisk::rename(const Path& from, const Path& to) {
  if (from != to) record({from, to, find(from)});
}

void FaultyDisk::remove(const Path& path) {
  record({path, {}, nullptr});
}

void FaultyDisk::make_dir(const Path& dir) {
  Path made;
  for (const Path& part : dir) {
    made /= part;
    dirs_.insert(made);
  }
}

void FaultyDisk::sync_dir([[maybe_unused]] const Path& dir) {
#ifndef DAYBOOK_UNSAFE_NO_SYNC
  // A change that is committed takes every earlier one with it that shares a directory: otherwise
  // the file of "create a/x, rename a/x to b/y, sync b" would come back under both names.
  std::set<Path> touched{dir};
  std::vector<bool> committed(unsynced_.size());
  for (std::size_t i = unsynced_.size(); i > 0; --i) {
    const NameChange& change = unsynced_[i - 1];
    std::set<Path> parents;
    if (!change.gone.empty()) parents.insert(parent_of(change.gone));
    if (!change.made.empty()) parents.insert(parent_of(change.made));
    const bool shares = std::any_of(parents.begin(), parents.end(),
                                    [&](const Path& parent) { return touched.contains(parent); });
    committed[i - 1] = shares;
    if (shares) touched.insert(parents.begin(), parents.end());
  }
  std::vector<NameChange> rest;
  for (std::size_t i = 0; i < unsynced_.size(); ++i) {
    if (committed[i]) {
      apply(unsynced_[i], durable_);
    } else {
      rest.push_back(unsynced_[i]);
    }
  }
  unsynced_ = std::move(rest);
#endif
}

void FaultyDisk::put(const Path& path, Bytes content) {
  make_dir(parent_of(path));
  InodePtr inode = find(path);
  if (inode == nullptr) inode = std::make_shared<Inode>();
  inode->replace(std::move(content));
  live_[path] = inode;
  durable_[path] = inode;
}

void FaultyDisk::crash(FaultyFileSystem::Loss loss, SeededRandom& random) {
  using Loss = FaultyFileSystem::Loss;
  std::size_t kept = 0;
  if (loss == Loss::keep_all || loss == Loss::torn) kept = unsynced_.size();
  if (loss == Loss::random_subset) kept = random.below(unsynced_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) apply(unsynced_[i], durable_);
  unsynced_.clear();
  live_ = durable_;
  std::set<Inode*> done;  // Two names may share one inode.
  for (const auto& [path, inode] : live_) {
    if (done.insert(inode.get()).second) inode->crash(loss, random);
  }
}

void FaultyDisk::apply(const NameChange& change, Names& names) {
  if (!change.gone.empty()) names.erase(change.gone);
  if (!change.made.empty()) names[change.made] = change.inode;
}

void FaultyDisk::record(NameChange change) {
  apply(change, live_);
  unsynced_.push_back(std::move(change));
}

}  // namespace daybook::testing
