// SPDX-License-Identifier: Apache-2.0
#include "gateway_rig.h"

#include <utility>

#include <gtest/gtest.h>

namespace daybook::capture::testing {
namespace {

access::Principal account(std::string name, access::Role role, std::optional<std::string> tenant) {
  access::Principal who;
  who.id = "id-" + name;
  who.username = std::move(name);
  who.role = role;
  who.tenant = std::move(tenant);
  return who;
}

}  // namespace

GatewayRig::GatewayRig(GatewayOptions options, std::optional<std::filesystem::path> rule_file,
                       std::string upstream)
    : runtime_(net::Runtime::start(2)), rules_(RuleBook::open(std::move(rule_file)).value()) {
  authenticator.add(FakeAuthenticator::basic("alice", "s3cret-pw"),
                    account("alice", access::Role::gateway, std::nullopt));
  authenticator.add(FakeAuthenticator::basic("bob", "pw"),
                    account("bob", access::Role::gateway, "team"));
  authenticator.add(FakeAuthenticator::basic("vera", "pw"),
                    account("vera", access::Role::viewer, "main"));
  net::ClientOptions client;
  client.connect_timeout = std::chrono::milliseconds(1'000);
  const std::string address = upstream.empty() ? kestra.address() : std::move(upstream);
  upstream_ = net::Client::make(net::BaseUrl::parse("http://" + address).value(), client);
  gateway_ = Gateway::make(std::move(options), ledger.recorder(), authenticator, *rules_,
                           *upstream_, ledger.metrics());
  auto server = net::Server::listen(runtime_->executor(), "127.0.0.1:0",
                                    [this](net::Exchange& exchange) { return serve(exchange); });
  if (!server) {
    ADD_FAILURE() << server.error().context;
    std::abort();
  }
  server_ = *std::move(server);
  address_ = server_->address();
}

GatewayRig::~GatewayRig() {
  runtime_->run(server_->drain(std::chrono::milliseconds(0)));
  server_.reset();
  runtime_.reset();
}

RawAnswer GatewayRig::call(std::string_view method, std::string_view target,
                           std::string_view header_lines, std::string_view body) const {
  return fetch(address_, make_request(method, target, alice() + std::string(header_lines), body));
}

}  // namespace daybook::capture::testing
