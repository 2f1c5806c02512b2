// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "daybook/core/clock.h"
#include "daybook/crypto/password.h"
#include "daybook/record/json.h"

#include "commands.h"
#include "http_json.h"
#include "output.h"
#include "store.h"

namespace daybook::app {
namespace {

using record::Json;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kPasswordBytesMax = 1024;
// How long whoever holds the directory may take to answer, or to be done with it.
constexpr std::chrono::seconds kHolderMax{30};
constexpr std::chrono::milliseconds kHolderPause{50};

Json tenant_json(const std::optional<std::string>& tenant) {
  return tenant ? Json(*tenant) : Json(nullptr);
}

std::string password_from_stdin() {
  std::string password;
  char c = 0;
  while (password.size() <= kPasswordBytesMax && std::cin.get(c) && c != '\n')
    password.push_back(c);
  return password;
}

// A change made without a server: durable, and the directory left clean.
Status finish(Store& store, record::Event event) {
  DAYBOOK_RETURN_IF_ERROR(append_event(store, std::move(event)));
  return store.ledger->close();
}

Result<Json> post(const HttpJson& server, const std::string& target, const Json& body) {
  DAYBOOK_ASSIGN_OR_RETURN(const net::Response answer, server.post(target, body.dump()));
  if (answer.head.status != 201) return error_of(answer);
  return record::parse_json(answer.body);
}

// Runs `local` on the directory itself, or `remote` where a server has it: through its control
// socket, or by URL.
template <class Local>
Result<Json> run(const AccountTarget& target, const std::string& path, const Json& body,
                 Local local) {
  if (!target.server.empty()) {
    const char* token = std::getenv("DAYBOOK_TOKEN");
    return post(
        HttpJson(target.server, target.token.empty() && token != nullptr ? token : target.token),
        path, body);
  }
  ledger::Ledger::Options options;
  options.keys_dir = target.keys;
  const HttpJson server("unix:" + (target.data / "control.sock").string(), {});
  const auto deadline = std::chrono::steady_clock::now() + kHolderMax;
  while (true) {
    auto store = open_store(target.data, options);
    if (store) return local(*store);
    if (store.error().code != Errc::unavailable) return store.error();
    // A server, one that is about to answer, or a command that will soon be done.
    if (server.get("/health")) return post(server, path, body);
    if (std::chrono::steady_clock::now() > deadline) {
      return Error{.code = Errc::unavailable,
                   .context = "another process holds the directory, but nobody answers there"};
    }
    std::this_thread::sleep_for(kHolderPause);
  }
}

int show(const AccountTarget& target, const Result<Json>& made,
         const std::vector<std::string>& keys) {
  if (!made) return report(made.error());
  if (target.json) {
    Json line = Json::object();
    for (const auto& key : keys) line[key] = made->contains(key) ? made->at(key) : Json(nullptr);
    print_line(line.dump());
    return exit_good;
  }
  for (const auto& key : keys) {
    if (!made->contains(key) || made->at(key).is_null()) continue;
    const auto& value = made->at(key);
    print_line(
        fmt::format("{:<10} {}", key, value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return exit_good;
}

Result<std::optional<UnixMillis>> expiry(const std::string& text) {
  if (text.empty()) return std::optional<UnixMillis>();
  if (text.size() >= 3 && text.size() <= 8 && text.front() == 'P' && text.back() == 'D') {
    const auto digits = text.substr(1, text.size() - 2);
    if (digits.find_first_not_of("0123456789") == std::string::npos && std::stoll(digits) > 0) {
      return std::optional<UnixMillis>(system_clock().now() + std::stoll(digits) * kDayMs);
    }
  }
  return Error{.code = Errc::invalid,
               .context = "expected a number of days such as P90D",
               .path = "--expires"};
}

}  // namespace

int create_user(const AccountTarget& target, const NewAccount& account) {
  auto password = password_from_stdin();
  Json body{{"username", account.name},
            {"password", password},
            {"role", account.role},
            {"tenant", tenant_json(account.tenant)}};
  if (!account.email.empty()) body["email"] = account.email;
  if (!account.full_name.empty()) body["name"] = account.full_name;
  const auto role = access::parse_role(account.role);
  if (!role) return report(role.error());
  const auto made = run(target, "/api/v1/users", body, [&](Store& store) -> Result<Json> {
    access::NewUser user{.username = account.name,
                         .password = password,
                         .role = *role,
                         .tenant = account.tenant,
                         .namespace_prefix = {},
                         .email = account.email,
                         .name = account.full_name};
    DAYBOOK_ASSIGN_OR_RETURN(auto change,
                             store.accounts->create_user(std::move(user), access::local_root()));
    DAYBOOK_RETURN_IF_ERROR(finish(store, std::move(change.event)));
    return Json{{"id", change.value.id},
                {"username", account.name},
                {"role", account.role},
                {"tenant", tenant_json(account.tenant)}};
  });
  crypto::wipe(password);
  return show(target, made, {"id", "username", "role", "tenant"});
}

int create_service_account(const AccountTarget& target, const NewAccount& account) {
  const Json body{
      {"name", account.name}, {"role", account.role}, {"tenant", tenant_json(account.tenant)}};
  const auto role = access::parse_role(account.role);
  if (!role) return report(role.error());
  const auto made =
      run(target, "/api/v1/service-accounts", body, [&](Store& store) -> Result<Json> {
        DAYBOOK_ASSIGN_OR_RETURN(auto change,
                                 store.accounts->create_service_account({.name = account.name,
                                                                         .role = *role,
                                                                         .tenant = account.tenant,
                                                                         .namespace_prefix = {}},
                                                                        access::local_root()));
        DAYBOOK_RETURN_IF_ERROR(finish(store, std::move(change.event)));
        return Json{{"id", change.value.id},
                    {"name", account.name},
                    {"role", account.role},
                    {"tenant", tenant_json(account.tenant)}};
      });
  return show(target, made, {"id", "name", "role", "tenant"});
}

int create_token(const AccountTarget& target, const std::string& service_account,
                 const std::string& expires) {
  const auto expires_at = expiry(expires);
  if (!expires_at) return report(expires_at.error());
  const Json shown_expiry = *expires_at ? Json(format_time(**expires_at)) : Json(nullptr);
  const Json body{
      {"serviceAccount", service_account}, {"name", "command line"}, {"expiresAt", shown_expiry}};
  const auto made = run(target, "/api/v1/tokens", body, [&](Store& store) -> Result<Json> {
    DAYBOOK_ASSIGN_OR_RETURN(
        auto change, store.accounts->create_token(service_account, "command line", *expires_at,
                                                  access::local_root()));
    DAYBOOK_RETURN_IF_ERROR(finish(store, std::move(change.event)));
    return Json{{"id", change.value.id},
                {"prefix", change.value.prefix},
                {"fullToken", change.value.full_token},
                {"expiresAt", shown_expiry}};
  });
  return show(target, made, {"id", "prefix", "fullToken", "expiresAt"});
}

}  // namespace daybook::app
