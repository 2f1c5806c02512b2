// SPDX-License-Identifier: Apache-2.0
#include "gate.h"

#include <utility>
#include <vector>

#include "read_events.h"

namespace daybook::api {
namespace {

using access::AuthResult;
using access::Verdict;

constexpr std::size_t kEchoMax = 64;  // Bytes of a tenant that a message repeats.

bool needs_account(const Call& call) {
  switch (call.match.route->need) {
    case Need::nothing:
      return false;
    case Need::metrics:
      return !(call.services.parts.metrics_open && call.exchange.over_loopback());
    default:
      return true;
  }
}

// A gateway account reads the rows it submitted itself (scope_of() adds that condition).
bool may_read_own_rows(const access::Principal& who, const std::string& tenant) {
  return who.role == access::Role::gateway && (!who.tenant || *who.tenant == tenant);
}

bool is_allowed(const Call& call, const access::Principal& who) {
  switch (call.match.route->need) {
    case Need::nothing:
    case Need::metrics:
    case Need::account:
      return true;
    case Need::read_tenant:
      return access::may_read_tenant(who, call.match.tenant) ||
             may_read_own_rows(who, call.match.tenant);
    case Need::read_all:
      return access::may_read_everything(who);
    case Need::ingest:
      return access::may_ingest(who, call.match.tenant);
    case Need::administer:
      return access::may_administer(who);
  }
  return false;
}

std::string what_is_needed(const Call& call) {
  const std::string tenant = "tenant " + call.match.tenant.substr(0, kEchoMax);
  switch (call.match.route->need) {
    case Need::read_tenant:
      return "needs role viewer of " + tenant + ", auditor or admin";
    case Need::ingest:
      return "needs role writer or admin for " + tenant;
    case Need::read_all:
      return "needs role auditor or admin for all tenants";
    default:
      return "needs role admin for all tenants";
  }
}

HttpError refusal_of(const AuthResult& result) {
  HttpError error{401, "authentication needed"};
  switch (result.verdict) {
    case Verdict::ok:
    case Verdict::anonymous:
      break;
    case Verdict::wrong:
      error.message = "wrong credentials";
      break;
    case Verdict::locked:
      error = {423, "account locked after too many wrong passwords", "", result.retry_after_s};
      break;
    case Verdict::busy:
      error = {429, "too many sign-ins at a time", "", result.retry_after_s};
      break;
  }
  return error;
}

// Checks what only a caller with the right to know may learn: whether a tenant is well-formed, and
// whether it is there.
std::optional<HttpError> tenant_error(const Call& call) {
  const Need need = call.match.route->need;
  if (need != Need::read_tenant && need != Need::ingest) {
    return std::nullopt;
  }
  if (!record::is_tenant(call.match.tenant)) {
    return HttpError{422, "a tenant matches [a-z0-9][a-z0-9_-]{0,62}", "tenant"};
  }
  if (need == Need::read_tenant && !call.who->tenant &&
      !call.services.parts.search.has_tenant(call.match.tenant)) {
    return HttpError{404, "no tenant " + call.match.tenant};
  }
  return std::nullopt;
}

std::optional<HttpError> authorize(const Call& call) {
  if (is_allowed(call, *call.who)) {
    return tenant_error(call);
  }
  HttpError error{403, what_is_needed(call)};
  std::vector<record::Event> events;
  events.push_back(denied_event(call, error.message));
  call.services.parts.recorder.record_later(std::move(events));
  return error;
}

}  // namespace

access::Credentials credentials_of(const net::Exchange& exchange) {
  const net::Headers& headers = exchange.head().headers;
  access::Credentials out;
  out.authorization = headers.get("Authorization").value_or("");
  out.cookie = headers.get("Cookie").value_or("");
  out.csrf = headers.get("X-CSRF-Token").value_or("");
  out.method = exchange.head().method;
  out.remote_address = exchange.remote_address();
  out.user_agent = headers.get("User-Agent").value_or("");
  return out;
}

std::string_view challenge_of(const net::Exchange& exchange) {
  const auto by = exchange.head().headers.get("X-Requested-With");
  return by == "XMLHttpRequest" ? "Bearer" : "Basic realm=\"daybook\", Bearer";
}

net::Task<std::optional<HttpError>> admit(Call& call) {
  const bool needed = needs_account(call);
  const Operation operation = call.match.route->operation;
  if (call.exchange.over_unix_socket()) {
    call.who = access::local_root();
  } else if (operation != Operation::login && operation != Operation::logout) {
    access::Credentials credentials = credentials_of(call.exchange);
    const bool only_cookie = credentials.authorization.empty();
    AuthResult result =
        co_await call.services.parts.authenticator.authenticate(std::move(credentials));
    if (!result.events.empty()) {
      call.services.parts.recorder.record_later(std::move(result.events));
    }
    const bool refused = result.verdict != Verdict::ok && result.verdict != Verdict::anonymous;
    // An old session must not keep anybody from the page on which to sign in again.
    const bool stale_session = only_cookie && !needed;
    if ((refused && !stale_session) || (needed && result.verdict != Verdict::ok)) {
      co_return refusal_of(result);
    }
    call.who = std::move(result.principal);
  }
  if (!needed) {
    co_return std::nullopt;
  }
  co_return authorize(call);
}

net::Task<bool> admit_again(Call& call) {
  if (call.exchange.over_unix_socket()) {
    co_return true;
  }
  access::Credentials credentials = credentials_of(call.exchange);
  AuthResult result =
      co_await call.services.parts.authenticator.authenticate(std::move(credentials));
  if (!result.events.empty()) {
    call.services.parts.recorder.record_later(std::move(result.events));
  }
  if (result.verdict == Verdict::busy || result.verdict == Verdict::locked) {
    co_return true;
  }
  if (result.verdict != Verdict::ok || !is_allowed(call, *result.principal)) {
    co_return false;
  }
  call.who = std::move(result.principal);
  co_return true;
}

}  // namespace daybook::api
