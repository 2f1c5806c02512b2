// SPDX-License-Identifier: Apache-2.0
#include "verify_trust.h"

#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/file_system.h"

namespace daybook::app {
namespace {

constexpr std::uint64_t kCheckpointBytesMax = 1U << 20U;

}  // namespace

Result<Trust> trust_of(const VerifyRequest& request) {
  Trust out;
  if (!request.key.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(auto key, crypto::NoteVerifier::parse(request.key));
    out.keys.push_back(std::move(key));
  }
  if (!request.checkpoint.empty()) {
    DAYBOOK_ASSIGN_OR_RETURN(
        const Bytes bytes, read_file(posix_file_system(), request.checkpoint, kCheckpointBytesMax));
    out.saved_checkpoint = as_text(bytes);
  }
  return out;
}

}  // namespace daybook::app
