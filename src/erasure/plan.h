// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "daybook/core/result.h"
#include "daybook/ledger/ledger.h"
#include "daybook/record/json.h"
#include "daybook/record/parts.h"

#include "holds.h"

namespace daybook::erasure {

// What of a selection is there to be erased.
struct Plan {
  std::vector<ledger::Erasure> erasures;                  // Ascending; each has something to lose.
  std::array<std::uint64_t, record::kPartCount> parts{};  // How many of each kind.
  std::uint64_t protected_entries = 0;                    // Tell of erasing, and stay.
  std::vector<ledger::Erasure> elsewhere;                 // A person's hits that stay.
  std::vector<std::string> holds;                         // That forbid some of it.
  std::uint64_t held_entries = 0;

  // For answers and for the entries that tell of it: numbers, no content.
  [[nodiscard]] record::Json counts() const;
};

// Kinds of daybook's own entries about erasing: their event parts are never erased.
inline constexpr std::string_view kRedaction = "REDACTION";
inline constexpr std::string_view kRetention = "RETENTION";
inline constexpr std::string_view kLegalHold = "LEGAL_HOLD";

// Leaves out what is gone already, absent or protected; entries under a hold are counted and left
// out as well. `recorded_before`: only entries recorded up to then, for what age decides about; the
// sender's clock is not believed. `wanted` ascending.
Result<Plan> make_plan(const ledger::Reader& reader, const std::vector<ledger::Erasure>& wanted,
                       const HeldEntries& held, std::optional<UnixMillis> recorded_before);

}  // namespace daybook::erasure
