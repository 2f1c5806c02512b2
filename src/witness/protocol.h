// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"

namespace daybook::witness {

// The texts of C2SP tlog-witness v1.0.0, as its client writes and reads them.

// A request larger than this is refused by witnesses in the field.
constexpr std::size_t kRequestBytesMax = 10 * 1024;

// `old <size>`, the consistency proof, an empty line, the signed checkpoint.
[[nodiscard]] std::string add_checkpoint_body(std::uint64_t old_size,
                                              const std::vector<Hash>& proof,
                                              std::string_view note);

// The size a 409 tells: digits and a line feed.
Result<std::uint64_t> parse_known_size(std::string_view body);

struct Cosignature {
  std::string line;          // Without line feed.
  std::uint64_t time_s = 0;  // The witness's clock.
};
// The witness's own line of a 200. Errc::denied if there is no good one.
Result<Cosignature> accept_cosignature(std::string_view body, std::string_view checkpoint_text,
                                       const crypto::NoteVerifier& witness);

// A note with one more signature line.
[[nodiscard]] std::string with_line(std::string_view note, std::string_view line);

}  // namespace daybook::witness
