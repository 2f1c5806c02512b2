// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <algorithm>
#include <bit>

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
// Places looked up, or names made known, under the lock at a time.
constexpr std::uint64_t kScanStep = 1024;

// Decompressed blocks kept for reads of single entries.
constexpr std::size_t kBlockCacheBytes = 16U << 20U;

// Where an interface has no room for an error: no tree has this hash.
Hash or_zero(const Result<Hash>& hash) {
  if (hash) return *hash;
  diagnose(Severity::error, "ledger", "the tree could not be read: " + hash.error().context);
  return Hash{};
}

Error damaged(std::uint64_t file, std::uint64_t offset, const char* what) {
  return Error{Errc::corrupt, what, std::string(kLedgerDir) + "/" + journal_name(file), offset};
}

}  // namespace

Store::Store(FileSystem& fs, FileSystem::Path ledger_dir, std::string origin,
             std::uint32_t segment_entries)
    : fs_(fs),
      dir_(std::move(ledger_dir)),
      origin_(std::move(origin)),
      segment_entries_(segment_entries),
      tree_(group_level(segment_entries), roots_level(segment_entries),
            [this](unsigned level, std::uint64_t first, std::span<Hash> out) {
              return sealed_hashes(level, first, out);
            }),
      sealed_names_(segment_entries),
      blocks_(kBlockCacheBytes) {}

void Store::attach_checkpoints(std::unique_ptr<CheckpointStore> checkpoints) {
  checkpoints_ = std::move(checkpoints);
}

Status Store::attach_segment(std::shared_ptr<const Segment> segment) {
  DAYBOOK_CHECK(segment->entries() == segment_entries_ && segment->first_index() == size_.load());
  DAYBOOK_ASSIGN_OR_RETURN(const auto roots, segment->roots());
  tree_.add_sealed(roots);
  const std::unique_lock lock(mutex_);
  segments_.push_back(std::move(segment));
  size_.store(segments_.size() * segment_entries_);
  return {};
}

void Store::add(const GroupContent& group) {
  DAYBOOK_CHECK(group.offsets.size() == group.leaves.size() &&
                group.offsets.size() == group.keys.size());
  const std::uint64_t size = size_.load();
  const std::size_t known =
      std::min<std::uint64_t>(size - std::min(size, group.first), group.leaves.size());
  tree_.append(std::span(group.leaves).subspan(known));
  const std::unique_lock lock(mutex_);
  if (files_.empty() || files_.back() != group.file) files_.push_back(group.file);
  for (std::size_t n = known; n < group.offsets.size(); ++n) {
    const std::uint64_t index = group.first + n;
    const std::size_t map = index / segment_entries_ - segments_.size();
    while (ids_.size() <= map) ids_.emplace_back();
    ids_[map].insert(group.keys[n], EntryIndex(index));
    offsets_.push_back(group.offsets[n]);
  }
  size_.store(size + group.leaves.size() - known);
}

std::size_t Store::segments() const {
  const std::shared_lock lock(mutex_);
  return segments_.size();
}

std::shared_ptr<const Segment> Store::segment(std::size_t number) const {
  const std::shared_lock lock(mutex_);
  return segments_.at(number);
}

std::uint64_t Store::closed_end() const {
  const std::shared_lock lock(mutex_);
  return files_.empty() ? segments_.size() * segment_entries_ : files_.back();
}

Result<Hash> Store::segment_root(std::uint64_t first) const {
  const auto level = static_cast<unsigned>(std::countr_zero(segment_entries_));
  DAYBOOK_ASSIGN_OR_RETURN(const auto roots, tree_.subtrees(level, first >> level, 1));
  return roots.front();
}

Status Store::seal(std::shared_ptr<const Segment> segment) {
  std::uint64_t sealed = 0;
  {
    const std::unique_lock lock(mutex_);
    DAYBOOK_CHECK(segment->entries() == segment_entries_ &&
                  segment->first_index() == segments_.size() * segment_entries_ &&
                  offsets_.size() >= segment_entries_);
    segments_.push_back(std::move(segment));
    ids_.pop_front();
    offsets_.erase(offsets_.begin(), offsets_.begin() + segment_entries_);
    sealed = segments_.size() * segment_entries_;
  }
  tree_.drop_leaves(sealed);
  return load_names();
}

Status Store::load_names() {
  for (;;) {
    std::shared_ptr<const Segment> next;
    {
      const std::shared_lock lock(mutex_);
      if (sealed_names_.segments() == segments_.size()) return {};
      next = segments_[sealed_names_.segments()];
    }
    DAYBOOK_ASSIGN_OR_RETURN(const auto names, next->names());
    // A piece at a time: who appends or reads must not wait long.
    for (std::size_t at = 0; at < names.size(); at += kScanStep) {
      const std::unique_lock lock(mutex_);
      sealed_names_.insert(
          std::span(names).subspan(at, std::min<std::size_t>(kScanStep, names.size() - at)));
    }
    const std::unique_lock lock(mutex_);
    sealed_names_.complete();
  }
}

