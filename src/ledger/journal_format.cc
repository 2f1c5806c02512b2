// SPDX-License-Identifier: Apache-2.0
#include "journal_format.h"

#include <algorithm>
#include <cstring>

#include "daybook/core/check.h"
#include "daybook/crypto/sha256.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kFileMagic = "DBKjourn";
constexpr std::string_view kGroupMagic = "DBKgroup";
constexpr std::uint16_t kVersion = 1;
constexpr std::string_view kNamePrefix = "journal-";
constexpr std::size_t kNameDigits = 20;

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

void put_bytes(Bytes& out, ByteSpan bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

template <std::size_t N>
std::array<std::uint8_t, N> take(ByteSpan bytes, std::size_t at) {
  std::array<std::uint8_t, N> value{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), N, value.begin());
  return value;
}

bool starts_with(ByteSpan bytes, std::string_view magic) {
  return as_text(bytes).starts_with(magic);
}

}  // namespace

Hash genesis_hash(std::string_view origin) {
  return crypto::Sha256().update("daybook journal 1\n").update(origin).finish();
}

std::string journal_name(std::uint64_t first_index) {
  const std::string digits = std::to_string(first_index);
  return std::string(kNamePrefix) + std::string(kNameDigits - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> parse_journal_name(std::string_view name) {
  if (!name.starts_with(kNamePrefix)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : name.substr(kNamePrefix.size())) {
    if (digit < '0' || digit > '9' || value > (~std::uint64_t{0} - 9) / 10) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (journal_name(value) != name) return std::nullopt;
  return value;
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
  file.chain = take<32>(header, 48);
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
  return take<kGroupHeaderBytes>(out, 0);
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
  group.chain = take<32>(header, 48);
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
  view.seed = take<16>(bytes, kSeedAt);
  view.key = take<16>(bytes, kKeyAt);
  view.content_digest = take<32>(bytes, kDigestAt);
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
    commitments[part] = take<32>(head, kCommitmentsAt + 32 * part);
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
