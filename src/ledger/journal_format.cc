// SPDX-License-Identifier: Apache-2.0
#include "journal_format.h"

#include <algorithm>
#include <cstring>

#include "daybook/core/check.h"
#include "daybook/crypto/sha256.h"

#include "file_name.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kFileMagic = "DBKjourn";
constexpr std::string_view kGroupMagic = "DBKgroup";
constexpr std::uint16_t kVersion = 1;
constexpr std::string_view kNamePrefix = "journal-";

// Offsets inside a record, behind its length and checksum.
constexpr std::size_t kCrcAt = 4;
constexpr std::size_t kSummedFrom = 8;
constexpr std::size_t kFlagsAt = 8;
constexpr std::size_t kSeedAt = 12;
constexpr std::size_t kKeyAt = 28;
constexpr std::size_t kDigestAt = 44;
constexpr std::size_t kCommitmentsAt = 76;
constexpr std::size_t kPartLengthsAt = 172;
static_assert(kPartLengthsAt + 4 * record::kPartCount == kRecordHeadBytes);

bool starts_with(ByteSpan bytes, std::string_view magic) {
  return as_text(bytes).starts_with(magic);
}

void put_checksum(std::span<std::uint8_t> record) {
  const std::uint32_t crc = crc32c(record.subspan(kSummedFrom));
  for (unsigned byte = 0; byte < 4; ++byte) {
    record[kCrcAt + byte] = static_cast<std::uint8_t>(crc >> (8 * byte));
  }
}

std::size_t salt_at(std::size_t part) {
  return part == 0 ? kSeedAt : kDigestAt + 16 * (part - 1);
}

}  // namespace

Hash genesis_hash(std::string_view origin) {
  return crypto::Sha256().update("daybook journal 1\n").update(origin).finish();
}

std::string journal_name(std::uint64_t first_index) {
  return numbered_name(kNamePrefix, first_index);
}

std::optional<std::uint64_t> parse_journal_name(std::string_view name) {
  return parse_numbered_name(kNamePrefix, name);
}

std::vector<std::uint64_t> journal_files(const std::vector<std::string>& names) {
  return numbered_files(kNamePrefix, names);
}

void put_file_header(Bytes& out, const FileHeader& header) {
  const std::size_t start = out.size();
  put_bytes(out, as_bytes(kFileMagic));
  put_u16_le(out, kVersion);
  put_u16_le(out, 0);
  put_u32_le(out, 0);
  put_u64_le(out, header.first_index);
  put_u64_le(out, header.first_group);
  put_u64_le(out, header.previous_file);
  put_u64_le(out, header.previous_end);
  put_bytes(out, header.chain);
  put_u32_le(out, crc32c(ByteSpan(out).subspan(start)));
  DAYBOOK_CHECK(out.size() - start == kFileHeaderBytes);
}

std::optional<FileHeader> get_file_header(ByteSpan bytes) {
  const ByteSpan header = bytes.first(kFileHeaderBytes);
  if (!starts_with(header, kFileMagic) || get_u16_le(&header[8]) != kVersion ||
      get_u16_le(&header[10]) != 0 || get_u32_le(&header[12]) != 0 ||
      get_u32_le(&header[80]) != crc32c(header.first(80))) {
    return std::nullopt;
  }
  FileHeader file;
  file.first_index = get_u64_le(&header[16]);
  file.first_group = get_u64_le(&header[24]);
  file.previous_file = get_u64_le(&header[32]);
  file.previous_end = get_u64_le(&header[40]);
  file.chain = get_bytes<32>(header, 48);
  return file;
}

std::string_view group_magic() {
  return kGroupMagic;
}

GroupHeaderBytes encode_group_header(const GroupHeader& header) {
  Bytes out;
  out.reserve(kGroupHeaderBytes);
  put_bytes(out, as_bytes(kGroupMagic));
  put_u16_le(out, kVersion);
  put_u16_le(out, 0);
  put_u32_le(out, header.count);
  put_u64_le(out, header.number);
  put_u64_le(out, header.first_index);
  put_u64_le(out, header.previous_end);
  put_u32_le(out, header.payload_bytes);
  put_u32_le(out, header.payload_crc);
  put_bytes(out, header.chain);
  put_u32_le(out, crc32c(out));
  DAYBOOK_CHECK(out.size() == kGroupHeaderBytes);
  return get_bytes<kGroupHeaderBytes>(out, 0);
}

std::optional<GroupHeader> get_group_header(ByteSpan bytes) {
  const ByteSpan header = bytes.first(kGroupHeaderBytes);
  if (!starts_with(header, kGroupMagic) || get_u16_le(&header[8]) != kVersion ||
      get_u16_le(&header[10]) != 0 || get_u32_le(&header[80]) != crc32c(header.first(80))) {
    return std::nullopt;
  }
  GroupHeader group;
  group.count = get_u32_le(&header[12]);
  group.number = get_u64_le(&header[16]);
  group.first_index = get_u64_le(&header[24]);
  group.previous_end = get_u64_le(&header[32]);
  group.payload_bytes = get_u32_le(&header[40]);
  group.payload_crc = get_u32_le(&header[44]);
  group.chain = get_bytes<32>(header, 48);
  return group;
}

