// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daybook/capture/content_decoder.h"
#include "daybook/net/http.h"

#include "error_answer.h"

namespace daybook::capture {

// What the head of an ingest request asks for.
struct IngestRequest {
  bool ndjson = false;
  bool receipts = false;  // List `results` for NDJSON too.
  ContentCoding coding = ContentCoding::identity;
};

// 415 for another media type or coding, 422 for an unknown parameter, 413 for a JSON body whose
// Content-Length says that it is too large.
struct HeadVerdict {
  IngestRequest request;
  std::optional<Refusal> refusal;
};
[[nodiscard]] HeadVerdict read_ingest_head(const net::RequestHead& head);

constexpr std::uint64_t kJsonBodyMax = 64ULL << 20U;  // Decompressed.
constexpr std::uint64_t kEventMax = 1ULL << 20U;
constexpr std::size_t kArrayMax = 100'000;

}  // namespace daybook::capture
