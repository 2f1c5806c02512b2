// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daybook/core/ids.h"
#include "daybook/record/parts.h"

namespace daybook::ledger {

// SHA-256(first 16 bytes of SHA-256(seed ‖ 0x00) ‖ content). Salted, so that the digest of an entry
// tells nothing about its content once the seed is destroyed.
[[nodiscard]] Hash content_digest(const record::Seed& seed, std::string_view content);

}  // namespace daybook::ledger
