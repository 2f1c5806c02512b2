// SPDX-License-Identifier: Apache-2.0
// Any bytes as an ingested event: refused with a code, or an event whose parts read back as the
// same parts. The first byte also sends the rest through a content coding.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/capture/content_decoder.h"
#include "daybook/capture/parse_event.h"
#include "daybook/record/parts.h"

#include "array_extents.h"

namespace {

using namespace daybook;           // NOLINT(google-build-using-namespace): a program of one file.
using namespace daybook::capture;  // NOLINT(google-build-using-namespace)

void must_hold(bool condition) {
  if (!condition) std::abort();
}

void check_event(record::Json value) {
  constexpr UnixMillis now = 1'795'000'000'000;
  IngestContext context;
  context.tenant = "main";
  context.who.id = "w";
  context.who.username = "writer";
  const bool is_object = value.is_object();
  const auto parsed = parse_event(std::move(value), context, now);
  if (!parsed) {
    must_hold(parsed.error().code == Errc::invalid);
    return;
  }
  must_hold(is_object);
  must_hold(parsed->content.empty() == parsed->event.id.empty());
  record::Event event = parsed->event;
  if (event.id.empty()) event.id = "made";
  const record::Parts parts = record::encode(event);
  const auto again = record::decode(parts);
  must_hold(again.has_value());
  must_hold(record::encode(*again).bytes == parts.bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'g' || data[0] == 'z') {
    const auto coding = data[0] == 'g' ? ContentCoding::gzip : ContentCoding::zstd;
    auto decoded = decode_whole(coding, text, 1U << 20U);
    if (!decoded) return 0;
    text = *std::move(decoded);
  }
  auto value = record::parse_json(text);
  if (!value) return 0;
  if (value->is_array()) {
    must_hold(item_lengths(text).size() == value->size());
  }
  check_event(*std::move(value));
  return 0;
}
