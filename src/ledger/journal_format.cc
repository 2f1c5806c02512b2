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

Hash chain_hash(ByteSpan header, ByteSpan payload) {
  return crypto::Sha256().update(header).update(payload).finish();
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
  put_u32_le(out, 0);  // Flags: none in version 1.
  put_bytes(out, source.seed);
  put_bytes(out, source.key);
  put_bytes(out, source.content_digest);
  for (const Hash& commitment : source.commitments) put_bytes(out, commitment);
  for (const std::string& part : source.parts.bytes) {
    put_u32_le(out, static_cast<std::uint32_t>(part.size()));
  }
  for (const std::string& part : source.parts.bytes) put_bytes(out, as_bytes(part));
  DAYBOOK_CHECK(out.size() - start == total);
  const std::uint32_t crc = crc32c(ByteSpan(out).subspan(start + kSummedFrom));
  for (unsigned byte = 0; byte < 4; ++byte) {
    out[start + kCrcAt + byte] = static_cast<std::uint8_t>(crc >> (8 * byte));
  }
}

std::optional<std::uint32_t> record_length(ByteSpan bytes) {
  if (bytes.size() < 4) return std::nullopt;
  const std::uint32_t length = get_u32_le(bytes.data());
  if (length < kRecordHeadBytes || length > kRecordBytesMax) return std::nullopt;
  return length;
}

std::optional<RecordView> get_record(ByteSpan bytes) {
  if (record_length(bytes) != bytes.size() || get_u32_le(&bytes[kFlagsAt]) != 0 ||
      get_u32_le(&bytes[kCrcAt]) != crc32c(bytes.subspan(kSummedFrom))) {
    return std::nullopt;
  }
  RecordView view;
  view.seed = get_bytes<16>(bytes, kSeedAt);
  view.key = get_bytes<16>(bytes, kKeyAt);
  view.content_digest = get_bytes<32>(bytes, kDigestAt);
  view.commitments = head_commitments(bytes);
  std::size_t at = kRecordHeadBytes;
  for (std::size_t part = 0; part < record::kPartCount; ++part) {
    const std::size_t length = get_u32_le(&bytes[kPartLengthsAt + 4 * part]);
    if (length > bytes.size() - at) return std::nullopt;
    view.parts[part] = as_text(bytes.subspan(at, length));
    at += length;
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
  return entry;
}

}  // namespace daybook::ledger
