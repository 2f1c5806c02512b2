// SPDX-License-Identifier: Apache-2.0
#include "body_reader.h"

#include <algorithm>

#include "syntax.h"

namespace daybook::net {
namespace {

constexpr std::size_t kSizeLineMax = 1024;     // Bytes, with extensions.
constexpr std::size_t kTrailerMax = 8 * 1024;  // Bytes, all fields.
constexpr std::size_t kSizeDigitsMax = 15;     // Keeps a chunk below 2^60 bytes.

struct Line {
  enum class Kind : std::uint8_t { whole, partial, bad } kind;
  std::string_view text;
};

// The next line without its CRLF; bad if it is longer than `bytes_max` or holds a control
// character.
Line next_line(std::string_view bytes, std::size_t bytes_max) {
  const std::size_t bound = std::min(bytes.size(), bytes_max);
  for (std::size_t i = 0; i < bound; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte == '\r') {
      if (i + 1 == bytes.size()) {
        return {Line::Kind::partial, {}};
      }
      return bytes[i + 1] == '\n' ? Line{Line::Kind::whole, bytes.substr(0, i)}
                                  : Line{Line::Kind::bad, {}};
    }
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
      return {Line::Kind::bad, {}};
    }
  }
  return bytes.size() < bytes_max ? Line{Line::Kind::partial, {}} : Line{Line::Kind::bad, {}};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

BodyReader::BodyReader(Framing framing, std::uint64_t length)
    : framing_(framing), state_(State::data), remaining_(length) {
  if (framing == Framing::none || (framing == Framing::length && length == 0)) {
    state_ = State::done;
  } else if (framing == Framing::chunked) {
    state_ = State::size_line;
    remaining_ = 0;
  }
}

BodyReader::Step BodyReader::next(InputBuffer& buffer) {
  while (true) {
    Kind kind = Kind::need_more;
    switch (state_) {
      case State::done:
        return {Kind::end};
      case State::bad:
        return {Kind::bad};
      case State::data:
        return take_data(buffer);
      case State::size_line:
        kind = take_size_line(buffer);
        break;
      case State::data_end:
        kind = take_data_end(buffer);
        break;
      case State::trailer:
        kind = take_trailer(buffer);
        break;
    }
    if (kind == Kind::bad) {
      state_ = State::bad;
    }
    if (kind == Kind::bad || kind == Kind::need_more) {
      return {kind};
    }
  }
}

BodyReader::Step BodyReader::take_data(InputBuffer& buffer) {
  if (buffer.empty()) {
    return {Kind::need_more};
  }
  std::string_view data = buffer.view();
  if (framing_ != Framing::until_close) {
    data =
        data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), remaining_)));
    remaining_ -= data.size();
    if (remaining_ == 0) {
      state_ = framing_ == Framing::chunked ? State::data_end : State::done;
    }
  }
  buffer.consume(data.size());
  return {Kind::data, data};
}

// Each take_… answers `data` when the state moved on.
BodyReader::Kind BodyReader::take_size_line(InputBuffer& buffer) {
  const Line line = next_line(buffer.view(), kSizeLineMax);
  if (line.kind != Line::Kind::whole) {
    return line.kind == Line::Kind::partial ? Kind::need_more : Kind::bad;
  }
  std::size_t digits = 0;
  std::uint64_t size = 0;
  while (digits < line.text.size() && hex_digit(line.text[digits]) >= 0) {
    size = size * 16 + static_cast<std::uint64_t>(hex_digit(line.text[digits]));
    if (++digits > kSizeDigitsMax) {
      return Kind::bad;
    }
  }
  if (digits == 0 || (digits < line.text.size() && line.text[digits] != ';')) {
    return Kind::bad;
  }
  buffer.consume(line.text.size() + 2);
  remaining_ = size;
  state_ = size == 0 ? State::trailer : State::data;
  return Kind::data;
}

BodyReader::Kind BodyReader::take_data_end(InputBuffer& buffer) {
  const std::string_view bytes = buffer.view().substr(0, 2);
  if (bytes != std::string_view("\r\n").substr(0, bytes.size())) {
    return Kind::bad;
  }
  if (bytes.size() < 2) {
    return Kind::need_more;
  }
  buffer.consume(2);
  state_ = State::size_line;
  return Kind::data;
}

BodyReader::Kind BodyReader::take_trailer(InputBuffer& buffer) {
  const Line line = next_line(buffer.view(), kTrailerMax - trailer_bytes_);
  if (line.kind != Line::Kind::whole) {
    return line.kind == Line::Kind::partial ? Kind::need_more : Kind::bad;
  }
  if (!line.text.empty()) {
    const auto colon = line.text.find(':');
    if (colon == std::string_view::npos || !is_token(line.text.substr(0, colon))) {
      return Kind::bad;
    }
  }
  trailer_bytes_ += line.text.size() + 2;
  if (trailer_bytes_ >= kTrailerMax) {
    return Kind::bad;
  }
  buffer.consume(line.text.size() + 2);
  if (line.text.empty()) {
    state_ = State::done;
  }
  return Kind::data;
}

}  // namespace daybook::net
