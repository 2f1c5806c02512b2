// SPDX-License-Identifier: Apache-2.0
#include "ingest_request.h"

#include <string>
#include <string_view>

#include "daybook/core/percent.h"

namespace daybook::capture {
namespace {

std::optional<Refusal> read_query(std::string_view query, IngestRequest& request) {
  for (const auto& [name, value] : parse_query(query)) {
    if (name != "receipts") {
      return Refusal{422, "unknown query parameter " + name + "; known is receipts", name};
    }
    if (value != "true" && value != "false") {
      return Refusal{422, "receipts must be true or false", name};
    }
    request.receipts = value == "true";
  }
  return std::nullopt;
}

}  // namespace

HeadVerdict read_ingest_head(const net::RequestHead& head) {
  HeadVerdict verdict;
  IngestRequest& request = verdict.request;
  const net::MediaType type = net::media_type(head.headers);
  if (type.is_utf8_of("application/x-ndjson")) {
    request.ndjson = true;
  } else if (!type.is_utf8_of("application/json")) {
    verdict.refusal =
        Refusal{415, "Content-Type must be application/json or application/x-ndjson, in UTF-8", ""};
    return verdict;
  }
  const auto codings = head.headers.get_all("Content-Encoding");
  const auto coding = codings.size() > 1 ? std::nullopt
                      : codings.empty()  ? std::optional(ContentCoding::identity)
                                         : parse_content_coding(codings.front());
  if (!coding) {
    verdict.refusal = Refusal{415, "Content-Encoding must be gzip or zstd", ""};
    return verdict;
  }
  request.coding = *coding;
  verdict.refusal = read_query(head.query(), request);
  if (!verdict.refusal && !request.ndjson && request.coding == ContentCoding::identity &&
      head.content_length.value_or(0) > kJsonBodyMax) {
    verdict.refusal = Refusal{413, "a JSON body may have at most 67108864 bytes", ""};
    verdict.refusal->close = true;
  }
  return verdict;
}

}  // namespace daybook::capture
