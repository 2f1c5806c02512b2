// SPDX-License-Identifier: Apache-2.0
#include "segment_format.h"

#include <algorithm>
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
// Packs our JSON about 4 % tighter than zstd's default of 3 for twice its time; sealing has time.
constexpr int kCompressionLevel = 9;

}  // namespace

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
  std::uint64_t offset = kSegmentHeaderBytes;
  for (std::size_t kind = 0; kind < record::kPartCount; ++kind) {
    const std::uint32_t count = get_u32_le(&bytes[4 * kind]);
    if (count == 0 || count > entries || (bytes.size() - at) / kBlockPlaceBytes < count) {
      return std::nullopt;
    }
    for (std::uint32_t n = 0; n < count; ++n, at += kBlockPlaceBytes) {
      const BlockPlace block{get_u32_le(&bytes[at]), get_u32_le(&bytes[at + 4]),
                             get_u32_le(&bytes[at + 8]), get_u32_le(&bytes[at + 12]),
                             get_u64_le(&bytes[at + 16])};
      const bool follows = n == 0 ? block.first == 0 : block.first > directory[kind].back().first;
      if (!follows || block.first >= entries || block.offset != offset || block.bytes == 0 ||
          block.raw_bytes > 2 * kRecordBytesMax) {
        return std::nullopt;
      }
      offset += block.bytes;
      directory[kind].push_back(block);
    }
  }
  if (at != bytes.size() || offset != end) return std::nullopt;
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

bool BlockBuilder::fits(std::size_t part_bytes) const {
  constexpr std::size_t kLengthBytesMax = 5;
  return count_ == 0 ||
         lengths_.size() + parts_.size() + kLengthBytesMax + part_bytes <= kBlockRawBytes;
}

void BlockBuilder::add(std::string_view part) {
  std::size_t length = part.size();
  while (length >= 0x80) {
    lengths_.push_back(static_cast<std::uint8_t>(length | 0x80U));
    length >>= 7U;
  }
  lengths_.push_back(static_cast<std::uint8_t>(length));
  put_bytes(parts_, as_bytes(part));
  ++count_;
}

Bytes BlockBuilder::take() {
  Bytes raw = std::move(lengths_);
  put_bytes(raw, parts_);
  lengths_.clear();
  parts_.clear();
  count_ = 0;
  return raw;
}

std::optional<std::vector<std::uint32_t>> part_offsets(ByteSpan raw, std::uint32_t count) {
  std::vector<std::uint32_t> offsets;
  offsets.reserve(count + std::size_t{1});
  std::size_t at = 0;
  std::uint64_t end = 0;
  for (std::uint32_t n = 0; n < count; ++n) {
    offsets.push_back(static_cast<std::uint32_t>(end));
    std::uint64_t length = 0;
    unsigned shift = 0;
    std::uint8_t byte = 0x80;
    for (; (byte & 0x80U) != 0; shift += 7) {
      if (at == raw.size() || shift > 28) return std::nullopt;
      byte = raw[at++];
      length |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    }
    end += length;
    if (end > raw.size()) return std::nullopt;
  }
  if (at + end != raw.size()) return std::nullopt;
  for (std::uint32_t& offset : offsets) offset += static_cast<std::uint32_t>(at);
  offsets.push_back(static_cast<std::uint32_t>(raw.size()));
  return offsets;
}

Bytes compress_block(ByteSpan raw) {
  Bytes frame(ZSTD_compressBound(raw.size()));
  const std::size_t got =
      ZSTD_compress(frame.data(), frame.size(), raw.data(), raw.size(), kCompressionLevel);
  DAYBOOK_CHECK(ZSTD_isError(got) == 0);
  frame.resize(got);
  return frame;
}

std::optional<Bytes> decompress_block(ByteSpan frame, std::uint32_t raw_bytes) {
  Bytes raw(raw_bytes);
  const std::size_t got = ZSTD_decompress(raw.data(), raw.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != raw.size()) return std::nullopt;
  return raw;
}

}  // namespace daybook::ledger
