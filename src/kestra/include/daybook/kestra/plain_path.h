// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace daybook::kestra {

// Whether nobody behind us can read a raw path as another one: no segment that is, once
// percent-decoded, empty, `.` or `..`, or holds a slash, a backslash or a semicolon. One trailing
// slash is fine.
[[nodiscard]] bool is_plain_path(std::string_view raw);

}  // namespace daybook::kestra
