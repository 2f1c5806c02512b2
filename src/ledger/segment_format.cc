// SPDX-License-Identifier: Apache-2.0
#include "segment_format.h"

#include <algorithm>
#include <bit>
#include <memory>

#include <zstd.h>

#include "daybook/core/check.h"

#include "file_name.h"
#include "journal_format.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kHeaderMagic = "DBKsegmt";
constexpr std::string_view kFooterMagic = "DBKsfoot";
constexpr std::uint16_t kVersion = 1;
constexpr std::string_view kNamePrefix = "segment-";
constexpr std::size_t kTableBytes = 20;
constexpr std::size_t kBlockPlaceBytes = 24;
constexpr unsigned kTileLevel = 8;
constexpr unsigned kGroupLevel = 4;
constexpr int kTightLevel = 9;
constexpr int kQuickLevel = 3;

unsigned level_within(unsigned level, std::uint32_t entries) {
  return std::min(level, static_cast<unsigned>(std::bit_width(entries)) - 1);
}

// Contexts hold tables of several hundred KiB: one a thread, made when first needed.
ZSTD_CCtx* packing_context() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  return context.get();
}
ZSTD_DCtx* unpacking_context() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  return context.get();
}

}  // namespace

unsigned roots_level(std::uint32_t entries) {
  return level_within(kTileLevel, entries);
}

unsigned group_level(std::uint32_t entries) {
  return level_within(kGroupLevel, entries);
}

std::string segment_name(std::uint64_t first_index) {
  return numbered_name(kNamePrefix, first_index);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  return parse_numbered_name(kNamePrefix, name);
}

std::vector<std::uint64_t> segment_files(const std::vector<std::string>& names) {
  return numbered_files(kNamePrefix, names);
}

void put_segment_header(Bytes& out, const SegmentHeader& header) {
  const std::size_t start = out.size();
  put_bytes(out, as_bytes(kHeaderMagic));
  put_u16_le(out, kVersion);
  put_u16_le(out, 0);
  put_u32_le(out, header.entries);
  put_u64_le(out, header.first_index);
  put_u32_le(out, 0);
  put_u32_le(out, crc32c(ByteSpan(out).subspan(start)));
  DAYBOOK_CHECK(out.size() - start == kSegmentHeaderBytes);
}

std::optional<SegmentHeader> get_segment_header(ByteSpan bytes) {
  if (bytes.size() != kSegmentHeaderBytes || !as_text(bytes).starts_with(kHeaderMagic) ||
      get_u16_le(&bytes[8]) != kVersion || get_u16_le(&bytes[10]) != 0 ||
      get_u32_le(&bytes[24]) != 0 || get_u32_le(&bytes[28]) != crc32c(bytes.first(28))) {
    return std::nullopt;
  }
  const SegmentHeader header{get_u32_le(&bytes[12]), get_u64_le(&bytes[16])};
  if (header.entries == 0 || header.entries > kSegmentEntriesMax) return std::nullopt;
  return header;
}

void put_segment_footer(Bytes& out, const SegmentFooter& footer) {
  const std::size_t start = out.size();
  put_bytes(out, as_bytes(kFooterMagic));
  for (const TablePlace& table : footer.tables) {
    put_u64_le(out, table.offset);
    put_u64_le(out, table.bytes);
    put_u32_le(out, table.crc);
  }
  put_bytes(out, footer.root);
  put_bytes(out, footer.digest);
  put_u32_le(out, footer.entries);
  put_u32_le(out, crc32c(ByteSpan(out).subspan(start)));
  DAYBOOK_CHECK(out.size() - start == kSegmentFooterBytes);
}

