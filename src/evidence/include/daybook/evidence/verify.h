// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"
#include "daybook/crypto/note.h"
#include "daybook/record/json.h"

namespace daybook::evidence {

// One thing that is wrong.
struct Failure {
  std::optional<std::uint64_t> item;   // Position in `items`, from 0.
  std::optional<std::uint64_t> index;  // Of the entry, as far as it could be read.
  std::string what;
};

// What a file of evidence shows, and whether it holds.
struct Report {
  bool ok = false;
  std::string origin;
  std::uint64_t tree_size = 0;
  Hash root{};
  std::vector<std::string> keys;  // As the file names them.
  bool key_from_outside = false;
  std::optional<std::uint64_t> anchored_to;  // Size of the saved checkpoint it was held against.
  std::string filters;
  record::Json scope = record::Json::object();
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // Exclusive.
  bool complete = false;
  std::uint64_t items = 0;
  std::uint64_t disclosed = 0;  // Items whose event is shown.
  std::uint64_t withheld = 0;   // Items that are commitments alone.
  std::uint64_t erased = 0;     // Parts.
  // Shown items of which a part that some condition reads is withheld or erased.
  std::uint64_t not_evaluated = 0;
  std::vector<Failure> failures;  // At most 100.
};
[[nodiscard]] record::Json to_json(const Report& report);

struct VerifyOptions {
  std::vector<crypto::NoteVerifier> keys;  // Empty: those the file names, which the report says.
  std::string saved_checkpoint;            // A signed note kept outside, or empty.
};

// Checks a file of evidence from its bytes alone (docs/evidence.md): every commitment, leaf and
// inclusion proof, the signed checkpoint they lead to, and the selection: items in order within
// their range, none twice, none missing where it says `complete`, and every shown event what the
// filters ask for. Reads strictly: an unknown member, a number in another form or a space in a hash
// is a failure.
[[nodiscard]] Report verify(std::string_view document, const VerifyOptions& options);

// The JSON inside a page of evidence; anything that is no page as it is. Errc::invalid for a page
// without evidence in it, or with more than one.
Result<std::string_view> document_of(std::string_view file);

}  // namespace daybook::evidence
