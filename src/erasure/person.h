// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"

namespace daybook::erasure {

// Where one person stands in the ledger.
struct PersonHits {
  std::vector<ledger::Erasure> actors;     // Actor parts with one of the values as a member.
  std::vector<ledger::Erasure> elsewhere;  // Event and change parts that hold a value as a word.
};

// Reads the whole ledger twice: once for the actor parts, from which it learns the other values of
// the same person (given a user id also name and address), then for words in the other parts.
// Compared byte by byte. Both ascending. With a tenant only its entries.
Result<PersonHits> find_person(const ledger::Reader& reader, const std::vector<std::string>& values,
                               const std::optional<std::string>& tenant);

}  // namespace daybook::erasure
