// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daybook/record/json.h"

namespace daybook::record {

// Writes canonical JSON of values from any source without ever failing: ill-formed UTF-8 becomes
// U+FFFD, integers beyond 2^53-1 the nearest double, NaN and infinity null. For valid values the
// bytes are those of canonical(). Used for parts, which must be writable and readable whatever a
// client managed to send.
void append_lenient(std::string& out, const Json& value);

// Byte order and UTF-16 code-unit order of names differ only above U+FFFF (RFC 8785 section 3.2.3).
[[nodiscard]] bool utf16_less(std::string_view a, std::string_view b);

// ECMAScript's Number::toString for finite values (ECMA-262 section 6.1.6.1.20).
void append_number(std::string& out, double value);

}  // namespace daybook::record
