// SPDX-License-Identifier: Apache-2.0
#include "daybook/access/authenticator.h"

#include <mutex>

#include "daybook/core/check.h"
#include "daybook/crypto/password.h"
#include "daybook/crypto/sha256.h"

#include "access_events.h"
#include "account_store.h"
#include "password_worker.h"
#include "presented.h"
#include "session_table.h"
#include "sign_in.h"

namespace daybook::access {
namespace {

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

AuthResult full_queue() {
  AuthResult result;
  result.verdict = Verdict::busy;
  result.retry_after_s = 1;
  return result;
}

class AuthenticatorImpl final : public Authenticator {
 public:
  AuthenticatorImpl(AccountStore& accounts, const Clock& clock, Random& random,
                    const AuthOptions& options)
      : accounts_(accounts),
        clock_(clock),
        random_(random),
        sign_in_(accounts, clock, random, options),
        sessions_(random, options.session_ms),
        worker_(options.password_queue_max) {
    // Ready before the first unknown user, so that not even that one takes longer.
    if (worker_.reserve()) worker_.post([this] { sign_in_.dummy_hash(); });
  }

  net::Task<AuthResult> authenticate(Credentials credentials) override;
  net::Task<LoginResult> login(std::string username, std::string password,
                               Credentials from) override;
  std::vector<record::Event> logout(const Credentials& credentials) override;
  std::optional<Session> session(const Credentials& credentials) override;
  std::vector<record::Event> take_waiting() override {
    std::vector<record::Event> events;
    sign_in_.drain(events);
    return events;
  }
  [[nodiscard]] std::string hash_name(std::string_view name) const override {
    return sign_in_.hash_name(name);
  }

 private:
  net::Task<AuthResult> check_password(PasswordAttempt attempt);
  AuthResult check_session(const Credentials& credentials);
  // A service account's name with one of its tokens as the password.
  std::optional<AuthResult> token_as_password(const Presented& presented);
  static record::Event session_event(std::string_view action, const Principal& who,
                                     const Credentials& from, const Clock& clock, Random& random);

