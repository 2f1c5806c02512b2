// SPDX-License-Identifier: Apache-2.0
#include "ledger_files.h"

#include <algorithm>

#include "daybook/core/check.h"
#include "daybook/crypto/note.h"

namespace daybook::ledger {

namespace {

constexpr std::string_view kIdentityHead = "daybook-ledger 1\n";
constexpr std::string_view kOriginPrefix = "origin ";
constexpr std::string_view kKeyPrefix = "key ";
constexpr std::string_view kRotationPrefix = "rotation ";
constexpr std::string_view kCrcPrefix = "crc32c ";
constexpr std::uint64_t kIdentityBytesMax = 64U << 10U;

constexpr std::string_view kMarkerMagic = "DBKopen1";
constexpr std::size_t kMarkerBytes = 84;

std::string crc_line(std::string_view text) {
  const std::uint32_t crc = crc32c(as_bytes(text));
  Bytes big_endian;
  for (int shift = 24; shift >= 0; shift -= 8) {
    big_endian.push_back(static_cast<std::uint8_t>(crc >> static_cast<unsigned>(shift)));
  }
  return std::string(kCrcPrefix) + to_hex(big_endian) + "\n";
}

// The rest of the next line if it begins with `prefix`.
std::optional<std::string> take_field(std::string_view& text, std::string_view prefix) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(prefix)) return std::nullopt;
  std::string value(text.substr(prefix.size(), end - prefix.size()));
  text.remove_prefix(end + 1);
  return value;
}

}  // namespace

std::string in_ledger(std::string_view name) {
  return std::string(kLedgerDir) + "/" + std::string(name);
}

Status put_ledger_file(FileSystem& fs, const FileSystem::Path& data_dir, std::string_view name,
                       ByteSpan bytes) {
  const FileSystem::Path temporary = data_dir / ("ledger-" + std::string(name) + ".tmp");
  DAYBOOK_ASSIGN_OR_RETURN(auto file, fs.open(temporary, OpenMode::create));
  DAYBOOK_RETURN_IF_ERROR(file->truncate(0));
  DAYBOOK_RETURN_IF_ERROR(file->write_at(0, bytes));
  DAYBOOK_RETURN_IF_ERROR(file->sync());
  file.reset();
  DAYBOOK_RETURN_IF_ERROR(fs.rename(temporary, data_dir / kLedgerDir / name));
  DAYBOOK_RETURN_IF_ERROR(fs.sync_dir(data_dir / kLedgerDir));
  return fs.sync_dir(data_dir);
}

std::string encode_identity(const Identity& identity) {
  std::string text(kIdentityHead);
  text += std::string(kOriginPrefix) + identity.origin + "\n";
  for (const std::string& vkey : identity.vkeys) text += std::string(kKeyPrefix) + vkey + "\n";
  for (const std::string& note : identity.rotations) {
    text += std::string(kRotationPrefix) + to_base64(as_bytes(note)) + "\n";
  }
  return text + crc_line(text);
}

Result<Identity> decode_identity(std::string_view text) {
  const Error damaged{Errc::corrupt, "ledger key file damaged", in_ledger(kIdentityFile), 0};
  const std::size_t crc_at = text.rfind(kCrcPrefix);
  if (crc_at == std::string_view::npos || text.substr(crc_at) != crc_line(text.substr(0, crc_at)) ||
      !text.starts_with(kIdentityHead)) {
    return damaged;
  }
  std::string_view rest = text.substr(0, crc_at);
  rest.remove_prefix(kIdentityHead.size());
  Identity identity;
  const auto origin = take_field(rest, kOriginPrefix);
  if (!origin) return damaged;
  identity.origin = *origin;
  while (!rest.empty() && !rest.starts_with(kRotationPrefix)) {
    const auto vkey = take_field(rest, kKeyPrefix);
    if (!vkey) return damaged;
    const auto verifier = crypto::NoteVerifier::parse(*vkey);
    if (!verifier || verifier->name() != identity.origin) return damaged;
    identity.vkeys.push_back(*vkey);
  }
  while (!rest.empty()) {
    const auto line = take_field(rest, kRotationPrefix);
    if (!line) return damaged;
    const auto note = from_base64(*line);
    if (!note) return damaged;
    identity.rotations.emplace_back(as_text(*note));
  }
  if (identity.vkeys.empty()) return damaged;
  return identity;
}

Result<Identity> read_identity(FileSystem& fs, const FileSystem::Path& data_dir) {
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes bytes,
                           read_file(fs, data_dir / kLedgerDir / kIdentityFile, kIdentityBytesMax));
  return decode_identity(as_text(bytes));
}

Bytes encode_marker(const Marker& marker) {
  Bytes out;
  put_bytes(out, as_bytes(kMarkerMagic));
  put_u64_le(out, marker.journal.entries);
  put_u64_le(out, marker.journal.groups);
  put_u64_le(out, marker.journal.file);
  put_u64_le(out, marker.journal.end);
  put_u64_le(out, marker.checkpoints_end);
  put_bytes(out, marker.journal.chain);
  put_u32_le(out, crc32c(out));
  DAYBOOK_CHECK(out.size() == kMarkerBytes);
  return out;
}

Result<Marker> decode_marker(ByteSpan bytes) {
  if (bytes.size() != kMarkerBytes || !as_text(bytes).starts_with(kMarkerMagic) ||
      get_u32_le(&bytes[80]) != crc32c(bytes.first(80))) {
    return Error{Errc::corrupt, "marker of an open ledger damaged", in_ledger(kMarkerFile), 0};
  }
  Marker marker;
  marker.journal.entries = get_u64_le(&bytes[8]);
  marker.journal.groups = get_u64_le(&bytes[16]);
  marker.journal.file = get_u64_le(&bytes[24]);
  marker.journal.end = get_u64_le(&bytes[32]);
  marker.checkpoints_end = get_u64_le(&bytes[40]);
  marker.journal.chain = get_bytes<32>(bytes, 48);
  return marker;
}

Result<std::optional<Marker>> read_marker(FileSystem& fs, const FileSystem::Path& data_dir) {
  auto bytes = read_file(fs, data_dir / kLedgerDir / kMarkerFile, 4096);
  if (!bytes && bytes.error().code == Errc::not_found) return std::optional<Marker>{};
  if (!bytes && bytes.error().code == Errc::exhausted) {
    return Error{Errc::corrupt, "marker of an open ledger damaged", in_ledger(kMarkerFile), 0};
  }
  if (!bytes) return std::move(bytes).error();
  DAYBOOK_ASSIGN_OR_RETURN(const Marker marker, decode_marker(*bytes));
  return std::optional<Marker>(marker);
}

}  // namespace daybook::ledger
