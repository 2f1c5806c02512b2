// SPDX-License-Identifier: Apache-2.0
#include "presented.h"

#include <algorithm>

#include "daybook/access/authenticator.h"
#include "daybook/core/bytes.h"
#include "daybook/core/utf8.h"

#include "account_store.h"

namespace daybook::access {
namespace {

constexpr std::size_t kHeaderBytesMax = 8'192;
constexpr std::size_t kTokenBytesMax = 512;

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Presented malformed() {
  return {Presented::Kind::malformed, {}, {}};
}

Presented token(std::string_view text) {
  if (text.empty() || text.size() > kTokenBytesMax || !is_visible_ascii(text)) return malformed();
  return {Presented::Kind::token, {}, std::string(text)};
}

Presented parse_basic(std::string_view value) {
  const auto decoded = from_base64(value);
  if (!decoded) return malformed();
  const std::string_view pair = as_text(*decoded);
  if (!is_utf8(pair) || has_control(pair)) return malformed();
  const std::size_t colon = pair.find(':');
  if (colon == std::string_view::npos) return token(pair);
  const std::string_view name = pair.substr(0, colon);
  const std::string_view password = pair.substr(colon + 1);
  // `curl -u TOKEN:`, because without the colon curl asks for a password.
  if (password.empty() && is_token(name)) return token(name);
  if (name.empty() && is_token(password)) return token(password);
  if (name.empty()) return malformed();
  return {Presented::Kind::password, std::string(name), std::string(password)};
}

}  // namespace

Presented parse_authorization(std::string_view header) {
  const std::string_view text = trim_ows(header);
  if (text.empty()) return {};
  if (text.size() > kHeaderBytesMax) return malformed();
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return malformed();
  const std::string_view scheme = text.substr(0, space);
  const std::string_view value = trim_ows(text.substr(space));
  if (equal_ascii_case(scheme, "bearer")) return token(value);
  if (equal_ascii_case(scheme, "basic")) return parse_basic(value);
  return malformed();
}

std::string session_cookie(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = trim_ows(header.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == kSessionCookie) {
      return std::string(pair.substr(equals + 1));
    }
    if (end == std::string_view::npos) break;
    header.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace daybook::access