  AccountStore& accounts_;
  const Clock& clock_;
  Random& random_;
  SignIn sign_in_;
  std::mutex sessions_mutex_;
  SessionTable sessions_;
  PasswordWorker worker_;  // Last: its jobs use the rest.
};

net::Task<AuthResult> AuthenticatorImpl::authenticate(Credentials credentials) {
  Presented presented = parse_authorization(credentials.authorization);
  crypto::wipe(credentials.authorization);
  AuthResult result;
  switch (presented.kind) {
    case Presented::Kind::none:
      result = check_session(credentials);
      break;
    case Presented::Kind::malformed:
      result = sign_in_.refuse_malformed(credentials);
      break;
    case Presented::Kind::token:
      result = sign_in_.decide_token(presented.secret, credentials);
      break;
    case Presented::Kind::password: {
      auto by_token = token_as_password(presented);
      if (by_token) {
        result = *std::move(by_token);
        break;
      }
      PasswordAttempt attempt{presented.username, presented.secret, credentials.remote_address,
                              credentials.user_agent};
      result = co_await check_password(std::move(attempt));
      break;
    }
  }
  crypto::wipe(presented.secret);
  sign_in_.report_waiting(result.events);
  co_return result;
}

net::Task<AuthResult> AuthenticatorImpl::check_password(PasswordAttempt attempt) {
  auto quick = sign_in_.decide_quickly(attempt);
  if (quick) {
    crypto::wipe(attempt.password);
    co_return *std::move(quick);
  }
  if (!worker_.reserve()) {
    crypto::wipe(attempt.password);
    co_return full_queue();
  }
  // The coroutine's frame, and `attempt` and `result` in it, outlive the job: it is what resumes
  // it.
  AuthResult result;
  std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
    worker_.post([this, &attempt, &result, resume = std::move(resume)] {
      result = worker_.stopping() ? full_queue() : sign_in_.decide_slowly(attempt);
      crypto::wipe(attempt.password);
      resume();
    });
  };
  co_await net::await_callback(std::move(start));
  co_return result;
}

std::optional<AuthResult> AuthenticatorImpl::token_as_password(const Presented& presented) {
  if (!is_token(presented.secret)) return std::nullopt;
  const auto found = accounts_.find_token(presented.secret);
  if (!found || !*found || (*found)->account.account.username != presented.username) {
    return std::nullopt;
  }
  if ((*found)->expires_at && *(*found)->expires_at <= clock_.now()) return std::nullopt;
  AuthResult result;
  result.verdict = Verdict::ok;
  result.principal = SignIn::principal_of((*found)->account.account, (*found)->id);
  return result;
}

AuthResult AuthenticatorImpl::check_session(const Credentials& credentials) {
  AuthResult result;
  const std::optional<Session> found = session(credentials);
  if (!found) return result;
  if (changes_something(credentials.method) &&
      !equal_constant_time(as_bytes(found->csrf_token), as_bytes(credentials.csrf))) {
    result.verdict = Verdict::wrong;
    return result;
  }
  result.verdict = Verdict::ok;
  result.principal = found->principal;
  return result;
}

net::Task<LoginResult> AuthenticatorImpl::login(std::string username, std::string password,
                                                Credentials from) {
  LoginResult login;
  PasswordAttempt attempt{std::move(username), password, from.remote_address, from.user_agent};
  crypto::wipe(password);
  login.auth = co_await check_password(std::move(attempt));
  sign_in_.report_waiting(login.auth.events);
  if (login.auth.verdict != Verdict::ok) co_return login;

  const Principal who = *login.auth.principal;
  const auto account = accounts_.find_by_id(who.id);
  if (!account || !*account) {
    login.auth = full_queue();
    co_return login;
  }
  SessionTable::Record record;
  record.account_id = who.id;
  record.password = crypto::sha256((*account)->password_hash);
  Session session;
  session.principal = who;
  {
    const std::lock_guard lock(sessions_mutex_);
    session.cookie = sessions_.add(record, clock_);
    const auto made = sessions_.find(session.cookie, clock_);
    DAYBOOK_CHECK(made.has_value());
    session.csrf_token = made->csrf_token;
    session.expires_at = made->expires_at;
  }
  login.auth.events.push_back(session_event("LOGIN", who, from, clock_, random_));
  login.session = std::move(session);
  co_return login;
}

std::vector<record::Event> AuthenticatorImpl::logout(const Credentials& credentials) {
  const AuthResult result = check_session(credentials);
  if (result.verdict != Verdict::ok) return {};
  {
    const std::lock_guard lock(sessions_mutex_);
    sessions_.remove(session_cookie(credentials.cookie));
  }
  std::vector<record::Event> events;
  events.push_back(session_event("LOGOUT", *result.principal, credentials, clock_, random_));
  return events;
}

std::optional<Session> AuthenticatorImpl::session(const Credentials& credentials) {
  const std::string cookie = session_cookie(credentials.cookie);
  if (cookie.empty()) return std::nullopt;
  std::optional<SessionTable::Record> record;
  {
    const std::lock_guard lock(sessions_mutex_);
    record = sessions_.find(cookie, clock_);
  }
  if (!record) return std::nullopt;
  const auto account = accounts_.find_by_id(record->account_id);
  if (!account || !*account) return std::nullopt;
  if (crypto::sha256((*account)->password_hash) != record->password) return std::nullopt;
  Session session;
  session.principal = SignIn::principal_of((*account)->account, std::nullopt);
  session.cookie = cookie;
  session.csrf_token = record->csrf_token;
  session.expires_at = record->expires_at;
  return session;
}

record::Event AuthenticatorImpl::session_event(std::string_view action, const Principal& who,
                                               const Credentials& from, const Clock& clock,
                                               Random& random) {
  record::Event event = sign_in_event(action, record::ResultWord::success, clock, random);
  set_actor(event, who);
  event.detail["id"] = who.id;
  set_origin(event, from.remote_address, from.user_agent);
  return event;
}

}  // namespace

std::unique_ptr<Authenticator> Authenticator::make(Accounts& accounts, const Clock& clock,
                                                   Random& random, AuthOptions options) {
  // Accounts has one implementation; its hashes are not for the public header.
  auto* store = dynamic_cast<AccountStore*>(&accounts);
  DAYBOOK_CHECK(store != nullptr);
  return std::make_unique<AuthenticatorImpl>(*store, clock, random, options);
}

}  // namespace daybook::access
