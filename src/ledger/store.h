// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"

#include "block_cache.h"
#include "checkpoint_file.h"
#include "hash_tree.h"
#include "id_map.h"
#include "journal_format.h"
#include "key_ring.h"
#include "ledger_files.h"
#include "name_filter.h"
#include "segment.h"

namespace daybook::ledger {

// One entry's bytes and the views into them.
struct LoadedRecord {
  Bytes bytes;
  RecordView view;
};

// Durable entries of one group, as they become visible.
struct GroupContent {
  std::uint64_t first = 0;  // Index of the first entry.
  std::uint64_t file = 0;
  std::vector<std::uint64_t> offsets;  // Of the records.
  std::vector<Hash> leaves;
  std::vector<IdKey> keys;
};

// What a ledger shows: segments, the journal behind them, tree, names, checkpoints. About 3 bytes
// of memory an entry in a segment, 65 an entry in the journal. Entries are read from their files.
//
// Threads: add() from the writer; seal(), load_names(), forget_file() from the maintenance; all
// else from any, beside them.
class Store final : public Reader {
 public:
  Store(FileSystem& fs, FileSystem::Path ledger_dir, std::string origin,
        std::uint32_t segment_entries);
  // Once, while opening, before any other thread knows of the store.
  void attach_checkpoints(std::unique_ptr<CheckpointStore> checkpoints);
  Status attach_segment(std::shared_ptr<const Segment> segment);
  void attach_keys(const KeyRing& keys) { keys_ = &keys; }

  // Makes a durable group visible, in ledger order. Entries that a segment holds are left out.
  void add(const GroupContent& group);

  // An entry with the name `key`, with what a repeat is compared with. Unlike find() it tells a
  // failed read.
  struct Named {
    StoredEntry entry;
    ContentTag tag{};  // Of its content digest.
  };
  [[nodiscard]] Result<std::optional<Named>> find_record(const IdKey& key) const;
  [[nodiscard]] CheckpointStore& checkpoints() { return *checkpoints_; }

  // Sealing.
  [[nodiscard]] std::uint32_t segment_entries() const { return segment_entries_; }
  [[nodiscard]] std::size_t segments() const;
  [[nodiscard]] std::shared_ptr<const Segment> segment(std::size_t number) const;
  // Entries below this lie in segments, or in journal files that will not change any more.
  [[nodiscard]] std::uint64_t closed_end() const;
  // Root of the subtree that is, or will be, the segment at `first`.
  [[nodiscard]] Result<Hash> segment_root(std::uint64_t first) const;
  using RecordScan = std::function<Status(const RecordView&, const Hash& leaf)>;
  Status scan_journal(std::uint64_t from, std::uint64_t to, const RecordScan& visit) const;
  // The next segment is in its place: entries are read from it from now on.
  Status seal(std::shared_ptr<const Segment> segment);
  // A segment was written anew without erased parts.
  void replace(std::size_t number, std::shared_ptr<const Segment> segment);
  // Journal files, by first index; and after one was written anew.
  [[nodiscard]] std::vector<std::uint64_t> files() const;
  void drop_handle(std::uint64_t first_index);
  // Reads the names of segments that are not known yet; until then each of those is looked into.
  Status load_names();
  // Journal files all of whose entries lie in segments, oldest first.
  [[nodiscard]] std::vector<std::uint64_t> retired_files() const;
  void forget_file(std::uint64_t first_index);

  [[nodiscard]] const std::string& origin() const override { return origin_; }
  [[nodiscard]] std::vector<std::string> keys() const override { return keys_->vkeys(); }
  [[nodiscard]] TreeSize size() const override { return TreeSize(size_.load()); }
  [[nodiscard]] Result<StoredEntry> read(EntryIndex index) const override;
  Status scan(EntryIndex from, EntryIndex to,
              const std::function<bool(const StoredEntry&)>& visit) const override;
  [[nodiscard]] Hash leaf_hash(EntryIndex index) const override;
  [[nodiscard]] std::optional<EntryIndex> find(const IdKey& key) const override;
  [[nodiscard]] Hash root(TreeSize size) const override;
  [[nodiscard]] Result<std::vector<Hash>> inclusion_proof(EntryIndex index,
                                                          TreeSize size) const override;
  [[nodiscard]] Result<std::vector<Hash>> consistency_proof(TreeSize from,
                                                            TreeSize to) const override;
  [[nodiscard]] PublishedCheckpoint latest_checkpoint() const override;
  [[nodiscard]] Result<PublishedCheckpoint> checkpoint_at(TreeSize size) const override;
  [[nodiscard]] Result<Bytes> tile(const TileName& name) const override;

 private:
  struct Place {
    std::uint64_t file = 0;  // First index of the journal file.
    std::uint64_t offset = 0;
  };
  // Where an entry is read from: the segment, or its place in the journal.
  struct Source {
    std::shared_ptr<const Segment> segment;
    Place place;
  };
  [[nodiscard]] Source source(std::uint64_t index) const;
  [[nodiscard]] Place place_unlocked(std::uint64_t index) const;
  // Places of at most `count` entries from `from` on; empty if that lies in a segment by now.
  [[nodiscard]] std::vector<Place> places(std::uint64_t from, std::uint64_t count) const;
  [[nodiscard]] Result<std::shared_ptr<const File>> file(std::uint64_t first_index) const;
  [[nodiscard]] Result<LoadedRecord> load(std::uint64_t index, const Place& place) const;
  [[nodiscard]] Result<std::optional<Named>> named(std::uint64_t index, const IdKey& key) const;
  // Records from `from` on until `to`, or until segments have overtaken. Where it ended.
  using JournalVisitor = std::function<Result<bool>(std::uint64_t, const RecordView&, const Hash&)>;
  Result<std::uint64_t> walk_records(std::uint64_t from, std::uint64_t to,
                                     const JournalVisitor& visit) const;
  [[nodiscard]] Status sealed_hashes(unsigned level, std::uint64_t first,
                                     std::span<Hash> out) const;
  [[nodiscard]] Result<Bytes> bundle(const TileName& name) const;
  [[nodiscard]] bool published(const TileName& name) const;

  FileSystem& fs_;
  const FileSystem::Path dir_;
  const std::string origin_;
  const KeyRing* keys_ = nullptr;
  const std::uint32_t segment_entries_;
  std::unique_ptr<CheckpointStore> checkpoints_;
  HashTree tree_;
  std::atomic<std::uint64_t> size_{0};

  mutable std::shared_mutex mutex_;
  std::vector<std::shared_ptr<const Segment>> segments_;
  NameFilter sealed_names_;
  std::deque<std::uint64_t> offsets_;  // Of entries behind the segments.
  std::vector<std::uint64_t> files_;   // First indexes of journal files.
  std::deque<IdMap> ids_;              // One for each segment to come.

  mutable BlockCache blocks_;
  mutable std::mutex handles_mutex_;
  mutable std::map<std::uint64_t, std::shared_ptr<const File>> handles_;
};

}  // namespace daybook::ledger
