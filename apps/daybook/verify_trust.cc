// SPDX-License-Identifier: Apache-2.0
#include "verify_trust.h"

#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"

namespace daybook::app {

Result<std::string> read_checkpoint(const std::filesystem::path& file) {
  constexpr std::uint64_t kBytesMax = 1U << 20U;
  DAYBOOK_ASSIGN_OR_RETURN(const Bytes note, read_file(posix_file_system(), file, kBytesMax));
  return std::string(as_text(note));
}

Result<Trust> trust_of(const VerifyRequest& request) {
  Trust out;
  if (!request.key.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(auto key, crypto::NoteVerifier::parse(request.key));
    out.keys.push_back(std::move(key));
  }
  if (!request.checkpoint.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(out.saved_checkpoint, read_checkpoint(request.checkpoint));
  }
  return out;
}

}  // namespace daybook::app
