// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/record/parts.h"

#include "journal_format.h"

namespace daybook::ledger {

// The bytes of segment files, format version 1; docs/formats.md has the tables. Pure, no I/O.
// Integers are little-endian.

constexpr std::uint32_t kSegmentEntriesMax = 65'536;
constexpr std::size_t kSegmentHeaderBytes = 32;
constexpr std::size_t kSegmentFooterBytes = 220;

// `segment-<20 digits>`
[[nodiscard]] std::string segment_name(std::uint64_t first_index);
[[nodiscard]] std::optional<std::uint64_t> parse_segment_name(std::string_view name);
// First indexes of the segment files among `names`, ascending.
[[nodiscard]] std::vector<std::uint64_t> segment_files(const std::vector<std::string>& names);

struct SegmentHeader {
  std::uint32_t entries = 0;
  std::uint64_t first_index = 0;
};
void put_segment_header(Bytes& out, const SegmentHeader& header);
[[nodiscard]] std::optional<SegmentHeader> get_segment_header(ByteSpan bytes);

// The tables between blocks and footer, in this order and without gaps.
enum class Table : std::uint8_t { directory, seeds, erased, tags, names, groups, roots };
constexpr std::size_t kTableCount = 7;
struct TablePlace {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;
};
struct SegmentFooter {
  std::array<TablePlace, kTableCount> tables;
  Hash root{};    // Of the segment's leaves.
  Hash digest{};  // SHA-256 of all bytes before the footer.
  std::uint32_t entries = 0;
  [[nodiscard]] const TablePlace& at(Table table) const {
    return tables[static_cast<std::size_t>(table)];
  }
};
void put_segment_footer(Bytes& out, const SegmentFooter& footer);
[[nodiscard]] std::optional<SegmentFooter> get_segment_footer(ByteSpan bytes);

// Levels of the subtrees whose roots a segment of that many entries (a power of two) holds: tiles
// of 256 leaves, and groups of 16, from whose entries the leaves are computed; less where it has
// fewer entries.
[[nodiscard]] unsigned roots_level(std::uint32_t entries);
[[nodiscard]] unsigned group_level(std::uint32_t entries);

// Where a compressed run of parts of one kind lies.
struct BlockPlace {
  std::uint32_t first = 0;  // Position of its first entry in the segment.
  std::uint32_t raw_bytes = 0;
  std::uint32_t bytes = 0;
  std::uint32_t crc = 0;  // Of the compressed bytes.
  std::uint64_t offset = 0;
};
// Of a block's content, and of its parts: more is damage.
constexpr std::uint32_t kBlockBytesMax = 2U * kRecordBytesMax;
using BlockDirectory = std::array<std::vector<BlockPlace>, record::kPartCount>;
void put_directory(Bytes& out, const BlockDirectory& directory);
// nullopt unless the blocks of each kind cover `entries` and lie in that order, and all blocks
// together fill the file from the header to `end`.
[[nodiscard]] std::optional<BlockDirectory> get_directory(ByteSpan bytes, std::uint32_t entries,
                                                          std::uint64_t end);

// What takes the place of the seed once a part was erased.
constexpr std::size_t kErasedBytes = 4 + 4 + 16 + 48 + 96;
struct ErasedEntry {
  std::uint32_t position = 0;
  std::uint8_t parts = 0;  // Bit k−1 for part k.
  IdKey key{};
  std::array<record::Salt, record::kPartCount> salts{};  // Zero for erased parts.
  record::Commitments commitments{};
};
void put_erased(Bytes& out, const ErasedEntry& entry);
[[nodiscard]] std::optional<std::vector<ErasedEntry>> get_erased(ByteSpan bytes,
                                                                 std::uint32_t entries);

// Names: the first 32 bits of each key, sorted, with the position of its entry; in front where each
// first byte begins.
constexpr std::size_t kNameBucketsBytes = 257 * std::size_t{4};
constexpr std::size_t kNameBytes = 5;
struct NameSlot {
  std::uint32_t prefix = 0;
  std::uint16_t position = 0;
  friend auto operator<=>(const NameSlot&, const NameSlot&) = default;
};
[[nodiscard]] std::uint32_t name_prefix(const IdKey& key);
// `slots` sorted.
void put_names(Bytes& out, const std::vector<NameSlot>& slots);
// The slot at the front of `slot`; `bucket` is the first byte of its prefix, which is not stored.
[[nodiscard]] NameSlot get_name(ByteSpan slot, std::uint32_t bucket);
// nullopt unless sorted, in bounds and of `entries` slots.
[[nodiscard]] std::optional<std::vector<NameSlot>> get_names(ByteSpan bytes, std::uint32_t entries);

// First bytes of the content digest: what is left of it in a segment. The digest's salt is secret,
// so nobody can look for two contents that collide.
constexpr std::size_t kTagBytes = 8;
using ContentTag = std::array<std::uint8_t, kTagBytes>;
[[nodiscard]] ContentTag tag_of(const Hash& digest);

// How much time packing may take: half of it gives blocks that are some 6 % larger.
enum class Packing : std::uint8_t { tight, quick };
// One standard zstd frame.
[[nodiscard]] Bytes compress_block(ByteSpan raw, Packing packing);
// nullopt unless it is one frame of exactly `raw_bytes`.
[[nodiscard]] std::optional<Bytes> decompress_block(ByteSpan frame, std::uint32_t raw_bytes);

}  // namespace daybook::ledger
