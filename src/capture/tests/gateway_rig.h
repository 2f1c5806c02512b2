// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "daybook/capture/gateway.h"

#include "fake_authenticator.h"
#include "fake_kestra.h"
#include "raw_client.h"
#include "test_ledger.h"

namespace daybook::capture::testing {

// A gateway on a real socket between a raw client and a fake Kestra, over a real ledger. Accounts:
// `alice` (gateway, all tenants), `bob` (gateway, tenant team), `vera` (viewer of main).
class GatewayRig {
 public:
  // `rule_file`: instead of the built-in rules. `upstream`: instead of the fake Kestra, host:port.
  explicit GatewayRig(GatewayOptions options = {},
                      std::optional<std::filesystem::path> rule_file = std::nullopt,
                      std::string upstream = {});
  ~GatewayRig();
  GatewayRig(const GatewayRig&) = delete;
  GatewayRig& operator=(const GatewayRig&) = delete;

  // A request by alice.
  RawAnswer call(std::string_view method, std::string_view target,
                 std::string_view header_lines = "", std::string_view body = "") const;
  [[nodiscard]] static std::string alice() {
    return "Authorization: " + FakeAuthenticator::basic("alice", "s3cret-pw") + "\r\n";
  }
  [[nodiscard]] static std::string bob() {
    return "Authorization: " + FakeAuthenticator::basic("bob", "pw") + "\r\n";
  }
  [[nodiscard]] static std::string vera() {
    return "Authorization: " + FakeAuthenticator::basic("vera", "pw") + "\r\n";
  }

  [[nodiscard]] const std::string& address() const { return address_; }
  TestLedger ledger;
  FakeKestra kestra;
  FakeAuthenticator authenticator;

 private:
  net::Task<void> serve(net::Exchange& exchange) { return gateway_->handle(exchange); }

  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<net::Client> upstream_;
  std::unique_ptr<RuleBook> rules_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<net::Server> server_;
  std::string address_;
};

}  // namespace daybook::capture::testing
