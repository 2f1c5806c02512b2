// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daybook/core/clock.h"
#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

namespace daybook::ledger {

// `<keys_dir>/ledger.key`, mode 0600: lines `PRIVATE+KEY+<name>+<id>+<base64(0x01 ‖ seed)>`, the
// signer string of Go's sumdb/note. The first is the key that signs. Around a rotation one more:
// `next <until> <signer>` before the new key counts, `previous <until> <signer>` while the old one
// still signs; until is the last moment of both, in milliseconds. `<keys_dir>/ledger.vkey` beside
// it is the public half of the first.
constexpr std::string_view kSigningKeyFile = "ledger.key";
constexpr std::string_view kVerifierKeyFile = "ledger.vkey";

struct SigningKey {
  crypto::NoteSigner signer;
  crypto::Ed25519Key secret;  // The same key, to be written again.
};
Result<SigningKey> signing_key(const std::string& name, crypto::Ed25519Key key);

struct StoredKeys {
  SigningKey current;
  std::optional<SigningKey> next = std::nullopt;
  UnixMillis next_until = 0;
  std::optional<SigningKey> previous = std::nullopt;
  UnixMillis previous_until = 0;
};

// Errc::not_found if there are none; Errc::invalid if malformed.
Result<StoredKeys> load_keys(FileSystem& fs, const FileSystem::Path& keys_dir);
Status store_keys(FileSystem& fs, const FileSystem::Path& keys_dir, const StoredKeys& keys);
// The key that signs, alone.
Result<crypto::NoteSigner> load_signing_key(FileSystem& fs, const FileSystem::Path& keys_dir);
// Makes and stores a key of that name. Errc::exists if one is there.
Result<crypto::NoteSigner> create_signing_key(FileSystem& fs, const FileSystem::Path& keys_dir,
                                              const std::string& name, Random& random);

// The text form. Wipe it after use.
[[nodiscard]] std::string signer_string(const std::string& name, const crypto::Ed25519Key& key);
Result<crypto::NoteSigner> parse_signer_string(std::string_view text);

}  // namespace daybook::ledger
