// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/percent.h"

#include <algorithm>

#include "daybook/core/utf8.h"

namespace daybook {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// The decoded text, and whether every escape was one.
bool decode(std::string_view text, bool plus_is_space, std::string& out) {
  bool good = true;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
      if (low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
      good = false;
    }
    out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
  }
  return good;
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  static_cast<void>(decode(text, plus_is_space, out));
  return out;
}

std::optional<std::string> percent_decode_strict(std::string_view text, bool plus_is_space) {
  std::string out;
  if (!decode(text, plus_is_space, out) || !is_utf8(out)) {
    return std::nullopt;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

QueryFields parse_query(std::string_view query) {
  QueryFields fields;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) {
      continue;
    }
    const auto equals = std::min(item.find('='), item.size());
    const std::string_view value = item.substr(std::min(equals + 1, item.size()));
    fields.emplace_back(percent_decode(item.substr(0, equals), true), percent_decode(value, true));
  }
  return fields;
}

std::string encode_query(const QueryFields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) {
      out += '&';
    }
    out += percent_encode(name) + "=" + percent_encode(value);
  }
  return out;
}

std::string first_value(const QueryFields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace daybook
