// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace daybook::kestra {

// Replaces what looks like a secret inside running text: JSON in strings, `password=...`,
// `--token ...`, `Authorization: Bearer ...`, `scheme://user:password@host`, the key in the address
// of a webhook. References to secrets (`{{ ... }}`, `$NAME`) stay. Never makes lines.
[[nodiscard]] std::string redact_text(std::string_view text);

}  // namespace daybook::kestra
