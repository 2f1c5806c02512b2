// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daybook/core/bytes.h"
#include "daybook/core/result.h"
#include "daybook/ledger/reader.h"
#include "daybook/record/parts.h"

namespace daybook::ledger {

// The bytes of journal files, format version 1; docs/formats.md has the tables. Pure, no I/O.
// Integers are little-endian.

constexpr std::size_t kFileHeaderBytes = 84;
constexpr std::size_t kGroupHeaderBytes = 84;
constexpr std::size_t kRecordHeadBytes = 184;
// One part is at most a few MiB; anything above this is damage, not data.
constexpr std::uint32_t kRecordBytesMax = 64U << 20U;
constexpr std::uint32_t kPayloadBytesMax = 1U << 30U;

// H before the first group: SHA-256("daybook journal 1" LF origin). Ties a journal to its ledger.
[[nodiscard]] Hash genesis_hash(std::string_view origin);

// `journal-<20 digits>`
[[nodiscard]] std::string journal_name(std::uint64_t first_index);
[[nodiscard]] std::optional<std::uint64_t> parse_journal_name(std::string_view name);
// First indexes of the journal files among `names`, ascending.
[[nodiscard]] std::vector<std::uint64_t> journal_files(const std::vector<std::string>& names);

// At the front of each journal file.
struct FileHeader {
  std::uint64_t first_index = 0;
  std::uint64_t first_group = 0;
  std::uint64_t previous_file = 0;  // First index of the file before; 0 in the first file.
  std::uint64_t previous_end = 0;   // Length of the file before; 0 in the first file.
  Hash chain{};                     // H of the group before the first.
  friend bool operator==(const FileHeader&, const FileHeader&) = default;
};
void put_file_header(Bytes& out, const FileHeader& header);
// nullopt unless magic, version and checksum fit. `bytes` has at least kFileHeaderBytes.
[[nodiscard]] std::optional<FileHeader> get_file_header(ByteSpan bytes);

// In front of the records of one group: what one fdatasync made durable.
struct GroupHeader {
  std::uint32_t count = 0;
  std::uint64_t number = 0;  // Of the group, over the whole ledger, from 0.
  std::uint64_t first_index = 0;
  std::uint64_t previous_end = 0;  // Offset in this file where the bytes before this group end.
  std::uint32_t payload_bytes = 0;
  std::uint32_t payload_crc = 0;
  Hash chain{};  // H of the group before.
  friend bool operator==(const GroupHeader&, const GroupHeader&) = default;
};
using GroupHeaderBytes = std::array<std::uint8_t, kGroupHeaderBytes>;
[[nodiscard]] GroupHeaderBytes encode_group_header(const GroupHeader& header);
// nullopt unless magic, version and checksum fit. `bytes` has at least kGroupHeaderBytes.
[[nodiscard]] std::optional<GroupHeader> get_group_header(ByteSpan bytes);
// First bytes of every group, to look for a later one behind damage.
[[nodiscard]] std::string_view group_magic();

// H_n = SHA-256(H_{n-1} ‖ number ‖ first index ‖ count ‖ payload bytes ‖ leaf hashes): it stays the
// same when a part is erased.
[[nodiscard]] Hash chain_hash(const GroupHeader& header, std::span<const Hash> leaves);

// One entry as it lies in a payload. Views into the caller's bytes.
struct RecordView {
  record::Seed seed{};
  IdKey key{};
  Hash content_digest{};
  record::Commitments commitments{};
  std::array<std::string_view, record::kPartCount> parts;
  std::array<std::uint32_t, record::kPartCount> lengths{};  // As stored, of erased ones too.
  // After an erasure: no seed, no digest, but the salts of the parts that are left.
  std::uint8_t erased = 0;
  std::array<record::Salt, record::kPartCount> salts{};
};
struct RecordSource {
  const record::Parts& parts;
  const record::Seed& seed;
  const IdKey& key;
  const Hash& content_digest;
  const record::Commitments& commitments;
};
[[nodiscard]] std::uint64_t record_bytes(const record::Parts& parts);
void put_record(Bytes& out, const RecordSource& record);

// Erases parts (bits k−1) of the record in place: their bytes become zero, the seed and the content
// digest make room for the salts of the other parts. Length and leaf stay. False if `record` is not
// a sound record.
[[nodiscard]] bool erase_parts(std::span<std::uint8_t> record, std::uint8_t parts);

// Total length a record claims, from its first four bytes; nullopt if out of bounds.
[[nodiscard]] std::optional<std::uint32_t> record_length(ByteSpan bytes);
// `bytes` is exactly one record. nullopt unless lengths and checksum fit.
[[nodiscard]] std::optional<RecordView> get_record(ByteSpan bytes);
// Only the fixed front of a record (kRecordHeadBytes), without checksum: for bundles, whose leaves
// are checked against the tree instead.
[[nodiscard]] record::Commitments head_commitments(ByteSpan head);

[[nodiscard]] StoredEntry to_entry(EntryIndex index, const RecordView& record);

}  // namespace daybook::ledger
