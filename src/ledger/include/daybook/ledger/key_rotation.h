// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

namespace daybook::ledger {

// The signing key of a ledger gives way to another. Both keys sign a statement about it, which is
// how whoever knows the old key learns to trust the new one (docs/formats.md).
struct KeyRotation {
  std::string origin;
  std::string old_key;  // vkeys.
  std::string new_key;
  UnixMillis at = 0;
};

// A signed note of five lines; its second line is no number, so that it can never be taken for a
// checkpoint.
Result<std::string> sign_rotation(const KeyRotation& rotation, const crypto::NoteSigner& old_key,
                                  const crypto::NoteSigner& new_key);
// Errc::invalid if malformed, Errc::denied unless both keys that it names have signed it.
Result<KeyRotation> open_rotation(std::string_view note);

// The trusted keys, and those that statements lead to from them, one after the other. A statement
// that is bad, or of a key that is not trusted, leads nowhere.
[[nodiscard]] std::vector<crypto::NoteVerifier> with_successors(
    std::vector<crypto::NoteVerifier> trusted, const std::vector<std::string>& statements);

// The keys a ledger signs with.
//
// Threads: any. Failure: rotate() changes nothing that is seen unless it succeeds; what a crash
// interrupts is either undone or finished when the ledger opens.
class SigningKeys {
 public:
  virtual ~SigningKeys() = default;

  struct Rotated {
    std::string old_key;
    std::string new_key;
    UnixMillis both_until = 0;
    std::string statement;
  };
  // Makes a new key. From now on checkpoints carry its signature and, for `overlap_ms`, the old
  // key's too; then the old private key is destroyed. Errc::exists while an earlier rotation is
  // not over. The caller records the statement in the ledger. Blocks for a few fdatasyncs.
  virtual Result<Rotated> rotate(std::int64_t overlap_ms) = 0;

  // Statements of all rotations, oldest first.
  [[nodiscard]] virtual std::vector<std::string> rotations() const = 0;
};

// Where a published log has its statements: one a line, in base64. Missing where there are none.
constexpr std::string_view kRotationsPath = "key-rotations";
[[nodiscard]] std::string rotations_text(const std::vector<std::string>& statements);

// At most this many keys in the life of a ledger.
constexpr std::size_t kRotationsMax = 64;

}  // namespace daybook::ledger
