// SPDX-License-Identifier: Apache-2.0
#include "zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace daybook::kestra {

namespace {

constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCommentMax = 65'535;
constexpr std::uint32_t kStored = 0;
constexpr std::uint32_t kDeflated = 8;

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

bool fits(std::string_view bytes, std::size_t at, std::size_t size) {
  return at <= bytes.size() && size <= bytes.size() - at;
}

std::optional<std::size_t> end_of_directory(std::string_view bytes) {
  if (bytes.size() < kEndBytes) return std::nullopt;
  const std::size_t last = bytes.size() - kEndBytes;
  const std::size_t first = last > kCommentMax ? last - kCommentMax : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (number(bytes, at, 4) == kEndOfDirectory) return at;
  }
  return std::nullopt;
}

std::optional<std::string> inflate_raw(std::string_view packed, std::size_t bytes_max) {
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return std::nullopt;
  std::string out;
  // zlib's interface is not const-correct; it does not write to its input.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int result = Z_OK;
  while (result == Z_OK && out.size() < bytes_max) {
    const std::size_t had = out.size();
    out.resize(std::min(bytes_max, had + 65'536));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(out.size() - had);
    result = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return out;
}

std::optional<std::string> content(std::string_view bytes, std::size_t entry,
                                   std::size_t bytes_max) {
  const std::uint32_t flags = number(bytes, entry + 8, 2);
  const std::uint32_t method = number(bytes, entry + 10, 2);
  const std::size_t packed_bytes = number(bytes, entry + 20, 4);
  const std::size_t local = number(bytes, entry + 42, 4);
  if ((flags & 1U) != 0 || !fits(bytes, local, kLocalBytes)) return std::nullopt;
  if (number(bytes, local, 4) != kLocalHeader) return std::nullopt;
  const std::size_t start =
      local + kLocalBytes + number(bytes, local + 26, 2) + number(bytes, local + 28, 2);
  if (!fits(bytes, start, packed_bytes)) return std::nullopt;
  const std::string_view packed = bytes.substr(start, packed_bytes);
  if (method == kStored && packed.size() <= bytes_max) return std::string(packed);
  if (method == kDeflated) return inflate_raw(packed, bytes_max);
  return std::nullopt;
}

}  // namespace

bool is_zip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04");
}

std::vector<std::string> unzip(std::string_view bytes) {
  std::vector<std::string> out;
  const auto end = end_of_directory(bytes);
  if (!end) return out;
  const std::size_t entries = std::min<std::size_t>(number(bytes, *end + 10, 2), kZipEntriesMax);
  std::size_t at = number(bytes, *end + 16, 4);
  std::size_t left = kZipBytesMax;
  for (std::size_t i = 0; i < entries; ++i) {
    if (!fits(bytes, at, kEntryBytes) || number(bytes, at, 4) != kDirectoryEntry) break;
    const std::size_t name_bytes = number(bytes, at + 28, 2);
    const bool folder = fits(bytes, at + kEntryBytes, name_bytes) && name_bytes > 0 &&
                        bytes[at + kEntryBytes + name_bytes - 1] == '/';
    if (!folder && left > 0) {
      if (auto file = content(bytes, at, left)) {
        left -= file->size();
        out.push_back(*std::move(file));
      }
    }
    at += kEntryBytes + name_bytes + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
  }
  return out;
}

}  // namespace daybook::kestra
