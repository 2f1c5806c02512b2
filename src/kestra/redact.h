// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {

// Where secrets stood (path inside the document) and what they were. Lives only as long as a
// before and an after are compared; never stored.
using Secrets = std::map<std::string, std::string>;

// Redacts both; a secret that differs is `*** (changed)` in `after`. Returns whether one differs.
// If the documents differ in nothing else that is shown, `after` gets `secretChanged: true`.
bool redact_pair(Json& before, Json& after);

// As kestra::redact_yaml; adds what it hid to `secrets` under paths that begin with `prefix`, and
// shows those whose value in `old` differs as changed.
[[nodiscard]] std::string redact_source(std::string_view source, const std::string& prefix,
                                        Secrets& secrets, const Secrets* old);

}  // namespace daybook::kestra
