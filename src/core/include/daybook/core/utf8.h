// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace daybook {

// Well-formed UTF-8 by Unicode table 3-7: no surrogates, no overlong forms, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);
// Bytes of the well-formed sequence at the start of `text`, which is not empty; 0 if there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

// Any C0 control, DEL or C1 control character in well-formed UTF-8.
[[nodiscard]] bool has_control(std::string_view text);

// Number of code points of well-formed UTF-8.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

// Without blanks and tabs at both ends: optional white space of RFC 9110 section 5.6.3.
[[nodiscard]] std::string_view trim_ows(std::string_view text);

// ASCII lower case; other bytes unchanged.
[[nodiscard]] std::string ascii_lower(std::string_view text);
[[nodiscard]] bool equal_ascii_case(std::string_view a, std::string_view b);

}  // namespace daybook
