// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"
#include "daybook/core/result.h"

#include "journal_walk.h"

namespace daybook::ledger {

// Names and small files under the data directory (docs/formats.md).
constexpr std::string_view kLedgerDir = "ledger";
constexpr std::string_view kKeysDir = "keys";
constexpr std::string_view kIdentityFile = "key";
constexpr std::string_view kCheckpointsFile = "checkpoints";
constexpr std::string_view kMarkerFile = "open";
constexpr std::string_view kSegmentTemporary = "ledger-segment.tmp";  // Beside ledger/.
constexpr std::string_view kLockFile = "ledger.lock";  // In the data directory, not in ledger/.

// `ledger/<name>`: how failures name a file, relative to the data directory.
[[nodiscard]] std::string in_ledger(std::string_view name);

// Writes `<data_dir>/ledger/<name>` durably and at once: the temporary lies beside ledger/, so that
// ledger/ never holds a file that `verify` does not know.
Status put_ledger_file(FileSystem& fs, const FileSystem::Path& data_dir, std::string_view name,
                       ByteSpan bytes);

// ledger/key: what a verifier needs of the ledger's identity. Text, closed by its CRC-32C.
struct Identity {
  std::string origin;
  std::vector<std::string> vkeys;           // Current first.
  std::vector<std::string> rotations = {};  // Statements (key_rotation.h), oldest first.
};
[[nodiscard]] std::string encode_identity(const Identity& identity);
// Errc::corrupt
Result<Identity> decode_identity(std::string_view text);
Result<Identity> read_identity(FileSystem& fs, const FileSystem::Path& data_dir);

// ledger/open: is there while a writer is at work and after an unclean stop, with what was durable
// when the writer began. A torn tail is legitimate behind that point only.
struct Marker {
  JournalPosition journal;
  std::uint64_t checkpoints_end = 0;  // Length of ledger/checkpoints; 0 while initialising.
};
[[nodiscard]] Bytes encode_marker(const Marker& marker);
// Errc::corrupt
Result<Marker> decode_marker(ByteSpan bytes);
// nullopt if there is none: the last stop was clean.
Result<std::optional<Marker>> read_marker(FileSystem& fs, const FileSystem::Path& data_dir);

}  // namespace daybook::ledger