void Store::replace(std::size_t number, std::shared_ptr<const Segment> segment) {
  {
    const std::unique_lock lock(mutex_);
    segments_.at(number) = std::move(segment);
  }
  blocks_.clear();
}

std::vector<std::uint64_t> Store::files() const {
  const std::shared_lock lock(mutex_);
  return files_;
}

void Store::drop_handle(std::uint64_t first_index) {
  const std::scoped_lock lock(handles_mutex_);
  handles_.erase(first_index);
}

std::vector<std::uint64_t> Store::retired_files() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::uint64_t> retired;
  for (std::size_t n = 0; n + 1 < files_.size(); ++n) {
    if (files_[n + 1] > segments_.size() * segment_entries_) break;
    retired.push_back(files_[n]);
  }
  return retired;
}

void Store::forget_file(std::uint64_t first_index) {
  {
    const std::unique_lock lock(mutex_);
    std::erase(files_, first_index);
  }
  drop_handle(first_index);
}

Store::Place Store::place_unlocked(std::uint64_t index) const {
  const auto file = std::ranges::upper_bound(files_, index) - 1;
  return {*file, offsets_[index - segments_.size() * segment_entries_]};
}

Store::Source Store::source(std::uint64_t index) const {
  const std::shared_lock lock(mutex_);
  if (index / segment_entries_ < segments_.size()) {
    return {segments_[index / segment_entries_], {}};
  }
  return {nullptr, place_unlocked(index)};
}