Hash chain_hash(const GroupHeader& header, std::span<const Hash> leaves) {
  Bytes front;
  put_bytes(front, header.chain);
  put_u64_le(front, header.number);
  put_u64_le(front, header.first_index);
  put_u32_le(front, header.count);
  put_u32_le(front, header.payload_bytes);
  crypto::Sha256 hash;
  hash.update(front);
  for (const Hash& leaf : leaves) hash.update(ByteSpan(leaf));
  return hash.finish();
}

std::uint64_t record_bytes(const record::Parts& parts) {
  std::uint64_t total = kRecordHeadBytes;
  for (const std::string& part : parts.bytes) total += part.size();
  return total;
}

void put_record(Bytes& out, const RecordSource& source) {
  const std::size_t start = out.size();
  const std::uint64_t total = record_bytes(source.parts);
  DAYBOOK_CHECK(total <= kRecordBytesMax);
  put_u32_le(out, static_cast<std::uint32_t>(total));
  put_u32_le(out, 0);  // The checksum, below.
  put_u32_le(out, 0);  // Flags: nothing erased.
  put_bytes(out, source.seed);
  put_bytes(out, source.key);
  put_bytes(out, source.content_digest);
  for (const Hash& commitment : source.commitments) put_bytes(out, commitment);
  for (const std::string& part : source.parts.bytes) {
    put_u32_le(out, static_cast<std::uint32_t>(part.size()));
  }
  for (const std::string& part : source.parts.bytes) put_bytes(out, as_bytes(part));
  DAYBOOK_CHECK(out.size() - start == total);
  put_checksum(std::span(out).subspan(start));
}

bool erase_parts(std::span<std::uint8_t> record, std::uint8_t parts) {
  const auto view = get_record(record);
  if (!view) return false;
  const auto erased = static_cast<std::uint8_t>(view->erased | parts);
  if (erased >= (1U << record::kPartCount)) return false;
  std::array<record::Salt, record::kPartCount> salts{};
  std::size_t at = kRecordHeadBytes;
  for (std::size_t part = 0; part < record::kPartCount; ++part) {
    const std::size_t length = get_u32_le(&record[kPartLengthsAt + 4 * part]);
    if (((erased >> part) & 1U) != 0) {
      std::ranges::fill(record.subspan(at, length), std::uint8_t{0});
    } else {
      salts[part] = view->erased != 0
                        ? view->salts[part]
                        : record::salt_of(view->seed, static_cast<record::Part>(part + 1));
    }
    at += length;
  }
  for (std::size_t part = 0; part < record::kPartCount; ++part) {
    std::ranges::copy(salts[part], record.begin() + static_cast<std::ptrdiff_t>(salt_at(part)));
  }
  record[kFlagsAt] = erased;
  put_checksum(record);
  return true;
}

std::optional<std::uint32_t> record_length(ByteSpan bytes) {
  if (bytes.size() < 4) return std::nullopt;
  const std::uint32_t length = get_u32_le(bytes.data());
  if (length < kRecordHeadBytes || length > kRecordBytesMax) return std::nullopt;
  return length;
}

std::optional<RecordView> get_record(ByteSpan bytes) {
  if (record_length(bytes) != bytes.size() ||
      get_u32_le(&bytes[kFlagsAt]) >= (1U << record::kPartCount) ||
      get_u32_le(&bytes[kCrcAt]) != crc32c(bytes.subspan(kSummedFrom))) {
    return std::nullopt;
  }
  RecordView view;
  view.erased = bytes[kFlagsAt];
  view.key = get_bytes<16>(bytes, kKeyAt);
  if (view.erased == 0) {
    view.seed = get_bytes<16>(bytes, kSeedAt);
    view.content_digest = get_bytes<32>(bytes, kDigestAt);
  }
  view.commitments = head_commitments(bytes);
  std::size_t at = kRecordHeadBytes;
  for (std::size_t part = 0; part < record::kPartCount; ++part) {
    const std::size_t length = get_u32_le(&bytes[kPartLengthsAt + 4 * part]);
    if (length > bytes.size() - at) return std::nullopt;
    const ByteSpan bytes_of_part = bytes.subspan(at, length);
    view.lengths[part] = static_cast<std::uint32_t>(length);
    at += length;
    if (view.erased == 0) {
      view.parts[part] = as_text(bytes_of_part);
      continue;
    }
    view.salts[part] = get_bytes<16>(bytes, salt_at(part));
    if (((view.erased >> part) & 1U) == 0) {
      view.parts[part] = as_text(bytes_of_part);
    } else if (!all_zero(bytes_of_part) || !all_zero(view.salts[part])) {
      return std::nullopt;  // What was erased is not there.
    }
  }
  if (at != bytes.size()) return std::nullopt;
  return view;
}

record::Commitments head_commitments(ByteSpan head) {
  record::Commitments commitments;
  for (std::size_t part = 0; part < record::kPartCount; ++part) {
    commitments[part] = get_bytes<32>(head, kCommitmentsAt + 32 * part);
  }
  return commitments;
}

StoredEntry to_entry(EntryIndex index, const RecordView& record) {
  StoredEntry entry;
  entry.index = index;
  for (std::size_t part = 0; part < record::kPartCount; ++part) {
    entry.parts.bytes[part] = record.parts[part];
  }
  entry.seed = record.seed;
  entry.commitments = record.commitments;
  entry.erased = record.erased;
  entry.salts = record.salts;
  return entry;
}

}  // namespace daybook::ledger
