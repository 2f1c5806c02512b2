// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "daybook/core/clock.h"
#include "daybook/witness/witnesses.h"

#include "operations.h"
#include "web_files.h"

namespace daybook::api {

using record::Json;

namespace {

// What each witness said last. An alarm says that the ledger contradicts what an outside party has
// seen of it.
Json witnesses_json(const witness::Witnesses& witnesses) {
  Json list = Json::array();
  for (const witness::WitnessStatus& one : witnesses.status()) {
    Json row = {{"name", one.name}, {"cosignedSize", nullptr}};
    if (one.cosigned) row["cosignedSize"] = *one.cosigned;
    if (one.cosigned_at != 0) row["cosignedAt"] = format_time(one.cosigned_at);
    if (!one.problem.empty()) row["problem"] = one.problem;
    if (!one.alarm.empty()) row["alarm"] = one.alarm;
    list.push_back(std::move(row));
  }
  const auto quorum = witnesses.quorum_size();
  return {{"quorumSize", quorum ? Json(*quorum) : Json(nullptr)}, {"list", std::move(list)}};
}

}  // namespace

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
  if (const witness::Witnesses* witnesses = call.services.parts.witnesses) {
    body["witnesses"] = witnesses_json(*witnesses);
  }
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
