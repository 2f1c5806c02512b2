// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "operations.h"
#include "web_files.h"

namespace daybook::api {

using record::Json;

// Stays 200 when writing has stopped: reading goes on, and a restart would not help by itself. The
// body says why.
Answer<net::Response> health(Call& call) {
  const ledger::Ledger& ledger = call.services.parts.ledger;
  const bool writable = ledger.writable();
  Json body = {{"status", writable ? "ok" : "read-only"},
               {"version", DAYBOOK_VERSION},
               {"writable", writable},
               {"treeSize", call.services.reader().size().value()}};
  if (!writable) body["stoppedBecause"] = ledger.stopped_because();
  return json_response(200, body);
}

Answer<net::Response> ready(Call& call) {
  if (!call.services.parts.ledger.writable()) {
    return tl::unexpected(HttpError{503, "the ledger takes no entries", "", 30});
  }
  return json_response(200, {{"status", "ready"}});
}

Answer<net::Response> metrics(Call& call) {
  return text_response(200, "text/plain; version=0.0.4; charset=utf-8",
                       call.services.parts.metrics.render());
}

Answer<net::Response> openapi(Call&) {
  return text_response(200, "application/yaml", std::string(openapi_document()));
}

}  // namespace daybook::api
