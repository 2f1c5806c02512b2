// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/core/ids.h"
#include "daybook/core/result.h"

namespace daybook {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

// Views of the same memory; valid as long as the argument.
[[nodiscard]] ByteSpan as_bytes(std::string_view text);
[[nodiscard]] std::string_view as_text(ByteSpan bytes);

// Lower-case hex. from_hex takes exactly two digits a byte, lower-case only: Errc::invalid.
[[nodiscard]] std::string to_hex(ByteSpan bytes);
Result<Bytes> from_hex(std::string_view text);
Result<Hash> hash_from_hex(std::string_view text);

// Standard alphabet with padding (RFC 4648 section 4). Decoding is strict: padding required,
// unused trailing bits zero, no white space; anything else Errc::invalid.
[[nodiscard]] std::string to_base64(ByteSpan bytes);
Result<Bytes> from_base64(std::string_view text);

void put_bytes(Bytes& out, ByteSpan bytes);
// The N bytes at `at`, which must be there.
template <std::size_t N>
[[nodiscard]] std::array<std::uint8_t, N> get_bytes(ByteSpan bytes, std::size_t at) {
  std::array<std::uint8_t, N> value{};
  std::memcpy(value.data(), bytes.subspan(at, N).data(), N);
  return value;
}
[[nodiscard]] bool all_zero(ByteSpan bytes);

// Integers at the front of a buffer, little-endian (all files of ours) and big-endian (tlog
// formats).
void put_u16_be(Bytes& out, std::uint16_t value);
void put_u64_be(Bytes& out, std::uint64_t value);
void put_u16_le(Bytes& out, std::uint16_t value);
void put_u32_le(Bytes& out, std::uint32_t value);
void put_u64_le(Bytes& out, std::uint64_t value);
[[nodiscard]] std::uint16_t get_u16_le(const std::uint8_t* at);
[[nodiscard]] std::uint32_t get_u32_le(const std::uint8_t* at);
[[nodiscard]] std::uint64_t get_u64_le(const std::uint8_t* at);

// CRC-32C (Castagnoli), the checksum of every file block of ours. Chainable: pass the last result
// as seed.
[[nodiscard]] std::uint32_t crc32c(ByteSpan bytes, std::uint32_t seed = 0);

// Compares in time that depends only on the lengths.
[[nodiscard]] bool equal_constant_time(ByteSpan a, ByteSpan b);

}  // namespace daybook
