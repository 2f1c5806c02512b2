// SPDX-License-Identifier: Apache-2.0
#include "ingest_request.h"

#include <string>
#include <string_view>

#include "daybook/core/utf8.h"

namespace daybook::capture {
namespace {

// `type/subtype` without parameters and white space.
std::string_view media_type(std::string_view value) {
  value = value.substr(0, value.find(';'));
  const std::size_t first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

std::optional<Refusal> read_query(std::string_view query, IngestRequest& request) {
  for (const auto& [name, value] : net::parse_query(query)) {
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
  const auto types = head.headers.get_all("Content-Type");
  const std::string_view type = types.size() == 1 ? media_type(types.front()) : "";
  if (equal_ascii_case(type, "application/x-ndjson")) {
    request.ndjson = true;
  } else if (!equal_ascii_case(type, "application/json")) {
    verdict.refusal =
        Refusal{415, "Content-Type must be application/json or application/x-ndjson", ""};
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
