// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call.h"

namespace daybook::api {

// The headers a request authenticates with.
[[nodiscard]] access::Credentials credentials_of(const net::Exchange& exchange);

// The challenge of a 401. Without `Basic` for scripts of a page, which mark themselves with
// X-Requested-With: a browser would open its own password window over the page.
[[nodiscard]] std::string_view challenge_of(const net::Exchange& exchange);

// Finds out who calls and whether the route is open to them. Sets call.who, or gives a refusal:
// 401, 403, 404, 422, 423 or 429. Records sign-in failures and denials.
net::Task<std::optional<HttpError>> admit(Call& call);

// Whether a caller that was admitted would be so still; for answers that last. Brings call.who up
// to date. A doubt (the password queue is full) changes nothing.
net::Task<bool> admit_again(Call& call);

}  // namespace daybook::api
