// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"
#include "daybook/record/event.h"

namespace daybook::capture {

// The `system` entry KEY_ROTATED about a rotation of the signing key, with its statement. Its id is
// that of the new key, so that one rotation is one entry. The caller adds who asked for it.
// Errc::invalid, Errc::denied for a bad statement.
Result<record::Event> key_rotated_event(const Clock& clock, const std::string& statement);

// Appends the entry of each rotation that has none: a crash came between. Returns how many.
// Blocks; at start-up.
Result<std::uint64_t> record_missed_rotations(ledger::Ledger& ledger, const Clock& clock,
                                              Random& random);

}  // namespace daybook::capture
