// SPDX-License-Identifier: Apache-2.0
#include "visible_text.h"

#include <fmt/format.h>

#include <array>
#include <clocale>
#include <cwchar>
#include <utility>

#include "daybook/core/utf8.h"

namespace daybook::terminal {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;  // Bytes it was read from.
};

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// The code point at `at`; one byte as U+FFFD where the bytes are not well-formed.
CodePoint decode(std::string_view text, std::size_t at) {
  const std::size_t size = utf8_length(text.substr(at));
  if (size == 0) return {kReplacement, 1};
  constexpr std::array<unsigned, 5> kLeadMask{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = byte_at(text, at) & kLeadMask[size];
  for (std::size_t i = 1; i < size; ++i) value = (value << 6U) | (byte_at(text, at + i) & 0x3FU);
  return {value, size};
}

// Controls, line and paragraph separators, bidirectional formatting, invisible letters.
bool is_hidden(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 13> kRanges{{{0x00, 0x1F},
                                                                   {0x7F, 0x9F},
                                                                   {0xAD, 0xAD},
                                                                   {0x61C, 0x61C},
                                                                   {0x180E, 0x180E},
                                                                   {0x200B, 0x200F},
                                                                   {0x2028, 0x202E},
                                                                   {0x2060, 0x206F},
                                                                   {0xFE00, 0xFE0F},
                                                                   {0xFEFF, 0xFEFF},
                                                                   {0xFFF0, 0xFFFB},
                                                                   {0xE0000, 0xE0FFF},
                                                                   {0xF0000, 0x10FFFF}}};
  for (const auto& [first, last] : kRanges) {
    if (c >= first && c <= last) return true;
  }
  return false;
}

// Columns of one code point; negative: the terminal has no letter for it.
int columns(char32_t c) {
  // wcwidth() depends on the locale; C.UTF-8 is part of glibc.
  static const bool ready = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
  if (!ready) return 1;
  return wcwidth(static_cast<wchar_t>(c));
}

void append_escape(std::string& out, char32_t c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\r') {
    out += "\\r";
  } else {
    out += fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(c));
  }
}

void append_json_escape(std::string& out, char32_t c) {
  const auto value = static_cast<std::uint32_t>(c);
  if (value < 0x10000) {
    out += fmt::format("\\u{:04x}", value);
    return;
  }
  const std::uint32_t rest = value - 0x10000;
  out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10U), 0xDC00 + (rest & 0x3FFU));
}

}  // namespace

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto [value, size] = decode(text, at);
    if (is_hidden(value) || columns(value) < 0) {
      append_escape(out, value);
    } else if (value == kReplacement) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(at, size);
    }
    at += size;
  }
  return out;
}

std::string visible_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    const auto [value, size] = decode(json, at);
    if (is_hidden(value)) {
      append_json_escape(out, value);
    } else {
      out += json.substr(at, size);
    }
    at += size;
  }
  return out;
}

std::size_t display_width(std::string_view visible_text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < visible_text.size();) {
    const auto [value, size] = decode(visible_text, at);
    const int wide = columns(value);
    width += wide > 0 ? static_cast<std::size_t>(wide) : 0;
    at += size;
  }
  return width;
}

std::string cut(std::string_view visible_text, std::size_t width) {
  if (display_width(visible_text) <= width) return std::string(visible_text);
  if (width == 0) return {};
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < visible_text.size();) {
    const auto [value, size] = decode(visible_text, at);
    const int wide = columns(value);
    used += wide > 0 ? static_cast<std::size_t>(wide) : 0;
    if (used > width - 1) break;
    out += visible_text.substr(at, size);
    at += size;
  }
  return out + std::string(kEllipsis);
}

std::string fit(std::string_view visible_text, std::size_t width) {
  std::string out = cut(visible_text, width);
  const std::size_t used = display_width(out);
  if (used < width) out.append(width - used, ' ');
  return out;
}

}  // namespace daybook::terminal
