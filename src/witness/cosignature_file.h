// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daybook/core/file_system.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"
#include "daybook/ledger/checkpoint.h"

namespace daybook::witness {

// What one witness has cosigned last: `<data>/witness/<8 hex key id>`, a signed note with its line
// alone.
struct LastCosigned {
  ledger::Checkpoint checkpoint;
  std::string text;  // Of the checkpoint.
  std::string line;
};

[[nodiscard]] FileSystem::Path cosignature_file(const FileSystem::Path& dir,
                                                const crypto::NoteVerifier& witness);
// Nothing if there is none yet. Errc::corrupt if it is not a note that the witness signed.
Result<std::optional<LastCosigned>> read_cosignature(FileSystem& fs, const FileSystem::Path& dir,
                                                     const crypto::NoteVerifier& witness);
Status write_cosignature(FileSystem& fs, const FileSystem::Path& dir,
                         const crypto::NoteVerifier& witness, const LastCosigned& last);

}  // namespace daybook::witness
