// SPDX-License-Identifier: Apache-2.0
#include "own_request.h"

#include <utility>

namespace daybook::capture {

net::Task<Seen> look(GatewayShared& shared, std::string target, std::string moment) {
  net::RequestHead head;
  head.method = "GET";
  head.target = std::move(target);
  head.headers.add("Host", shared.upstream.base().authority());
  head.headers.add("User-Agent", "daybook/" DAYBOOK_VERSION);
  head.headers.add("Accept", "application/json, */*;q=0.5");
  head.headers.add("X-Daybook-Own", std::move(moment));
  if (shared.authorization) {
    head.headers.add("Authorization", *shared.authorization);
  }
  Result<net::Response> answer = co_await shared.own_client->fetch(
      std::move(head), std::string(), shared.options.capture_body_max,
      shared.options.own_request_timeout);
  Seen seen;
  if (!answer) {
    seen.why_not = to_string(answer.error().code);
  } else if (answer->head.status == 200) {
    seen.body = std::move(answer->body);
  } else if (answer->head.status == 404) {
    seen.absent = true;
  } else {
    seen.why_not = "status " + std::to_string(answer->head.status);
  }
  co_return seen;
}

}  // namespace daybook::capture
