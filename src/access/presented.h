// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::access {

// What an Authorization header says, before anything is looked up.
struct Presented {
  enum class Kind : std::uint8_t { none, token, password, malformed };
  Kind kind = Kind::none;
  std::string username;  // With a password only.
  std::string secret;    // Token or password; wipe after use.
};

// Bearer token, Basic user:password, Basic token without a colon (or with nothing on its other
// side). Scheme names compare without case (RFC 9110 section 11.1).
[[nodiscard]] Presented parse_authorization(std::string_view header);

// Value of kSessionCookie in a Cookie header (the first one), empty if there is none.
[[nodiscard]] std::string session_cookie(std::string_view header);

}  // namespace daybook::access