std::optional<SegmentFooter> get_segment_footer(ByteSpan bytes) {
  constexpr std::size_t kSummed = kSegmentFooterBytes - 4;
  if (bytes.size() != kSegmentFooterBytes || !as_text(bytes).starts_with(kFooterMagic) ||
      get_u32_le(&bytes[kSummed]) != crc32c(bytes.first(kSummed))) {
    return std::nullopt;
  }
  SegmentFooter footer;
  std::size_t at = kFooterMagic.size();
  for (TablePlace& table : footer.tables) {
    table = {get_u64_le(&bytes[at]), get_u64_le(&bytes[at + 8]), get_u32_le(&bytes[at + 16])};
    at += kTableBytes;
  }
  footer.root = get_bytes<32>(bytes, at);
  footer.digest = get_bytes<32>(bytes, at + 32);
  footer.entries = get_u32_le(&bytes[at + 64]);
  return footer;
}

void put_directory(Bytes& out, const BlockDirectory& directory) {
  for (const auto& blocks : directory) put_u32_le(out, static_cast<std::uint32_t>(blocks.size()));
  for (const auto& blocks : directory) {
    for (const BlockPlace& block : blocks) {
      put_u32_le(out, block.first);
      put_u32_le(out, block.raw_bytes);
      put_u32_le(out, block.bytes);
      put_u32_le(out, block.crc);
      put_u64_le(out, block.offset);
    }
  }
}

std::optional<BlockDirectory> get_directory(ByteSpan bytes, std::uint32_t entries,
                                            std::uint64_t end) {
  constexpr std::size_t kCounts = 4 * record::kPartCount;
  if (bytes.size() < kCounts) return std::nullopt;
  BlockDirectory directory;
  std::size_t at = kCounts;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;  // Of all blocks, begin and end.
  for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
    const std::uint32_t count = get_u32_le(&bytes[4 * kind]);
    if (count == 0 || count > entries || (bytes.size() - at) / kBlockPlaceBytes < count) {
      return std::nullopt;
    }
    for (std::uint32_t n = 0; n < count; ++n, at += kBlockPlaceBytes) {
      const BlockPlace block{get_u32_le(&bytes[at]), get_u32_le(&bytes[at + 4]),
                             get_u32_le(&bytes[at + 8]), get_u32_le(&bytes[at + 12]),
                             get_u64_le(&bytes[at + 16])};
      const bool follows = n == 0 ? block.first == 0
                                  : block.first > directory[kind].back().first &&
                                        block.offset > directory[kind].back().offset;
      if (!follows || block.first >= entries || block.bytes == 0 || block.offset > end ||
          block.raw_bytes > kBlockBytesMax) {
        return std::nullopt;
      }
      extents.emplace_back(block.offset, block.offset + block.bytes);
      directory[kind].push_back(block);
    }
  }
  std::ranges::sort(extents);
  std::uint64_t filled = kSegmentHeaderBytes;
  for (const auto& [from, to] : extents) {
    if (from != filled) return std::nullopt;
    filled = to;
  }
  if (at != bytes.size() || filled != end) return std::nullopt;
  return directory;
}

void put_erased(Bytes& out, const ErasedEntry& entry) {
  put_u32_le(out, entry.position);
  put_u32_le(out, entry.parts);
  put_bytes(out, entry.key);
  for (const record::Salt& salt : entry.salts) put_bytes(out, salt);
  for (const Hash& commitment : entry.commitments) put_bytes(out, commitment);
}

std::optional<std::vector<ErasedEntry>> get_erased(ByteSpan bytes, std::uint32_t entries) {
  if (bytes.size() % kErasedBytes != 0) return std::nullopt;
  std::vector<ErasedEntry> erased;
  erased.reserve(bytes.size() / kErasedBytes);
  for (std::size_t at = 0; at < bytes.size(); at += kErasedBytes) {
    ErasedEntry entry;
    entry.position = get_u32_le(&bytes[at]);
    const std::uint32_t parts = get_u32_le(&bytes[at + 4]);
    if (entry.position >= entries || parts == 0 || parts >= (1U << record::kPartCount) ||
        (!erased.empty() && erased.back().position >= entry.position)) {
      return std::nullopt;
    }
    entry.parts = static_cast<std::uint8_t>(parts);
    entry.key = get_bytes<16>(bytes, at + 8);
    for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
      entry.salts[kind] = get_bytes<16>(bytes, at + 24 + 16 * kind);
      entry.commitments[kind] = get_bytes<32>(bytes, at + 72 + 32 * kind);
      if (((parts >> kind) & 1U) != 0 && !all_zero(entry.salts[kind])) return std::nullopt;
    }
    erased.push_back(entry);
  }
  return erased;
}

