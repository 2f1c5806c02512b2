// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
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

#include "checkpoint_file.h"
#include "hash_tree.h"
#include "id_map.h"
#include "journal_format.h"

namespace daybook::ledger {

// One entry's bytes and the views into them.
struct LoadedRecord {
  Bytes bytes;
  RecordView view;
};

// Durable entries of one group, as they become visible.
struct GroupContent {
  std::uint64_t file = 0;
  std::vector<std::uint64_t> offsets;  // Of the records.
  std::vector<Hash> leaves;
  std::vector<IdKey> keys;
};

// What a ledger shows: positions of entries, tree, names, checkpoints. About 65 bytes of memory an
// entry. Entries are read from their files.
//
// Threads: add() from the writer; everything else from any, beside it.
class Store final : public Reader {
 public:
  Store(FileSystem& fs, FileSystem::Path ledger_dir, std::string origin,
        std::vector<std::string> vkeys);
  // Once, while opening, before any other thread knows of the store.
  void attach_checkpoints(std::unique_ptr<CheckpointStore> checkpoints);

  // Makes a durable group visible, in ledger order.
  void add(const GroupContent& group);

  // An entry with the name `key`, with its record to compare with. Unlike find() it tells a failed
  // read.
  struct Named {
    EntryIndex index;
    LoadedRecord record;
  };
  [[nodiscard]] Result<std::optional<Named>> find_record(const IdKey& key) const;
  [[nodiscard]] CheckpointStore& checkpoints() { return *checkpoints_; }
  [[nodiscard]] const HashTree& tree() const { return tree_; }

  [[nodiscard]] const std::string& origin() const override { return origin_; }
  [[nodiscard]] std::vector<std::string> keys() const override { return vkeys_; }
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
  // Places of `count` entries from `from` on, which must exist.
  [[nodiscard]] std::vector<Place> places(std::uint64_t from, std::uint64_t count) const;
  [[nodiscard]] Result<std::shared_ptr<const File>> file(std::uint64_t first_index) const;
  [[nodiscard]] Result<LoadedRecord> load(EntryIndex index) const;
  [[nodiscard]] Result<Bytes> bundle(const TileName& name) const;
  [[nodiscard]] bool published(const TileName& name) const;

  FileSystem& fs_;
  const FileSystem::Path dir_;
  const std::string origin_;
  const std::vector<std::string> vkeys_;
  std::unique_ptr<CheckpointStore> checkpoints_;
  HashTree tree_;
  std::atomic<std::uint64_t> size_{0};

  mutable std::shared_mutex mutex_;
  std::deque<std::uint64_t> offsets_;
  std::vector<std::uint64_t> files_;  // First indexes.
  IdMap ids_;

  mutable std::mutex handles_mutex_;
  mutable std::map<std::uint64_t, std::shared_ptr<const File>> handles_;
};

}  // namespace daybook::ledger
