// SPDX-License-Identifier: Apache-2.0
// The transparency log over HTTP (C2SP tlog-tiles): what anybody may read and mirror.
#include <string>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/ledger/tile.h"

#include "covering_checkpoint.h"
#include "operations.h"
#include "parameters.h"

namespace daybook::api {
namespace {

using record::Json;

constexpr std::string_view kText = "text/plain; charset=utf-8";

net::Response cached(net::Response response, std::string_view rule) {
  response.head.headers.add("Cache-Control", std::string(rule));
  return response;
}

Answer<Json> consistency_body(const Call& call) {
  const auto params = Parameters::read(call.params, {"from", "to"});
  if (!params) {
    return tl::unexpected(params.error());
  }
  const ledger::Reader& reader = call.services.reader();
  const std::uint64_t published = reader.latest_checkpoint().size.value();
  const auto to = params->number("to", 1, published);
  if (!to) {
    return tl::unexpected(to.error());
  }
  const auto from = params->number("from", 1, to->value_or(published));
  if (!from) {
    return tl::unexpected(from.error());
  }
  if (!*from || !*to) {
    return tl::unexpected(HttpError{422, "from and to are needed", !*from ? "from" : "to"});
  }
  auto body = consistency_json(reader, TreeSize(**from), TreeSize(**to));
  if (body) {
    (*body)["to"] = **to;
    (*body)["toRoot"] = to_hex(reader.root(TreeSize(**to)));
  }
  return body;
}

}  // namespace

Answer<net::Response> checkpoint(Call& call) {
  std::string note = shown_note(call.services, call.services.reader().latest_checkpoint());
  return cached(text_response(200, std::string(kText), std::move(note)), "no-cache");
}

Answer<net::Response> key(Call& call) {
  std::string text;
  for (const std::string& one : call.services.reader().keys()) {
    text += one;
    text += '\n';
  }
  return cached(text_response(200, std::string(kText), std::move(text)), "no-cache");
}

Answer<net::Response> consistency(Call& call) {
  return consistency_body(call).map([](const Json& body) { return json_response(200, body); });
}

Answer<net::Response> tile(Call& call) {
  Result<Bytes> bytes = Error{Errc::not_found, "no such tile"};
  if (const Result<ledger::TileName> name = ledger::parse_tile_path("tile/" + call.match.rest)) {
    bytes = call.services.reader().tile(*name);
  }
  if (!bytes) {
    return tl::unexpected(http_error(bytes.error()));
  }
  std::string body(as_text(*bytes));
  return cached(text_response(200, "application/octet-stream", std::move(body)),
                "public, max-age=31536000, immutable");
}

}  // namespace daybook::api