ContentTag tag_of(const Hash& digest) {
  return get_bytes<kTagBytes>(digest, 0);
}

std::uint32_t name_prefix(const IdKey& key) {
  return static_cast<std::uint32_t>(key[0]) << 24U | static_cast<std::uint32_t>(key[1]) << 16U |
         static_cast<std::uint32_t>(key[2]) << 8U | static_cast<std::uint32_t>(key[3]);
}

void put_names(Bytes& out, const std::vector<NameSlot>& slots) {
  std::size_t at = 0;
  for (std::uint32_t bucket = 0; bucket <= 256; ++bucket) {
    while (at < slots.size() && slots[at].prefix >> 24U < bucket) ++at;
    put_u32_le(out, static_cast<std::uint32_t>(at));
  }
  for (const NameSlot& slot : slots) {
    out.push_back(static_cast<std::uint8_t>(slot.prefix));
    out.push_back(static_cast<std::uint8_t>(slot.prefix >> 8U));
    out.push_back(static_cast<std::uint8_t>(slot.prefix >> 16U));
    put_u16_le(out, slot.position);
  }
}

NameSlot get_name(ByteSpan slot, std::uint32_t bucket) {
  const std::uint32_t low = static_cast<std::uint32_t>(slot[0]) |
                            static_cast<std::uint32_t>(slot[1]) << 8U |
                            static_cast<std::uint32_t>(slot[2]) << 16U;
  return {bucket << 24U | low, get_u16_le(&slot[3])};
}

std::optional<std::vector<NameSlot>> get_names(ByteSpan bytes, std::uint32_t entries) {
  if (bytes.size() != kNameBucketsBytes + kNameBytes * entries) return std::nullopt;
  std::vector<NameSlot> slots;
  slots.reserve(entries);
  std::uint32_t from = get_u32_le(bytes.data());
  if (from != 0) return std::nullopt;
  for (std::uint32_t bucket = 0; bucket < 256; ++bucket) {
    const std::uint32_t to = get_u32_le(&bytes[4 * (bucket + std::size_t{1})]);
    if (to < from || to > entries) return std::nullopt;
    for (; from < to; ++from) {
      const NameSlot read = get_name(bytes.subspan(kNameBucketsBytes + kNameBytes * from), bucket);
      if (read.position >= entries || (!slots.empty() && read < slots.back())) return std::nullopt;
      slots.push_back(read);
    }
  }
  if (slots.size() != entries) return std::nullopt;
  return slots;
}

Bytes compress_block(ByteSpan raw, Packing packing) {
  Bytes frame(ZSTD_compressBound(raw.size()));
  const int level = packing == Packing::tight ? kTightLevel : kQuickLevel;
  const std::size_t got = ZSTD_compressCCtx(packing_context(), frame.data(), frame.size(),
                                            raw.data(), raw.size(), level);
  DAYBOOK_CHECK(ZSTD_isError(got) == 0);
  frame.resize(got);
  return frame;
}

std::optional<Bytes> decompress_block(ByteSpan frame, std::uint32_t raw_bytes) {
  Bytes raw(raw_bytes);
  const std::size_t got =
      ZSTD_decompressDCtx(unpacking_context(), raw.data(), raw.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != raw.size()) return std::nullopt;
  return raw;
}

}  // namespace daybook::ledger
