// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"

#include "block_cache.h"
#include "segment_format.h"

namespace daybook::ledger {

// An open segment file: immutable, so that any number of threads may read it, also after a newer
// file took its name.
//
// In memory: the block directory and the erased entries, about a fifth of a byte an entry.
// Failure: Errc::corrupt with file and offset if bytes do not fit their checksum, or the entries of
// a group its root: no entry and no leaf is shown that the tree does not hold.
class Segment {
 public:
  // Checks everything but the blocks and the tables only read when needed.
  static Result<std::shared_ptr<const Segment>> open(FileSystem& fs, const FileSystem::Path& path);

  [[nodiscard]] std::uint64_t first_index() const { return first_index_; }
  [[nodiscard]] std::uint32_t entries() const { return footer_.entries; }
  [[nodiscard]] const Hash& root() const { return footer_.root; }
  [[nodiscard]] const SegmentFooter& footer() const { return footer_; }
  [[nodiscard]] const BlockDirectory& directory() const { return directory_; }
  [[nodiscard]] const std::vector<ErasedEntry>& erased() const { return erased_; }
  [[nodiscard]] const ErasedEntry* erased_at(std::uint32_t position) const;
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }
  [[nodiscard]] const File& file() const { return *file_; }

  // Roots of its subtrees of level roots_level(entries()), checked against root().
  [[nodiscard]] Result<std::vector<Hash>> roots() const;
  [[nodiscard]] Result<std::vector<NameSlot>> names() const;
  // Positions of the entries that may have this name: none, or nearly always the right one.
  [[nodiscard]] Result<std::vector<std::uint32_t>> named(const IdKey& key) const;
  // Computed from the entries.
  [[nodiscard]] Status leaves(std::uint32_t position, std::span<Hash> out, BlockCache& cache) const;
  // Roots of groups number first … first+out.size()−1, as stored: the caller holds them against the
  // root above them.
  [[nodiscard]] Status groups(std::uint32_t first, std::span<Hash> out) const;
  [[nodiscard]] Result<ContentTag> tag(std::uint32_t position) const;

  [[nodiscard]] Result<StoredEntry> read(std::uint32_t position, BlockCache& cache) const;
  // Entries from ≤ position < to in order, until `visit` says false or fails.
  using Visitor = std::function<Result<bool>(const StoredEntry&, const Hash& leaf)>;
  Status scan(std::uint32_t from, std::uint32_t to, const Visitor& visit) const;
  // The name of one of its entries: from the event, or as kept when that was erased.
  [[nodiscard]] Result<IdKey> key_of(const StoredEntry& entry) const;

  [[nodiscard]] Result<Bytes> table(Table table) const;
  [[nodiscard]] Result<std::shared_ptr<const Block>> block(std::size_t kind,
                                                           std::size_t number) const;
  [[nodiscard]] Error damaged(std::uint64_t offset, const char* what) const;

 private:
  // A block of each kind, while entries are read in order.
  struct Held {
    BlockCache* cache = nullptr;
    std::array<std::shared_ptr<const Block>, record::kPartCount> blocks;
    std::array<std::size_t, record::kPartCount> numbers{};
  };
  // Entries whose leaves have one stored root.
  struct Group {
    std::vector<StoredEntry> entries;
    std::vector<Hash> leaves;
  };
  Segment() = default;
  Status load(FileSystem& fs, const FileSystem::Path& path);
  Status load_tables();
  [[nodiscard]] std::size_t block_of(std::size_t kind, std::uint32_t position) const;
  [[nodiscard]] std::uint32_t block_end(std::size_t kind, std::size_t number) const;
  [[nodiscard]] Status read_exactly(std::uint64_t offset, std::span<std::uint8_t> out) const;
  [[nodiscard]] Result<std::string_view> part(std::size_t kind, std::uint32_t position,
                                              Held& held) const;
  [[nodiscard]] Result<StoredEntry> entry(std::uint32_t position, const record::Seed& seed,
                                          Held& held) const;
  [[nodiscard]] Result<Group> group(std::uint32_t first, ByteSpan seeds, const Hash& root,
                                    Held& held) const;
  [[nodiscard]] Result<Group> group_at(std::uint32_t first, Held& held) const;
  [[nodiscard]] std::uint32_t group_entries() const { return 1U << group_level(entries()); }

  std::unique_ptr<File> file_;
  std::uint64_t serial_ = 0;  // Of this object, over the process.
  std::uint64_t file_bytes_ = 0;
  std::uint64_t first_index_ = 0;
  SegmentFooter footer_;
  BlockDirectory directory_;
  std::vector<ErasedEntry> erased_;
};

}  // namespace daybook::ledger
