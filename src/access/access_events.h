// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daybook/access/accounts.h"
#include "daybook/access/principal.h"
#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/record/event.h"

namespace daybook::access {

// What access reports to the ledger. People stand in `detail` by id only; their names are in the
// actor part, which can be erased.

// An account was made or changed: kind system, no tenant.
[[nodiscard]] record::Event administration_event(std::string_view action, const Account& account,
                                                 const Principal& by, const Clock& clock,
                                                 Random& random);

// LOGIN, LOGOUT, LOGIN_FAILURE, ACCOUNT_LOCKED: kind event, no tenant. The caller sets what it
// knows of actor and detail.
[[nodiscard]] record::Event sign_in_event(std::string_view action, record::ResultWord result,
                                          const Clock& clock, Random& random);

void set_actor(record::Event& event, const Principal& who);

// Where the request came from; a user agent is cut to 512 bytes.
void set_origin(record::Event& event, std::string_view address, std::string_view user_agent);

}  // namespace daybook::access
