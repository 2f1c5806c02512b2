// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

#include "daybook/core/random.h"

#include "actors.h"
#include "commands.h"
#include "instance.h"
#include "output.h"
#include "standin.h"

namespace daybook::app {
namespace {

// Everybody's password in the demo, also admin's: printed, and good for nothing but made-up data on
// loopback.
constexpr std::string_view kDemoPassword = "daybook-demo";
constexpr std::chrono::seconds kSeedMax{60};

struct Person {
  const char* username;
  const char* name;
};
constexpr std::array<Person, 5> kPeople{{{"jane.doe", "Jane Doe"},
                                         {"ana.lopez", "Ana Lopez"},
                                         {"kofi.mensah", "Kofi Mensah"},
                                         {"mei.tanaka", "Mei Tanaka"},
                                         {"j.ortega", "Juan Ortega"}}};
constexpr std::array<const char*, 2> kServiceAccounts{"ci-deployer", "backup-bot"};

// A change of accounts, durable; fine if the account is there from an earlier run.
template <class T>
Status keep(Store& store, Result<access::Changed<T>> made) {
  if (made) return append_event(store, std::move(made->event));
  if (made.error().code == Errc::exists) return {};
  return std::move(made).error();
}

Result<std::vector<demo::ActorLogin>> make_accounts(Store& store) {
  const auto root = access::local_root();
  std::vector<demo::ActorLogin> logins;
  for (const auto& person : kPeople) {
    access::NewUser user;
    user.username = person.username;
    user.password = kDemoPassword;
    user.role = access::Role::gateway;
    user.email = fmt::format("{}@example.org", person.username);
    user.name = person.name;
    DAYBOOK_RETURN_IF_ERROR(keep(store, store.accounts->create_user(std::move(user), root)));
    logins.push_back({person.username, std::string(kDemoPassword), false});
  }
  for (const auto* name : kServiceAccounts) {
    access::NewServiceAccount account;
    account.name = name;
    account.role = access::Role::gateway;
    DAYBOOK_RETURN_IF_ERROR(
        keep(store, store.accounts->create_service_account(std::move(account), root)));
    DAYBOOK_ASSIGN_OR_RETURN(auto token, store.accounts->create_token(name, "demo", {}, root));
    DAYBOOK_RETURN_IF_ERROR(append_event(store, std::move(token.event)));
    logins.push_back({name, std::move(token.value.full_token), true});
  }
  return logins;
}

void wait_for_seed(const demo::Actors& actors) {
  const auto deadline = std::chrono::steady_clock::now() + kSeedMax;
  while (!actors.seeded() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void print_welcome(const Instance& instance) {
  print_line("demo ready");
  print_line(fmt::format("  audit page   http://{}/ui/   sign in as admin, password {}",
                         instance.api_address(), kDemoPassword));
  print_line(fmt::format("  gateway      http://{}/     sign in as jane.doe, same password",
                         instance.gateway_address()));
  print_line("  Kestra is a stand-in kept in memory; people act on it all the time. Ctrl-C stops.");
}

}  // namespace

int demo(Config config) {
  if (!config.gateway) config.gateway = "127.0.0.1:8087";
  config.first_admin_password = kDemoPassword;
  print_line("demo: starting the stand-in for Kestra, the server and its gateway");
  hold_signals();
  auto outside = net::Runtime::start(1);
  auto standin = demo::Standin::start(outside->executor(), "127.0.0.1:0", {});
  if (!standin) return report_cannot_run(standin.error());
  config.upstream = (*standin)->url();
  auto instance = Instance::start(std::move(config));
  if (!instance) return report_cannot_run(instance.error());
  auto logins = make_accounts((*instance)->store());
  if (!logins) return report_cannot_run(logins.error());
  print_line("demo: people and service accounts act on it through the gateway");
  auto actors = demo::Actors::start(outside->executor(), "http://" + (*instance)->gateway_address(),
                                    *std::move(logins), system_random());
  wait_for_seed(*actors);
  print_welcome(**instance);
  (*instance)->runtime().wait_for_signal();
  actors->stop();
  if (auto stopped = (*instance)->stop(); !stopped) return report_cannot_run(stopped.error());
  return exit_good;
}

}  // namespace daybook::app
