// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daybook/core/clock.h"
#include "daybook/crypto/password.h"

#include "json_body.h"
#include "on_worker.h"
#include "operations.h"

namespace daybook::api {
namespace {

using access::Changed;
using record::Json;

Json optional_text(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

// What every account has: a name under `name_key`, a role and, for some, a tenant and a namespace.
struct NewAccount {
  std::string name;
  access::Role role = access::Role::viewer;
  std::optional<std::string> tenant;
  std::optional<std::string> namespace_prefix;
};

Answer<NewAccount> account_of(const Json& body, const std::string& name_key) {
  NewAccount out;
  auto name = string_member(body, name_key, Presence::required);
  if (!name) {
    return tl::unexpected(std::move(name.error()));
  }
  const auto word = string_member(body, "role", Presence::required);
  if (!word) {
    return tl::unexpected(word.error());
  }
  const Result<access::Role> role = access::parse_role(**word);
  if (!role) {
    return tl::unexpected(HttpError{422, role.error().context, "/role"});
  }
  auto tenant = string_member(body, "tenant", Presence::optional);
  if (!tenant) {
    return tl::unexpected(std::move(tenant.error()));
  }
  if (*tenant && !record::is_tenant(**tenant)) {
    return tl::unexpected(HttpError{422, "a tenant matches [a-z0-9][a-z0-9_-]{0,62}", "/tenant"});
  }
  if (*role == access::Role::viewer && !*tenant) {
    return tl::unexpected(HttpError{422, "role viewer needs a tenant", "/tenant"});
  }
  auto prefix = string_member(body, "namespace", Presence::optional);
  if (!prefix) {
    return tl::unexpected(std::move(prefix.error()));
  }
  return NewAccount{**std::move(name), *role, *std::move(tenant), *std::move(prefix)};
}

HttpError account_error(const Error& error) {
  HttpError out = http_error(error);
  if (!out.path.empty() && !out.path.starts_with('/')) {
    out.path.insert(0, 1, '/');
  }
  return out;
}

// Makes the change's event durable before the change is acknowledged.
net::Task<std::optional<HttpError>> store_event(Call& call, record::Event event) {
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  const auto stored = co_await call.services.parts.recorder.record(std::move(events));
  if (!stored) {
    co_return http_error(stored.error());
  }
  co_return std::nullopt;
}

// The last step of the three: the answer, once the event is stored.
net::Task<void> acknowledge(Call& call, record::Event event, Json body) {
  Answer<net::Response> answer = json_response(201, body);
  const std::optional<HttpError> failed = co_await store_event(call, std::move(event));
  if (failed) {
    answer = tl::unexpected(*failed);
  }
  co_await reply(call, std::move(answer));
}

net::Task<void> refuse(Call& call, HttpError error) {
  Answer<net::Response> answer = tl::unexpected(std::move(error));
  co_await reply(call, std::move(answer));
}

using MadeUser = Result<Changed<access::Account>>;

Answer<access::NewUser> user_of(const Json& sent) {
  const auto known = known_members(
      sent, {"username", "password", "role", "tenant", "namespace", "email", "name"}, Quote::yes);
  if (!known) {
    return tl::unexpected(known.error());
  }
  const Json& body = *known;
  auto account = account_of(body, "username");
  if (!account) {
    return tl::unexpected(std::move(account.error()));
  }
  access::NewUser user;
  user.username = std::move(account->name);
  user.role = account->role;
  user.tenant = std::move(account->tenant);
  user.namespace_prefix = std::move(account->namespace_prefix);
  auto password = string_member(body, "password", Presence::required);
  auto email = string_member(body, "email", Presence::optional);
  auto name = string_member(body, "name", Presence::optional);
  for (const auto* member : {&password, &email, &name}) {
    if (!*member) {
      return tl::unexpected(member->error());
    }
  }
  user.password = **std::move(password);
  user.email = email->value_or("");
  user.name = name->value_or("");
  return user;
}

Answer<NewAccount> service_account_of(const Json& sent) {
  const auto known = known_members(sent, {"name", "role", "tenant", "namespace"}, Quote::yes);
  if (!known) {
    return tl::unexpected(known.error());
  }
  return account_of(*known, "name");
}

struct TokenRequest {
  std::string service_account;
  std::string name;
  std::optional<UnixMillis> expires_at;
};

Answer<TokenRequest> token_of(const Json& sent, UnixMillis now) {
  const auto known = known_members(sent, {"serviceAccount", "name", "expiresAt"}, Quote::yes);
  if (!known) {
    return tl::unexpected(known.error());
  }
  const Json& body = *known;
  const auto account = string_member(body, "serviceAccount", Presence::required);
  const auto name = string_member(body, "name", Presence::optional);
  const auto expires = string_member(body, "expiresAt", Presence::optional);
  for (const auto* member : {&account, &name, &expires}) {
    if (!*member) {
      return tl::unexpected(member->error());
    }
  }
  TokenRequest out{**account, name->value_or(""), std::nullopt};
  if (*expires) {
    const Result<UnixMillis> time = parse_time(**expires);
    if (!time || *time <= now) {
      return tl::unexpected(
          HttpError{422, "expiresAt must be a future RFC 3339 time", "/expiresAt"});
    }
    out.expires_at = *time;
  }
  return out;
}

}  // namespace

net::Task<void> answer_create_user(Call& call) {
  Answer<Json> body = co_await read_json_body(call);
  Answer<access::NewUser> user = body ? user_of(*body) : tl::unexpected(body.error());
  if (!user) {
    co_await refuse(call, user.error());
    co_return;
  }
  // Held once: it has the password, which is hashed on the worker.
  auto held = std::make_shared<access::NewUser>(*std::move(user));
  std::function<MadeUser()> make = [&call, held] {
    return call.services.parts.accounts.create_user(std::move(*held), *call.who);
  };
  auto made = co_await on_worker<MadeUser>(call.services.worker, std::move(make));
  if (!made || !*made) {
    HttpError error{429, "too many new users at a time", "", 1};
    if (made) {
      error = account_error(made->error());
    }
    co_await refuse(call, std::move(error));
    co_return;
  }
  const access::Account& account = (*made)->value;
  Json answer = {{"id", account.id},
                 {"username", account.username},
                 {"role", access::to_string(account.role)},
                 {"tenant", optional_text(account.tenant)}};
  co_await acknowledge(call, std::move((*made)->event), std::move(answer));
}

net::Task<void> answer_create_service_account(Call& call) {
  const Answer<Json> body = co_await read_json_body(call);
  Answer<NewAccount> account = body ? service_account_of(*body) : tl::unexpected(body.error());
  if (!account) {
    co_await refuse(call, account.error());
    co_return;
  }
  access::NewServiceAccount wanted{std::move(account->name), account->role,
                                   std::move(account->tenant),
                                   std::move(account->namespace_prefix)};
  auto made = call.services.parts.accounts.create_service_account(std::move(wanted), *call.who);
  if (!made) {
    HttpError error = account_error(made.error());
    co_await refuse(call, std::move(error));
    co_return;
  }
  Json answer = {{"id", made->value.id},
                 {"name", made->value.username},
                 {"role", access::to_string(made->value.role)},
                 {"tenant", optional_text(made->value.tenant)}};
  co_await acknowledge(call, std::move(made->event), std::move(answer));
}

net::Task<void> answer_create_token(Call& call) {
  const Answer<Json> body = co_await read_json_body(call);
  Answer<TokenRequest> wanted = tl::unexpected(HttpError{});
  if (body) {
    wanted = token_of(*body, call.services.now());
  } else {
    wanted = tl::unexpected(body.error());
  }
  if (!wanted) {
    co_await refuse(call, wanted.error());
    co_return;
  }
  auto made = call.services.parts.accounts.create_token(wanted->service_account, wanted->name,
                                                        wanted->expires_at, *call.who);
  if (!made) {
    HttpError error = account_error(made.error());
    co_await refuse(call, std::move(error));
    co_return;
  }
  const access::NewToken& token = made->value;
  Json answer = {
      {"id", token.id},
      {"prefix", token.prefix},
      {"fullToken", token.full_token},
      {"expiresAt", token.expires_at ? Json(format_time(*token.expires_at)) : Json(nullptr)}};
  co_await acknowledge(call, std::move(made->event), std::move(answer));
}

}  // namespace daybook::api
