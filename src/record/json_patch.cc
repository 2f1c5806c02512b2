// SPDX-License-Identifier: Apache-2.0
#include "daybook/record/json_patch.h"

#include <string>
#include <utility>

namespace daybook::record {

PatchPair diff(const Json& before, const Json& after) {
  return {Json::diff(before, after), Json::diff(after, before)};
}

Result<Json> apply_patch(const Json& document, const Json& patch) {
  try {
    return document.patch(patch);
  } catch (const Json::exception& e) {
    // The library's text may quote values of the document; its number says enough.
    return Error{Errc::invalid, "patch does not fit the document (" + std::to_string(e.id) + ")"};
  }
}

}  // namespace daybook::record
