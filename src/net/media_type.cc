// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daybook/core/utf8.h"
#include "daybook/net/http.h"

#include "syntax.h"

namespace daybook::net {
namespace {

constexpr std::string_view kUtf8 = "utf-8";

bool is_type(std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && is_token(text.substr(0, slash)) &&
         is_token(text.substr(slash + 1));
}

// Of several charsets the one that is not UTF-8 counts: nobody may read the body in two ways.
void take_parameter(std::string_view parameter, MediaType& out) {
  const auto equals = parameter.find('=');
  if (equals == std::string_view::npos ||
      !equal_ascii_case(trim_ows(parameter.substr(0, equals)), "charset")) {
    return;
  }
  std::string_view value = trim_ows(parameter.substr(equals + 1));
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
    value = value.substr(1, value.size() - 2);
  }
  if (!out.charset || *out.charset == kUtf8) {
    out.charset = ascii_lower(value);
  }
}

}  // namespace

bool MediaType::is_utf8_of(std::string_view type) const {
  return essence == type && (!charset || *charset == kUtf8);
}

MediaType media_type(const Headers& headers) {
  MediaType out;
  const auto fields = headers.get_all("Content-Type");
  if (fields.size() != 1) {
    return out;
  }
  std::string_view rest = fields.front();
  const auto end = std::min(rest.find(';'), rest.size());
  const std::string_view essence = trim_ows(rest.substr(0, end));
  if (!is_type(essence)) {
    return out;
  }
  out.essence = ascii_lower(essence);
  rest.remove_prefix(end);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto next = std::min(rest.find(';'), rest.size());
    take_parameter(rest.substr(0, next), out);
    rest.remove_prefix(next);
  }
  return out;
}

}  // namespace daybook::net