std::vector<Store::Place> Store::places(std::uint64_t from, std::uint64_t count) const {
  std::vector<Place> found;
  found.reserve(count);
  const std::shared_lock lock(mutex_);
  if (from / segment_entries_ < segments_.size()) return found;
  for (std::uint64_t index = from; index < from + count; ++index) {
    found.push_back(place_unlocked(index));
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

Result<LoadedRecord> Store::load(std::uint64_t index, const Place& place) const {
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
  DAYBOOK_ASSIGN_OR_RETURN(const Hash leaf, tree_.leaf(index));
  if (record::leaf_hash(view->commitments) != leaf) {
    return damaged(place.file, place.offset, "record does not match the tree");
  }
  record.view = *view;
  return record;
}

Result<StoredEntry> Store::read(EntryIndex index) const {
  if (index.value() >= size_.load()) return Error{Errc::not_found, "no such entry"};
  for (;;) {
    const Source from = source(index.value());
    if (from.segment) {
      return from.segment->read(static_cast<std::uint32_t>(index.value() % segment_entries_),
                                blocks_);
    }
    const auto record = load(index.value(), from.place);
    if (record) return to_entry(index, record->view);
    // Its journal file may have been retired meanwhile.
    if (record.error().code != Errc::not_found || !source(index.value()).segment) {
      return record.error();
    }
  }
}

Result<std::uint64_t> Store::walk_records(std::uint64_t from, std::uint64_t to,
                                          const JournalVisitor& visit) const {
  std::shared_ptr<const File> opened;
  std::optional<ReadWindow> window;
  std::uint64_t open_file = 0;
  while (from < to) {
    const auto step = places(from, std::min(kScanStep, to - from));
    if (step.empty()) return from;
    DAYBOOK_ASSIGN_OR_RETURN(const auto leaves, tree_.subtrees(0, from, step.size()));
    for (std::size_t n = 0; n < step.size(); ++n, ++from) {
      const Place& place = step[n];
      if (!window || open_file != place.file) {
        auto file_now = file(place.file);
        if (!file_now && file_now.error().code == Errc::not_found && source(from).segment) {
          return from;
        }
        if (!file_now) return std::move(file_now).error();
        opened = *std::move(file_now);
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
      DAYBOOK_ASSIGN_OR_RETURN(const bool go_on, visit(from, *view, leaves[n]));
      if (!go_on) return to;
    }
  }
  return to;
}

Status Store::scan_journal(std::uint64_t from, std::uint64_t to, const RecordScan& visit) const {
  const auto go_on = [&visit](std::uint64_t, const RecordView& record,
                              const Hash& leaf) -> Result<bool> {
    DAYBOOK_RETURN_IF_ERROR(visit(record, leaf));
    return true;
  };
  DAYBOOK_ASSIGN_OR_RETURN(const std::uint64_t end, walk_records(from, to, go_on));
  DAYBOOK_CHECK(end == to);  // Only the caller seals.
  return {};
}

Status Store::scan(EntryIndex from, EntryIndex to,
                   const std::function<bool(const StoredEntry&)>& visit) const {
  const std::uint64_t end = std::min(to.value(), size_.load());
  std::uint64_t at = from.value();
  while (at < end) {
    bool ended = false;
    if (const auto segment = source(at).segment) {
      const std::uint64_t first = segment->first_index();
      const std::uint64_t stop = std::min(end - first, std::uint64_t{segment_entries_});
      DAYBOOK_RETURN_IF_ERROR(
          segment->scan(static_cast<std::uint32_t>(at - first), static_cast<std::uint32_t>(stop),
                        [&](const StoredEntry& entry, const Hash&) -> Result<bool> {
                          ended = !visit(entry);
                          return !ended;
                        }));
      at = first + stop;
    } else {
      DAYBOOK_ASSIGN_OR_RETURN(
          at, walk_records(
                  at, end,
                  [&](std::uint64_t index, const RecordView& record, const Hash&) -> Result<bool> {
                    ended = !visit(to_entry(EntryIndex(index), record));
                    return !ended;
                  }));
    }
    if (ended) return {};
  }
  return {};
}

// The entry at `index` if it has this name.
Result<std::optional<Store::Named>> Store::named(std::uint64_t index, const IdKey& key) const {
  for (;;) {
    const Source from = source(index);
    if (from.segment) {
      const auto position = static_cast<std::uint32_t>(index % segment_entries_);
      Named found;
      DAYBOOK_ASSIGN_OR_RETURN(found.entry, from.segment->read(position, blocks_));
      DAYBOOK_ASSIGN_OR_RETURN(const IdKey its, from.segment->key_of(found.entry));
      if (its != key) return std::optional<Named>{};
      DAYBOOK_ASSIGN_OR_RETURN(found.tag, from.segment->tag(position));
      return std::optional<Named>(std::move(found));
    }
    const auto record = load(index, from.place);
    if (!record && record.error().code == Errc::not_found && source(index).segment) continue;
    if (!record) return record.error();
    if (record->view.key != key) return std::optional<Named>{};
    return std::optional<Named>(
        Named{to_entry(EntryIndex(index), record->view), tag_of(record->view.content_digest)});
  }
}

Result<std::optional<Store::Named>> Store::find_record(const IdKey& key) const {
  std::vector<std::uint64_t> candidates;
  std::vector<std::shared_ptr<const Segment>> sealed;
  {
    const std::shared_lock lock(mutex_);
    for (const IdMap& ids : ids_) {
      const auto candidate = ids.candidate(key);
      if (!candidate) continue;
      candidates.push_back(candidate->value());
      if (const auto other = ids.same_prefix(key)) candidates.push_back(other->value());
    }
    for (const std::size_t number : sealed_names_.candidates(key)) {
      sealed.push_back(segments_[number]);
    }
    for (std::size_t number = sealed_names_.segments(); number < segments_.size(); ++number) {
      sealed.push_back(segments_[number]);
    }
  }
  for (const auto& segment : sealed) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto positions, segment->named(key));
    for (const std::uint32_t position : positions) {
      candidates.push_back(segment->first_index() + position);
    }
  }
  for (const std::uint64_t index : candidates) {
    DAYBOOK_ASSIGN_OR_RETURN(auto found, named(index, key));
    if (found) return found;
  }
  return std::optional<Named>{};
}

std::optional<EntryIndex> Store::find(const IdKey& key) const {
  const auto found = find_record(key);
  if (!found) {
    diagnose(Severity::error, "ledger", "look-up of a name failed: " + found.error().context);
    return std::nullopt;
  }
  if (!*found) return std::nullopt;
  return (*found)->entry.index;
}

Status Store::sealed_hashes(unsigned level, std::uint64_t first, std::span<Hash> out) const {
  const std::uint64_t held = segment_entries_ >> level;  // By a segment.
  while (!out.empty()) {
    const auto segment = source(first << level).segment;
    DAYBOOK_CHECK(segment != nullptr);
    const auto position = static_cast<std::uint32_t>(first % held);
    const std::span<Hash> its = out.first(std::min<std::uint64_t>(held - position, out.size()));
    DAYBOOK_RETURN_IF_ERROR(level == 0 ? segment->leaves(position, its, blocks_)
                                       : segment->groups(position, its));
    out = out.subspan(its.size());
    first += its.size();
  }
  return {};
}

Hash Store::leaf_hash(EntryIndex index) const {
  return or_zero(tree_.leaf(index.value()));
}

Hash Store::root(TreeSize size) const {
  return or_zero(tree_.root(size.value()));
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
  DAYBOOK_ASSIGN_OR_RETURN(const auto hashes,
                           tree_.subtrees(8 * name.level, name.number * kTileWidth, name.width));
  for (const Hash& hash : hashes) put_bytes(bytes, hash);
  return bytes;
}

Result<Bytes> Store::bundle(const TileName& name) const {
  const std::uint64_t first = name.number * kTileWidth;
  Bytes bytes;
  bytes.reserve(name.width * (2 + sizeof(record::Leaf)));
  DAYBOOK_RETURN_IF_ERROR(
      scan(EntryIndex(first), EntryIndex(first + name.width), [&bytes](const StoredEntry& entry) {
        const record::Leaf leaf = record::leaf_data(entry.commitments);
        put_u16_be(bytes, static_cast<std::uint16_t>(leaf.size()));
        put_bytes(bytes, leaf);
        return true;
      }));
  return bytes;
}

}  // namespace daybook::ledger
