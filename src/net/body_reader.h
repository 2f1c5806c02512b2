// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "input_buffer.h"

namespace daybook::net {

// Takes the body of one message out of an InputBuffer, without doing I/O.
//
//   while (true) {
//     auto step = body.next(buffer);   // data: step.data is a view into the buffer
//     if (step.kind == need_more) …    // read more bytes into the buffer, then again
//   }
//
// Chunked coding is read strictly (RFC 9112 section 7.1): hexadecimal size without sign, prefix or
// padding, CRLF only, extensions of printable text, trailers that are header fields; extensions and
// trailers are checked, bounded and dropped. A body that ends with the connection never says `end`
// by itself.
class BodyReader {
 public:
  enum class Framing : std::uint8_t { none, length, chunked, until_close };
  enum class Kind : std::uint8_t { data, need_more, end, bad };
  struct Step {
    Kind kind;
    std::string_view data = {};
  };

  BodyReader() = default;
  BodyReader(Framing framing, std::uint64_t length);

  Step next(InputBuffer& buffer);
  [[nodiscard]] bool done() const { return state_ == State::done; }
  [[nodiscard]] Framing framing() const { return framing_; }
  // Bytes of a body with known length that are still to come.
  [[nodiscard]] std::uint64_t remaining() const { return remaining_; }

 private:
  enum class State : std::uint8_t { size_line, data, data_end, trailer, done, bad };

  Step take_data(InputBuffer& buffer);
  Kind take_size_line(InputBuffer& buffer);
  Kind take_data_end(InputBuffer& buffer);
  Kind take_trailer(InputBuffer& buffer);

  Framing framing_ = Framing::none;
  State state_ = State::done;
  std::uint64_t remaining_ = 0;  // Of the body, or of the present chunk.
  std::size_t trailer_bytes_ = 0;
};

}  // namespace daybook::net
