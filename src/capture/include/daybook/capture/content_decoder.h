// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"

namespace daybook::capture {

enum class ContentCoding : std::uint8_t { identity, gzip, zstd };

// A Content-Encoding field's value; nothing for codings daybook does not read (lists included).
[[nodiscard]] std::optional<ContentCoding> parse_content_coding(std::string_view value);

// Undoes a content coding, a slice at a time, so that a small input can never become a large
// buffer.
//
//   decoder->give(piece);
//   for (;;) { auto slice = decoder->take(); if (!slice || slice->empty()) break; … }
//   decoder->end();
//
// Several gzip members or zstd frames in a row are one stream (RFC 1952 2.2, RFC 8878 3.1).
// Ownership: what give() got is borrowed until take() is empty; slices are valid until the next
// call.
class ContentDecoder {
 public:
  static constexpr std::size_t kSliceMax = 64 * 1024;

  static std::unique_ptr<ContentDecoder> make(ContentCoding coding);
  virtual ~ContentDecoder() = default;
  virtual void give(std::string_view piece) = 0;
  // Next decoded bytes, at most kSliceMax unless identity; empty when all that was given is used
  // up. Errc::invalid for bytes that are not of the coding.
  virtual Result<std::string_view> take() = 0;
  // No more input. Errc::invalid if the stream is cut short.
  virtual Status end() = 0;
};

// A whole body at once. Errc::exhausted above bytes_max.
Result<std::string> decode_whole(ContentCoding coding, std::string_view body,
                                 std::uint64_t bytes_max);

}  // namespace daybook::capture
