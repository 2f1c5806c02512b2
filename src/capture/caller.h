// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daybook/net/http.h"
#include "daybook/net/task.h"
#include "daybook/record/event.h"

#include "gateway_shared.h"

namespace daybook::capture {

// Who a request through the gateway is by, as entries show it.
struct Caller {
  record::Actor actor;  // With submitter, address and user agent.
  record::ActorKind kind = record::ActorKind::anonymous;
  // Pass-through: Kestra has not yet said that the name is right. Until then entries carry this
  // keyed hash in its place: what was typed may be a password.
  std::optional<std::string> hash_until_accepted;
  // Pass-through: the user it asks Kestra to act as (X-Kestra-Impersonate). True once Kestra did
  // it.
  std::optional<std::string> impersonates;

  // As it may be shown when Kestra answered `status`; nothing: no answer.
  [[nodiscard]] record::Actor shown(std::optional<unsigned> status) const;
};

// Either a caller who may pass, or the answer that refuses the request.
struct Admission {
  std::optional<Caller> caller;
  std::optional<net::Response> refusal;
  std::vector<record::Event> events;  // Of a sign-in that failed.
  // A known account that may not do this: recorded as DENIED with this caller.
  bool denied = false;
  std::string why;
};

// Contract section 4: login at the gateway, roles, tenants, and what is open without a login.
// `peer` is the other end of the connection; entries show who is behind proxies that are trusted.
net::Task<Admission> admit(GatewayShared& shared, const net::RequestHead& head, std::string peer,
                           const kestra::Classification& what);

}  // namespace daybook::capture
