// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <algorithm>

#include "daybook/core/check.h"
#include "daybook/core/diagnostics.h"

#include "ledger_files.h"
#include "read_window.h"

namespace daybook::ledger {

namespace {

// Open journal files kept for reading; past this many all are let go, which is rare and cheap.
constexpr std::size_t kHandlesMax = 128;
// First read of one entry: most are smaller.
constexpr std::size_t kFirstReadBytes = 4096;
// Places looked up under the lock at a time.
constexpr std::uint64_t kScanStep = 1024;

Error damaged(std::uint64_t file, std::uint64_t offset, const char* what) {
  return Error{Errc::corrupt, what, std::string(kLedgerDir) + "/" + journal_name(file), offset};
}

}  // namespace

Store::Store(FileSystem& fs, FileSystem::Path ledger_dir, std::string origin,
             std::vector<std::string> vkeys)
    : fs_(fs), dir_(std::move(ledger_dir)), origin_(std::move(origin)), vkeys_(std::move(vkeys)) {}

void Store::attach_checkpoints(std::unique_ptr<CheckpointStore> checkpoints) {
  checkpoints_ = std::move(checkpoints);
}

void Store::add(const GroupContent& group) {
  DAYBOOK_CHECK(group.offsets.size() == group.leaves.size() &&
                group.offsets.size() == group.keys.size());
  tree_.append(group.leaves);
  const std::unique_lock lock(mutex_);
  if (files_.empty() || files_.back() != group.file) files_.push_back(group.file);
  for (std::size_t n = 0; n < group.offsets.size(); ++n) {
    ids_.insert(group.keys[n], EntryIndex(offsets_.size()));
    offsets_.push_back(group.offsets[n]);
  }
  size_.store(offsets_.size());
}

std::vector<Store::Place> Store::places(std::uint64_t from, std::uint64_t count) const {
  std::vector<Place> found;
  found.reserve(count);
  const std::shared_lock lock(mutex_);
  auto file = std::ranges::upper_bound(files_, from) - 1;
  for (std::uint64_t index = from; index < from + count; ++index) {
    while (file + 1 != files_.end() && *(file + 1) <= index) ++file;
    found.push_back({*file, offsets_[index]});
  }
  return found;
}

Result<std::shared_ptr<const File>> Store::file(std::uint64_t first_index) const {
  const std::scoped_lock lock(handles_mutex_);
  if (const auto found = handles_.find(first_index); found != handles_.end()) return found->second;
  DAYBOOK_ASSIGN_OR_RETURN(auto opened, fs_.open(dir_ / journal_name(first_index), OpenMode::read));
  if (handles_.size() >= kHandlesMax) handles_.clear();
  std::shared_ptr<const File> shared = std::move(opened);
  handles_.emplace(first_index, shared);
  return shared;
}

Result<LoadedRecord> Store::load(EntryIndex index) const {
  const Place place = places(index.value(), 1).front();
  DAYBOOK_ASSIGN_OR_RETURN(const auto opened, file(place.file));
  LoadedRecord record;
  record.bytes.resize(kFirstReadBytes);
  DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, opened->read_at(place.offset, record.bytes));
  const auto length = record_length(ByteSpan(record.bytes).first(got));
  if (!length) return damaged(place.file, place.offset, "record length damaged");
  record.bytes.resize(*length);
  if (*length > got) {
    DAYBOOK_ASSIGN_OR_RETURN(
        const std::size_t rest,
        opened->read_at(place.offset + got, std::span(record.bytes).subspan(got)));
    if (rest != *length - got) return damaged(place.file, place.offset, "record cut");
  }
  const auto view = get_record(record.bytes);
  if (!view) return damaged(place.file, place.offset, "record damaged");
  if (record::leaf_hash(view->commitments) != tree_.leaf(index.value())) {
    return damaged(place.file, place.offset, "record does not match the tree");
  }
  record.view = *view;
  return record;
}

Result<StoredEntry> Store::read(EntryIndex index) const {
  if (index.value() >= size_.load()) return Error{Errc::not_found, "no such entry"};
  DAYBOOK_ASSIGN_OR_RETURN(const LoadedRecord record, load(index));
  return to_entry(index, record.view);
}

