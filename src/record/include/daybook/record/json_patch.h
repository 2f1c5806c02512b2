// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daybook/core/result.h"
#include "daybook/record/json.h"

namespace daybook::record {

// RFC 6902 patches in both directions: apply(before, applied) == after, apply(after, revert) ==
// before.
struct PatchPair {
  Json applied;
  Json revert;
};
[[nodiscard]] PatchPair diff(const Json& before, const Json& after);

// Errc::invalid if an operation does not fit the document.
Result<Json> apply_patch(const Json& document, const Json& patch);

}  // namespace daybook::record
