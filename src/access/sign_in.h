// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daybook/access/authenticator.h"

#include "account_store.h"
#include "failure_throttle.h"
#include "login_guard.h"
#include "password_cache.h"

namespace daybook::access {

// One name and password on the way to a verdict. `password` is wiped by decide_slowly or its owner.
struct PasswordAttempt {
  std::string username;
  std::string password;
  std::string address;
  std::string user_agent;
};

// The rules of signing in, without threads and network: who may, who is locked out, what is
// reported. Threads: any (one mutex around the memory of attempts; it is not held while hashing).
class SignIn {
 public:
  SignIn(AccountStore& accounts, const Clock& clock, Random& random, const AuthOptions& options);

  // A verdict that needs no slow hash: locked, or a password known to be correct. Else nothing.
  std::optional<AuthResult> decide_quickly(const PasswordAttempt& attempt);
  // Any verdict, by Argon2id if need be. One thread only.
  AuthResult decide_slowly(const PasswordAttempt& attempt);
  AuthResult decide_token(const std::string& token, const Credentials& from);
  // A wrong credential that names nobody.
  AuthResult refuse_malformed(const Credentials& from);
  // Adds what waited for its minute to end.
  void report_waiting(std::vector<record::Event>& out);
  // Adds all that waits.
  void drain(std::vector<record::Event>& out);
  [[nodiscard]] std::string hash_name(std::string_view name) const;
  // The hash that stands in for that of an unknown user. Slow at the first call; same thread as
  // decide_slowly.
  const std::string& dummy_hash();

  static Principal principal_of(const Account& account, std::optional<std::string> token_id);

 private:
  struct Origin {
    std::string address;
    std::string user_agent;
  };
  record::Event failure_event(const Account* account, const std::string& username,
                              record::ResultWord result, const Origin& origin);
  [[nodiscard]] Hash pair_key(std::string_view what, std::string_view name,
                              std::string_view address) const;

  AccountStore& accounts_;
  const Clock& clock_;
  Random& random_;
  std::string dummy_hash_;

  std::mutex mutex_;
  LoginGuard guard_;
  FailureThrottle throttle_;
  PasswordCache cache_;
};

}  // namespace daybook::access
