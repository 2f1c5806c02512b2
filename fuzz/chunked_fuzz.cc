// SPDX-License-Identifier: Apache-2.0
// Any bytes as a chunked body: the same data, end and verdict however the bytes are cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "daybook/core/check.h"

#include "body_reader.h"

namespace {

using namespace daybook::net;  // NOLINT(google-build-using-namespace): a program of one file.

struct Outcome {
  BodyReader::Kind kind = BodyReader::Kind::need_more;
  std::string body;
  std::string rest;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view wire, std::size_t piece_bytes) {
  BodyReader body(BodyReader::Framing::chunked, 0);
  InputBuffer buffer;
  Outcome out;
  while (true) {
    const auto step = body.next(buffer);
    out.kind = step.kind;
    if (step.kind == BodyReader::Kind::data) {
      out.body += step.data;
    } else if (step.kind == BodyReader::Kind::need_more && !wire.empty()) {
      const std::size_t count = std::min(wire.size(), piece_bytes);
      const auto space = buffer.prepare(buffer.size() + count);
      std::memcpy(space.data(), wire.data(), count);
      buffer.commit(count);
      wire.remove_prefix(count);
    } else {
      // What lies behind a bad coding is nobody's: only a proper end says where the next message
      // begins.
      if (step.kind == BodyReader::Kind::end) {
        out.rest = std::string(buffer.view()) + std::string(wire);
      }
      return out;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view wire(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(wire, std::max<std::size_t>(size, 1));
  DAYBOOK_CHECK(whole.body.size() <= size);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
    DAYBOOK_CHECK(read(wire, piece) == whole);
  }
  return 0;
}
