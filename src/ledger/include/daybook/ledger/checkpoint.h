// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

namespace daybook::ledger {

// C2SP tlog-checkpoint v1.0.0: origin, size, root. Sizes up to 2^63−1.
struct Checkpoint {
  std::string origin;
  TreeSize size;
  Hash root{};
  std::vector<std::string> extensions;  // Read, never written.
};

[[nodiscard]] std::string checkpoint_text(const Checkpoint& checkpoint);
Result<Checkpoint> parse_checkpoint_text(std::string_view text);
// Opens the note with `keys` and parses its text; the origin must equal the name of a key that
// signed it.
Result<Checkpoint> open_checkpoint(std::string_view note,
                                   const std::vector<crypto::NoteVerifier>& keys);

// C2SP tlog-proof: header, index, hashes, blank line, signed checkpoint verbatim.
[[nodiscard]] std::string tlog_proof_text(EntryIndex index, const std::vector<Hash>& hashes,
                                          std::string_view signed_checkpoint);

}  // namespace daybook::ledger
