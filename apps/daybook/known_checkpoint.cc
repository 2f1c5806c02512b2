// SPDX-License-Identifier: Apache-2.0
#include "known_checkpoint.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "daybook/ledger/checkpoint.h"

#include "verify_trust.h"

namespace daybook::app {

Status check_known_checkpoint(const ledger::Reader& reader, const std::filesystem::path& file) {
  const auto contradicts = [&file](std::string what) {
    return Error{Errc::corrupt, std::move(what), file.string()};
  };
  DAYBOOK_ASSIGN_OR_RETURN(const std::string note, read_checkpoint(file));
  std::vector<crypto::NoteVerifier> keys;
  for (const std::string& vkey : reader.keys()) {
    DAYBOOK_ASSIGN_OR_RETURN(auto key, crypto::NoteVerifier::parse(vkey));
    keys.push_back(std::move(key));
  }
  const auto known = ledger::open_checkpoint(note, keys);
  if (!known || known->origin != reader.origin()) {
    return contradicts("the kept checkpoint is not one of this ledger");
  }
  const std::uint64_t size = reader.size().value();
  if (known->size.value() > size) {
    return contradicts(fmt::format(
        "the kept checkpoint has {} entries, this directory only {}: it is an older copy",
        known->size.value(), size));
  }
  if (reader.root(known->size) != known->root) {
    return contradicts(
        "the ledger does not hold what the kept checkpoint says: it is another history");
  }
  return {};
}

}  // namespace daybook::app
