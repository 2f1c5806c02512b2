// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

#include "verify_request.h"

namespace daybook::app {

// A checkpoint that was kept outside, as a signed note.
Result<std::string> read_checkpoint(const std::filesystem::path& file);

// What a verification takes from outside of what it checks.
struct Trust {
  std::vector<crypto::NoteVerifier> keys;
  std::string saved_checkpoint;
};
// Errc::invalid for a malformed key.
Result<Trust> trust_of(const VerifyRequest& request);

}  // namespace daybook::app
