// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "daybook/core/result.h"
#include "daybook/net/http.h"

namespace daybook::net {

enum class HeadScan : unsigned char { incomplete, complete, bad };

// Looks for the empty line that ends a head. `line` is where to go on (0 at first) and is moved
// forward; on `complete` it is the length of the head with that empty line. `bad`: a bare LF, a
// bare CR or a NUL was seen, so that no reader could agree on where the head ends.
[[nodiscard]] HeadScan scan_head(std::string_view bytes, std::size_t& line);

// Strict parsers of a whole head (RFC 9112), the only way bytes become a head here. `raw` ends with
// the empty line. Header fields keep order, case and repetition; values lose their surrounding
// white space. Anything that two readers could frame differently is Errc::invalid; more than
// `fields_max` fields Errc::exhausted; CONNECT is Errc::unsupported.
Result<RequestHead> parse_request_head(std::string_view raw, std::size_t fields_max);
Result<ResponseHead> parse_response_head(std::string_view raw, std::size_t fields_max);

// The first line alone, without its line end, so that a bad one is refused before the rest arrives.
Status check_request_line(std::string_view line);

}  // namespace daybook::net
