// SPDX-License-Identifier: Apache-2.0
#include "caller.h"

#include <string_view>
#include <utility>

#include "daybook/core/bytes.h"
#include "daybook/core/utf8.h"
#include "daybook/kestra/plain_path.h"

#include "client_address.h"
#include "error_answer.h"
#include "sign_in_page.h"
#include "upstream_headers.h"

namespace daybook::capture {
namespace {

using access::Verdict;

// Requests nobody signed in for at daybook are handed in by the gateway itself.
record::Submitter gateway_itself() {
  return {"gateway", "gateway", "SYSTEM", std::nullopt};
}

record::Actor connection(const net::RequestHead& head, const std::string& remote_address) {
  record::Actor actor;
  actor.ip_address = remote_address;
  if (const auto agent = head.headers.get("User-Agent")) {
    actor.user_agent = std::string(*agent);
  }
  return actor;
}

Caller webhook_caller(const net::RequestHead& head, const std::string& remote_address) {
  Caller caller;
  caller.kind = record::ActorKind::webhook;
  caller.actor = connection(head, remote_address);
  caller.actor.user_id = "webhook";
  caller.actor.submitter = gateway_itself();
  return caller;
}

Caller account_caller(const access::Principal& who, const net::RequestHead& head,
                      const std::string& remote_address) {
  Caller caller;
  caller.kind =
      who.service_account ? record::ActorKind::service_account : record::ActorKind::standard;
  record::Actor& actor = caller.actor;
  actor = connection(head, remote_address);
  actor.user_id = who.id;
  actor.username = who.username;
  actor.type = std::string(record::to_string(caller.kind));
  if (!who.email.empty()) {
    actor.email = who.email;
  }
  if (!who.name.empty()) {
    actor.name = who.name;
  }
  actor.submitter = who.submitter();
  return caller;
}

bool is_name(std::string_view text) {
  constexpr std::size_t kNameMax = 256;
  return !text.empty() && text.size() <= kNameMax && is_utf8(text) && !has_control(text);
}

// Nothing: the header is missing, repeated or no name.
std::optional<Caller> header_caller(const std::string& user_header, const net::RequestHead& head,
                                    const std::string& remote_address) {
  const auto names = head.headers.get_all(user_header);
  if (names.size() != 1 || !is_name(names.front())) {
    return std::nullopt;
  }
  Caller caller;
  caller.kind = record::ActorKind::standard;
  caller.actor = connection(head, remote_address);
  caller.actor.user_id = std::string(names.front());
  caller.actor.username = std::string(names.front());
  caller.actor.type = "STANDARD";
  caller.actor.submitter = gateway_itself();
  return caller;
}

// The user name of a Basic credential, if it is one.
std::optional<std::string> basic_name(std::string_view authorization) {
  constexpr std::string_view scheme = "basic ";
  if (!equal_ascii_case(authorization.substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  std::string_view encoded = authorization.substr(scheme.size());
  encoded.remove_prefix(std::min(encoded.find_first_not_of(' '), encoded.size()));
  const Result<Bytes> decoded = from_base64(encoded);
  if (!decoded) {
    return std::nullopt;
  }
  const std::string_view pair = as_text(*decoded);
  const std::size_t colon = pair.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_utf8(pair.substr(0, colon))) {
    return std::nullopt;
  }
  return std::string(pair.substr(0, colon));
}

Caller passthrough_caller(const GatewayShared& shared, const net::RequestHead& head,
                          const std::string& remote_address) {
  Caller caller;
  caller.actor = connection(head, remote_address);
  caller.actor.submitter = gateway_itself();
  auto name = basic_name(head.headers.get("Authorization").value_or(""));
  if (!name) {
    caller.kind = record::ActorKind::anonymous;
    caller.actor.user_id = "anonymous";
    return caller;
  }
  caller.kind = record::ActorKind::standard;
  caller.hash_until_accepted = shared.authenticator.hash_name(*name);
  caller.actor.user_id = *name;
  caller.actor.username = std::move(name);
  caller.actor.type = "STANDARD";
  const auto other = head.headers.get_all(kImpersonateHeader);
  if (other.size() == 1 && is_name(other.front())) {
    caller.impersonates = std::string(other.front());
  }
  return caller;
}

Admission refuse(const net::RequestHead& head, unsigned status, std::string_view message,
                 std::int64_t retry_after_s) {
  Admission admission;
  net::Response answer = error_answer(status, message, "", head.path());
  if (status == 401) {
    answer.head.headers.add("WWW-Authenticate", "Basic realm=\"daybook\"");
  }
  if (retry_after_s > 0) {
    answer.head.headers.add("Retry-After", std::to_string(retry_after_s));
  }
  admission.refusal = std::move(answer);
  admission.why = message;
  return admission;
}

// Nothing: the account may pass.
std::optional<std::string> denial(const access::Principal& who, const net::RequestHead& head,
                                  const kestra::Classification& what) {
  if (!access::may_pass_gateway(who)) {
    return "role gateway or admin is needed to pass the gateway";
  }
  if (!who.tenant) {
    return std::nullopt;
  }
  const std::string_view path = head.path();
  // What no rule knows may be of any tenant, unless its path names the account's own; and nobody
  // behind us may read the path as another one.
  const bool own = path.starts_with("/api/v1/" + *who.tenant + "/");
  if (!kestra::is_plain_path(path) || (!what.known && !own)) {
    return "role gateway or admin for all tenants is needed";
  }
  // Routes without a tenant segment are tenant `main`; the UI's own files belong to no tenant.
  if (path.starts_with("/api/") && !own && *who.tenant != what.tenant) {
    return "role gateway or admin for tenant " + what.tenant + " is needed";
  }
  return std::nullopt;
}

}  // namespace

record::Actor Caller::shown(std::optional<unsigned> status) const {
  record::Actor out = actor;
  const bool accepted = status && *status != 401 && *status < 500;
  if (hash_until_accepted && !accepted) {
    out.user_id = *hash_until_accepted;
    out.username = *hash_until_accepted;
  }
  if (impersonates && status && *status < 400) {
    out.impersonated_by = std::exchange(out.user_id, impersonates);
    out.username = impersonates;
  }
  return out;
}

net::Task<Admission> admit(GatewayShared& shared, const net::RequestHead& head, std::string peer,
                           const kestra::Classification& what) {
  Admission admission;
  const std::string remote_address =
      client_address(shared.options.trusted_proxies, head.headers, peer);
  const bool webhook_open = what.webhook && shared.options.webhooks_open;
  if (webhook_open || (what.opens_without_login && !what.webhook)) {
    admission.caller = webhook_caller(head, remote_address);
    if (!what.webhook) {
      admission.caller->kind = record::ActorKind::anonymous;
      admission.caller->actor.user_id = "anonymous";
    }
    co_return admission;
  }
  if (shared.options.identity == Identity::passthrough) {
    admission.caller = passthrough_caller(shared, head, remote_address);
    co_return admission;
  }
  if (shared.options.identity == Identity::headers &&
      shared.options.header_networks.contains(peer)) {
    admission.caller = header_caller(shared.options.user_header, head, remote_address);
    if (admission.caller) {
      co_return admission;
    }
  }
  access::Credentials credentials = credentials_of(head, remote_address);
  vouch_for_cookie(shared.authenticator, head, credentials);
  access::AuthResult result = co_await shared.authenticator.authenticate(std::move(credentials));
  switch (result.verdict) {
    case Verdict::ok:
      break;
    case Verdict::locked:
      admission = refuse(head, 423, "the account is locked", result.retry_after_s);
      break;
    case Verdict::busy:
      admission = refuse(head, 429, "too many sign-ins at one time", result.retry_after_s);
      break;
    case Verdict::anonymous:
      if (shared.options.sign_in_page && is_navigation(head)) {
        admission.refusal = to_sign_in(head);
        break;
      }
      admission = refuse(head, 401, "sign in with a daybook user or token", 0);
      break;
    case Verdict::wrong:
      admission = refuse(head, 401, "the credentials are wrong", 0);
      break;
  }
  admission.events = std::move(result.events);
  if (admission.refusal) {
    co_return admission;
  }
  const access::Principal& who = *result.principal;
  if (auto why = denial(who, head, what)) {
    Admission denied = refuse(head, 403, *why, 0);
    denied.denied = true;
    denied.caller = account_caller(who, head, remote_address);
    co_return denied;
  }
  admission.caller = account_caller(who, head, remote_address);
  co_return admission;
}

}  // namespace daybook::capture
