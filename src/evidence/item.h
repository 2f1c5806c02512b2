// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "daybook/core/result.h"
#include "daybook/ledger/checkpoint.h"
#include "daybook/record/event.h"
#include "daybook/record/parts.h"

namespace daybook::evidence {

enum class PartState : std::uint8_t { disclosed, withheld, erased };

// An item whose commitments, leaf and inclusion proof were checked.
struct Item {
  std::uint64_t index = 0;
  std::array<PartState, record::kPartCount> states{};
  std::optional<record::Event> event;  // If the event part is shown; other parts as far as shown.
  Hash leaf_hash{};

  [[nodiscard]] bool shows(record::Part part) const {
    return states.at(static_cast<std::size_t>(part) - 1) == PartState::disclosed;
  }
};

// Errc::invalid for what is malformed, Errc::denied for what does not hold.
Result<Item> check_item(const record::Json& item, const ledger::Checkpoint& checkpoint);

}  // namespace daybook::evidence
