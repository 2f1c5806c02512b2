// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daybook/core/result.h"
#include "daybook/record/json.h"

namespace daybook::record {

// Largest integer that an IEEE double holds exactly together with its neighbours, 2^53 - 1.
constexpr std::int64_t kIntegerMax = 9007199254740991;

// Reads `text` token by token with nlohmann's parser. Slower than simdjson, but needs no second
// copy of the document and knows the byte of every refusal.
Result<Json> read_tokens(std::string_view text, const JsonLimits& limits);

}  // namespace daybook::record
