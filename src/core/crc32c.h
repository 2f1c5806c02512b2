// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "daybook/core/bytes.h"

namespace daybook::internal {

// The implementation by tables, for machines without the instruction. Here so that tests compare
// both.
[[nodiscard]] std::uint32_t crc32c_portable(ByteSpan bytes, std::uint32_t seed);

}  // namespace daybook::internal
