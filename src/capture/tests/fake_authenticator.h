// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "daybook/access/authenticator.h"
#include "daybook/core/bytes.h"

namespace daybook::capture::testing {

// Knows whole Authorization values; everything else is wrong.
class FakeAuthenticator final : public access::Authenticator {
 public:
  // `Basic name:password` as a client sends it.
  static std::string basic(const std::string& name, const std::string& password) {
    return "Basic " + to_base64(as_bytes(name + ":" + password));
  }

  void add(const std::string& authorization, access::Principal who) {
    known_[authorization] = std::move(who);
  }
  access::Verdict when_unknown = access::Verdict::wrong;

  net::Task<access::AuthResult> authenticate(access::Credentials credentials) override {
    access::AuthResult result;
    if (credentials.authorization.empty()) {
      co_return result;
    }
    const auto found = known_.find(credentials.authorization);
    if (found == known_.end()) {
      result.verdict = when_unknown;
      result.retry_after_s = when_unknown == access::Verdict::wrong ? 0 : 900;
      record::Event failure;
      failure.action = "LOGIN_FAILURE";
      failure.resource = "USER";
      failure.source = record::Source::gateway;
      failure.result = record::ResultWord::denied;
      result.events.push_back(std::move(failure));
      co_return result;
    }
    result.verdict = access::Verdict::ok;
    result.principal = found->second;
    co_return result;
  }
  net::Task<access::LoginResult> login(std::string, std::string, access::Credentials) override {
    co_return access::LoginResult{};
  }
  std::vector<record::Event> logout(const access::Credentials&) override { return {}; }
  std::optional<access::Session> session(const access::Credentials&) override {
    return std::nullopt;
  }
  [[nodiscard]] std::string hash_name(std::string_view name) const override {
    return "h:" + std::to_string(std::hash<std::string_view>{}(name) % 1'000'000);
  }

 private:
  std::map<std::string, access::Principal> known_;
};

}  // namespace daybook::capture::testing
