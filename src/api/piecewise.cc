// SPDX-License-Identifier: Apache-2.0
#include "piecewise.h"

#include <utility>

namespace daybook::api {

net::ResponseHead piecewise_head(std::string content_type) {
  net::ResponseHead head;
  head.chunked = true;
  head.headers.add("Content-Type", std::move(content_type));
  head.headers.add("X-Content-Type-Options", "nosniff");
  head.headers.add("Cache-Control", "no-store");
  return head;
}

net::Task<void> send_piecewise(Call& call, net::ResponseHead head, std::string opening,
                               std::function<Result<std::string>()> piece, std::string closing) {
  net::Exchange& exchange = call.exchange;
  Status sent = co_await exchange.start_with(std::move(head), opening);
  while (sent && !call.is_head()) {
    const Result<std::string> made = piece();
    if (!made) {
      exchange.abort();
      co_return;
    }
    if (made->empty()) {
      break;
    }
    sent = co_await exchange.write(*made);
  }
  if (sent) {
    sent = co_await exchange.finish_with(closing);
  }
}

}  // namespace daybook::api