Status Store::scan(EntryIndex from, EntryIndex to,
                   const std::function<bool(const StoredEntry&)>& visit) const {
  const std::uint64_t end = std::min(to.value(), size_.load());
  std::shared_ptr<const File> opened;
  std::optional<ReadWindow> window;
  std::uint64_t open_file = 0;
  for (std::uint64_t start = from.value(); start < end; start += kScanStep) {
    const auto step = places(start, std::min(kScanStep, end - start));
    const auto leaves = tree_.subtrees(0, start, step.size());
    for (std::size_t n = 0; n < step.size(); ++n) {
      const Place& place = step[n];
      if (!window || open_file != place.file) {
        DAYBOOK_ASSIGN_OR_RETURN(opened, file(place.file));
        window.emplace(*opened, ~std::uint64_t{0});
        open_file = place.file;
      }
      DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan head, window->view(place.offset, kRecordHeadBytes));
      const auto length = record_length(head);
      if (!length) return damaged(place.file, place.offset, "record length damaged");
      DAYBOOK_ASSIGN_OR_RETURN(const ByteSpan bytes, window->view(place.offset, *length));
      const auto view = bytes.size() == *length ? get_record(bytes) : std::nullopt;
      if (!view || record::leaf_hash(view->commitments) != leaves[n]) {
        return damaged(place.file, place.offset, "record damaged");
      }
      if (!visit(to_entry(EntryIndex(start + n), *view))) return {};
    }
  }
  return {};
}

Result<std::optional<Store::Named>> Store::find_record(const IdKey& key) const {
  std::optional<EntryIndex> candidate;
  std::optional<EntryIndex> other;
  {
    const std::shared_lock lock(mutex_);
    candidate = ids_.candidate(key);
    if (candidate) other = ids_.same_prefix(key);
  }
  if (!candidate) return std::optional<Named>{};
  DAYBOOK_ASSIGN_OR_RETURN(LoadedRecord record, load(*candidate));
  if (record.view.key == key) {
    return std::optional<Named>(Named{*candidate, std::move(record)});
  }
  if (!other) return std::optional<Named>{};
  DAYBOOK_ASSIGN_OR_RETURN(LoadedRecord second, load(*other));
  return std::optional<Named>(Named{*other, std::move(second)});
}

std::optional<EntryIndex> Store::find(const IdKey& key) const {
  const auto found = find_record(key);
  if (!found) {
    diagnose(Severity::error, "ledger", "look-up of a name failed: " + found.error().context);
    return std::nullopt;
  }
  if (!*found) return std::nullopt;
  return (*found)->index;
}

Hash Store::leaf_hash(EntryIndex index) const {
  return tree_.leaf(index.value());
}

Hash Store::root(TreeSize size) const {
  return tree_.root(size.value());
}

Result<std::vector<Hash>> Store::inclusion_proof(EntryIndex index, TreeSize size) const {
  return tree_.inclusion(index.value(), size.value());
}

Result<std::vector<Hash>> Store::consistency_proof(TreeSize from, TreeSize to) const {
  return tree_.consistency(from.value(), to.value());
}

PublishedCheckpoint Store::latest_checkpoint() const {
  return checkpoints_->latest();
}

Result<PublishedCheckpoint> Store::checkpoint_at(TreeSize size) const {
  return checkpoints_->at(size.value());
}

// Full tiles of the latest checkpoint; partial ones of every checkpoint ever published, since a
// client may still hold an earlier one.
bool Store::published(const TileName& name) const {
  const std::uint64_t latest = checkpoints_->latest().size.value();
  if (tile_exists(name, latest)) return true;
  if (name.width == 0 || name.width >= kTileWidth || name.level >= 8 ||
      (name.entries && name.level != 0) || name.number > latest / kTileWidth) {
    return false;
  }
  const unsigned shift = 8 * name.level;
  const std::uint64_t hashes = name.number * kTileWidth + name.width;
  if (hashes > latest >> shift) return false;
  return checkpoints_->any_between(hashes << shift, (hashes + 1) << shift);
}

Result<Bytes> Store::tile(const TileName& name) const {
  if (!published(name)) return Error{Errc::not_found, "no such tile"};
  if (name.entries) return bundle(name);
  Bytes bytes;
  bytes.reserve(std::size_t{name.width} * 32);
  for (const Hash& hash : tree_.subtrees(8 * name.level, name.number * kTileWidth, name.width)) {
    bytes.insert(bytes.end(), hash.begin(), hash.end());
  }
  return bytes;
}

Result<Bytes> Store::bundle(const TileName& name) const {
  const std::uint64_t first = name.number * kTileWidth;
  const auto where = places(first, name.width);
  const auto leaves = tree_.subtrees(0, first, name.width);
  Bytes bytes;
  Bytes head(kRecordHeadBytes);
  for (std::size_t n = 0; n < where.size(); ++n) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto opened, file(where[n].file));
    DAYBOOK_ASSIGN_OR_RETURN(const std::size_t got, opened->read_at(where[n].offset, head));
    if (got != head.size()) return damaged(where[n].file, where[n].offset, "record cut");
    const record::Commitments commitments = head_commitments(head);
    if (record::leaf_hash(commitments) != leaves[n]) {
      return damaged(where[n].file, where[n].offset, "record does not match the tree");
    }
    const record::Leaf leaf = record::leaf_data(commitments);
    put_u16_be(bytes, static_cast<std::uint16_t>(leaf.size()));
    bytes.insert(bytes.end(), leaf.begin(), leaf.end());
  }
  return bytes;
}

}  // namespace daybook::ledger
