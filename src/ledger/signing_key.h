// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daybook/core/file_system.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

namespace daybook::ledger {

// `<keys_dir>/ledger.key`: one line `PRIVATE+KEY+<name>+<id>+<base64(0x01 ‖ seed)>`, mode 0600, the
// signer string of Go's sumdb/note. `<keys_dir>/ledger.vkey` beside it is the public half.
constexpr std::string_view kSigningKeyFile = "ledger.key";
constexpr std::string_view kVerifierKeyFile = "ledger.vkey";

// Errc::not_found if there is none; Errc::invalid if malformed.
Result<crypto::NoteSigner> load_signing_key(FileSystem& fs, const FileSystem::Path& keys_dir);
// Makes and stores a key of that name. Errc::exists if one is there.
Result<crypto::NoteSigner> create_signing_key(FileSystem& fs, const FileSystem::Path& keys_dir,
                                              const std::string& name, Random& random);

// The text form. Wipe it after use.
[[nodiscard]] std::string signer_string(const std::string& name, const crypto::Ed25519Key& key);
Result<crypto::NoteSigner> parse_signer_string(std::string_view text);

}  // namespace daybook::ledger
