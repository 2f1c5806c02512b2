// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/bytes.h"

#include <algorithm>
#include <array>

namespace daybook {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> make_reverse(std::string_view digits) {
  std::array<std::uint8_t, 256> table{};
  for (auto& entry : table) entry = kNoDigit;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto kHexValue = make_reverse(kHexDigits);
constexpr auto kBase64Value = make_reverse(kBase64Digits);

std::uint8_t value_of(const std::array<std::uint8_t, 256>& table, char digit) {
  return table[static_cast<unsigned char>(digit)];
}

// Decodes into `out`, which has exactly text.size() / 2 bytes.
Status decode_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t high = value_of(kHexValue, text[2 * i]);
    const std::uint8_t low = value_of(kHexValue, text[2 * i + 1]);
    if (high == kNoDigit || low == kNoDigit) {
      return Error{Errc::invalid, "not a lower-case hex digit", {}, 2 * i};
    }
    out[i] = static_cast<std::uint8_t>((high << 4U) | low);
  }
  return {};
}

template <class Integer>
void put_le(Bytes& out, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

template <class Integer>
void put_be(Bytes& out, Integer value) {
  for (std::size_t i = sizeof(Integer); i > 0; --i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  }
}

template <class Integer>
Integer get_le(const std::uint8_t* at) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>(value | (static_cast<Integer>(at[i]) << (8 * i)));
  }
  return value;
}

}  // namespace

ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string to_hex(ByteSpan bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kHexDigits[byte >> 4U]);
    text.push_back(kHexDigits[byte & 0x0fU]);
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return Error{Errc::invalid, "hex text of odd length"};
  Bytes bytes(text.size() / 2);
  DAYBOOK_RETURN_IF_ERROR(decode_hex(text, bytes));
  return bytes;
}

Result<Hash> hash_from_hex(std::string_view text) {
  Hash hash{};
  if (text.size() != hash.size() * 2) return Error{Errc::invalid, "a hash has 64 hex digits"};
  DAYBOOK_RETURN_IF_ERROR(decode_hex(text, hash));
  return hash;
}

std::string to_base64(ByteSpan bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = (group << 8U) | (k < count ? bytes[i + k] : 0U);
    text.push_back(kBase64Digits[(group >> 18U) & 63U]);
    text.push_back(kBase64Digits[(group >> 12U) & 63U]);
    text.push_back(count > 1 ? kBase64Digits[(group >> 6U) & 63U] : '=');
    text.push_back(count > 2 ? kBase64Digits[group & 63U] : '=');
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return Error{Errc::invalid, "base64 length is not a multiple of 4"};
  std::size_t padding = 0;
  if (text.ends_with("==")) {
    padding = 2;
  } else if (text.ends_with('=')) {
    padding = 1;
  }
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t missing = i + 4 == text.size() ? padding : 0;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool is_padding = k >= 4 - missing;
      const std::uint8_t value = is_padding ? 0 : value_of(kBase64Value, text[i + k]);
      if (value == kNoDigit) return Error{Errc::invalid, "not a base64 digit", {}, i + k};
      group = (group << 6U) | value;
    }
    const std::uint32_t unused = missing == 0 ? 0 : (1U << (8 * missing)) - 1;
    if ((group & unused) != 0) return Error{Errc::invalid, "base64 with unused bits set", {}, i};
    for (std::size_t k = 0; k < 3 - missing; ++k) {
      bytes.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * k)));
    }
  }
  return bytes;
}

void put_bytes(Bytes& out, ByteSpan bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

bool all_zero(ByteSpan bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

void put_u16_be(Bytes& out, std::uint16_t value) {
  put_be(out, value);
}
void put_u64_be(Bytes& out, std::uint64_t value) {
  put_be(out, value);
}
void put_u16_le(Bytes& out, std::uint16_t value) {
  put_le(out, value);
}
void put_u32_le(Bytes& out, std::uint32_t value) {
  put_le(out, value);
}
void put_u64_le(Bytes& out, std::uint64_t value) {
  put_le(out, value);
}

std::uint16_t get_u16_le(const std::uint8_t* at) {
  return get_le<std::uint16_t>(at);
}
std::uint32_t get_u32_le(const std::uint8_t* at) {
  return get_le<std::uint32_t>(at);
}
std::uint64_t get_u64_le(const std::uint8_t* at) {
  return get_le<std::uint64_t>(at);
}

bool equal_constant_time(ByteSpan a, ByteSpan b) {
  if (a.size() != b.size()) return false;
  // volatile keeps the compiler from leaving the loop early.
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

}  // namespace daybook
