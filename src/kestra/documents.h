// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daybook/kestra/rules.h"

#include "rule.h"

namespace daybook::kestra {

// What is kept of an object before and after a request; redacted.
struct Documents {
  std::optional<Json> before;
  std::optional<Json> after;
  bool unchanged = false;
  bool secret_changed = false;
};

// Compares two states of one object of shape `doc` as Kestra told them (either may be null: not
// known) and makes of them what may be stored.
[[nodiscard]] Documents make_documents(Doc doc, const Json& before, const Json& after);

}  // namespace daybook::kestra
