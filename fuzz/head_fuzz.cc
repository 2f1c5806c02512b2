// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request head. Where the end is must not depend on how the bytes arrive, what is
// accepted must be framed in one way only, and what the client would send on must be read back as
// the same request.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daybook/core/check.h"

#include "head_parser.h"
#include "head_writer.h"

namespace {

using namespace daybook::net;  // NOLINT(google-build-using-namespace): a program of one file.

void must_read_back(const RequestHead& head) {
  std::string wire;
  write_request_head(head, "", "h", wire);
  std::size_t line = 0;
  DAYBOOK_CHECK(scan_head(wire, line) == HeadScan::complete);
  DAYBOOK_CHECK(line == wire.size());
  // One field more than before at most: Host.
  const auto again = parse_request_head(wire, head.headers.fields().size() + 1);
  DAYBOOK_CHECK(again.has_value());
  DAYBOOK_CHECK(again->method == head.method);
  DAYBOOK_CHECK(again->target == head.target);
  DAYBOOK_CHECK(again->chunked == head.chunked);
  DAYBOOK_CHECK(again->content_length == head.content_length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t line = 0;
  const HeadScan whole = scan_head(bytes, line);
  std::size_t slow_line = 0;
  HeadScan slow = HeadScan::incomplete;
  for (std::size_t n = 1; n <= size && slow == HeadScan::incomplete; ++n) {
    slow = scan_head(bytes.substr(0, n), slow_line);
  }
  DAYBOOK_CHECK(slow == whole);
  if (whole != HeadScan::complete) {
    return 0;
  }
  DAYBOOK_CHECK(slow_line == line);
  const std::string_view raw = bytes.substr(0, line);
  static_cast<void>(parse_response_head(raw, 100));
  const auto head = parse_request_head(raw, 100);
  if (head) {
    DAYBOOK_CHECK(!(head->chunked && head->content_length));
    DAYBOOK_CHECK(!head->path().empty());
    must_read_back(*head);
  }
  return 0;
}
