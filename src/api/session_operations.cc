// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include "daybook/core/clock.h"
#include "daybook/crypto/password.h"

#include "gate.h"
#include "json_body.h"
#include "operations.h"

namespace daybook::api {
namespace {

using record::Json;

Json optional_text(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

Json user_json(const access::Principal& who) {
  return Json{{"id", who.id},
              {"username", who.username},
              {"name", who.name},
              {"email", who.email},
              {"type", who.service_account ? "SERVICE_ACCOUNT" : "STANDARD"},
              {"role", access::to_string(who.role)},
              {"tenant", optional_text(who.tenant)},
              {"namespace", optional_text(who.namespace_prefix)}};
}

Json session_json(const access::Principal& who, const std::optional<access::Session>& session) {
  return Json{{"user", user_json(who)},
              {"csrfToken", session ? Json(session->csrf_token) : Json(nullptr)},
              {"expiresAt", session ? Json(format_time(session->expires_at)) : Json(nullptr)}};
}

// Scripts cannot read the cookie and other sites cannot make a browser send it.
std::string cookie_of(const net::Exchange& exchange, std::string_view value, std::int64_t seconds) {
  std::string cookie(access::kSessionCookie);
  cookie += "=";
  cookie += value;
  cookie += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
  return exchange.over_tls() ? cookie + "; Secure" : cookie;
}

net::Response uncached(net::Response response) {
  response.head.headers.add("Cache-Control", "no-store");
  return response;
}

struct Typed {
  std::string username;
  std::string password;
};

// Refusals say what is missing, never what was typed.
Answer<Typed> typed_of(const Json& sent) {
  const auto known = known_members(sent, {"username", "password"}, Quote::no);
  if (!known) {
    return tl::unexpected(known.error());
  }
  const Json& body = *known;
  auto username = string_member(body, "username", Presence::required);
  if (!username) {
    return tl::unexpected(std::move(username.error()));
  }
  auto password = string_member(body, "password", Presence::required);
  if (!password) {
    return tl::unexpected(std::move(password.error()));
  }
  return Typed{**std::move(username), **std::move(password)};
}

HttpError login_refusal(const access::AuthResult& result) {
  switch (result.verdict) {
    case access::Verdict::locked:
      return {423, "locked after too many wrong passwords", "", result.retry_after_s};
    case access::Verdict::busy:
      return {429, "too many sign-ins at a time", "", result.retry_after_s};
    default:
      return {401, "wrong user name or password"};
  }
}

Answer<net::Response> login_response(const Call& call, const access::LoginResult& result) {
  if (!result.session) {
    return tl::unexpected(login_refusal(result.auth));
  }
  const access::Session& session = *result.session;
  net::Response response = json_response(200, session_json(session.principal, session));
  const std::int64_t seconds = (session.expires_at - call.services.now()) / 1000;
  response.head.headers.add("Set-Cookie", cookie_of(call.exchange, session.cookie, seconds));
  return uncached(std::move(response));
}

}  // namespace

net::Task<void> answer_login(Call& call) {
  Answer<Json> body = co_await read_json_body(call);
  Answer<Typed> typed = tl::unexpected(HttpError{});
  if (body) {
    typed = typed_of(*body);
  } else {
    typed = tl::unexpected(body.error());
  }
  if (!typed) {
    Answer<net::Response> refused = tl::unexpected(typed.error());
    co_await reply(call, std::move(refused));
    co_return;
  }
  access::Credentials from = credentials_of(call.exchange);
  access::LoginResult result = co_await call.services.parts.authenticator.login(
      std::move(typed->username), std::move(typed->password), std::move(from));
  if (!result.auth.events.empty()) {
    call.services.parts.recorder.record_later(std::move(result.auth.events));
  }
  Answer<net::Response> answer = login_response(call, result);
  co_await reply(call, std::move(answer));
}

Answer<net::Response> logout(Call& call) {
  auto& authenticator = call.services.parts.authenticator;
  const bool signed_in = authenticator.session(credentials_of(call.exchange)).has_value();
  std::vector<record::Event> events = authenticator.logout(credentials_of(call.exchange));
  if (signed_in && events.empty()) {
    return tl::unexpected(HttpError{401, "X-CSRF-Token is missing or not the session's"});
  }
  if (!events.empty()) {
    call.services.parts.recorder.record_later(std::move(events));
  }
  net::Response response;
  response.head.status = 204;
  response.head.headers.add("Set-Cookie", cookie_of(call.exchange, "", 0));
  return uncached(std::move(response));
}

Answer<net::Response> me(Call& call) {
  const auto session = call.services.parts.authenticator.session(credentials_of(call.exchange));
  return uncached(json_response(200, session_json(*call.who, session)));
}

}  // namespace daybook::api
