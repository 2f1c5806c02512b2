// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/error_json.h"

#include "daybook/core/utf8.h"

namespace daybook {
namespace {

void append_text(std::string& out, std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  const bool good = is_utf8(text);
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    } else {
      out += !good && byte >= 0x80 ? '?' : c;
    }
  }
  out += '"';
}

}  // namespace

std::string error_json(const ErrorText& error) {
  std::string out = "{\"message\":";
  append_text(out, error.message);
  out += ",\"_links\":{\"self\":{\"href\":";
  append_text(out, error.self);
  out += ",\"templated\":false}},\"_embedded\":{\"errors\":[{\"message\":";
  append_text(out, error.message);
  out += ",\"path\":";
  append_text(out, error.path);
  out += "}]}";
  if (!error.more.empty()) {
    out += ',';
    out += error.more;
  }
  out += '}';
  return out;
}

}  // namespace daybook
