// SPDX-License-Identifier: Apache-2.0
#include "daybook/access/authenticator.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/db/database.h"
#include "daybook/net/runtime.h"

#include "accounts_fixture.h"

namespace daybook::access {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

std::string basic(const std::string& name, const std::string& password) {
  return "Basic " + to_base64(as_bytes(name + ":" + password));
}

template <class T>
net::Task<void> keep(net::Task<T> task, T* out) {
  *out = co_await std::move(task);
}

net::Task<void> count_verdict(net::Task<AuthResult> task, std::atomic<int>* by_verdict,
                              std::atomic<int>* open) {
  const AuthResult result = co_await std::move(task);
  ++by_verdict[static_cast<std::size_t>(result.verdict)];
  --*open;
}

class AuthenticatorTest : public AccountsFixture {
 protected:
  void SetUp() override {
    AccountsFixture::SetUp();
    runtime_ = net::Runtime::start(2);
  }
  void TearDown() override {
    runtime_.reset();
    auth_.reset();
    AccountsFixture::TearDown();
  }

  Authenticator& auth() {
    if (!auth_) auth_ = Authenticator::make(*accounts_, clock_, random_, options_);
    return *auth_;
  }

  static Credentials with(const std::string& authorization, const std::string& method = "GET") {
    Credentials credentials;
    credentials.authorization = authorization;
    credentials.method = method;
    credentials.remote_address = "192.0.2.1";
    credentials.user_agent = "test-agent/1";
    return credentials;
  }

  static Credentials with_cookie(const Session& session, const std::string& method,
                                 const std::string& csrf) {
    Credentials credentials = with("", method);
    credentials.cookie = "theme=dark; " + std::string(kSessionCookie) + "=" + session.cookie;
    credentials.csrf = csrf;
    return credentials;
  }

  AuthResult authenticate(const Credentials& credentials) {
    AuthResult result;
    runtime_->run(keep(auth().authenticate(credentials), &result));
    return result;
  }

  LoginResult login(const std::string& name, const std::string& password) {
    LoginResult result;
    runtime_->run(keep(auth().login(name, password, with("", "POST")), &result));
    return result;
  }

  static std::vector<std::string> actions(const AuthResult& result) {
    std::vector<std::string> actions;
    for (const auto& event : result.events) actions.push_back(event.action);
    return actions;
  }

  AuthOptions options_;
  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<Authenticator> auth_;
};

TEST_F(AuthenticatorTest, NothingSentIsAnonymous) {
  const AuthResult result = authenticate(with(""));
  EXPECT_EQ(result.verdict, Verdict::anonymous);
  EXPECT_FALSE(result.principal);
  EXPECT_TRUE(result.events.empty());
}

TEST_F(AuthenticatorTest, PasswordGivesThePrincipal) {
  NewUser user = new_user("vera", Role::viewer);
  user.tenant = "main";
  user.namespace_prefix = "a.b";
  user.email = "v@example.com";
  user.name = "Vera";
  const Account vera = accounts_->create_user(user, local_root())->value;
  const AuthResult result = authenticate(with(basic("vera", kPassword)));
  ASSERT_EQ(result.verdict, Verdict::ok);
  EXPECT_EQ(result.principal->id, vera.id);
  EXPECT_EQ(result.principal->username, "vera");
  EXPECT_EQ(result.principal->role, Role::viewer);
  EXPECT_EQ(result.principal->tenant, "main");
  EXPECT_EQ(result.principal->namespace_prefix, "a.b");
  EXPECT_EQ(result.principal->email, "v@example.com");
  EXPECT_EQ(result.principal->name, "Vera");
  EXPECT_FALSE(result.principal->service_account);
  EXPECT_FALSE(result.principal->token_id);
  EXPECT_TRUE(result.events.empty());  // Basic on a request is no LOGIN.
}

TEST_F(AuthenticatorTest, TokensWorkInEveryForm) {
  make_service_account("robot");
  make_user("human");
  const NewToken token = make_token("robot");
  const std::string& full = token.full_token;
  for (const std::string& header :
       {"Bearer " + full, "bearer " + full, "Basic " + to_base64(as_bytes(full)), basic(full, ""),
        basic("", full), basic("robot", full)}) {
    const AuthResult result = authenticate(with(header, "POST"));
    ASSERT_EQ(result.verdict, Verdict::ok) << header;
    EXPECT_EQ(result.principal->username, "robot");
    EXPECT_TRUE(result.principal->service_account);
    EXPECT_EQ(result.principal->token_id, token.id);
  }
  EXPECT_EQ(authenticate(with(basic("human", full))).verdict, Verdict::wrong);
  EXPECT_EQ(authenticate(with("Bearer " + full + "x")).verdict, Verdict::wrong);
  EXPECT_EQ(authenticate(with("Bearer " + token.prefix)).verdict, Verdict::wrong);
}

TEST_F(AuthenticatorTest, ExpiredTokensAreWrong) {
  const Account robot = make_service_account("robot");
  const NewToken token = make_token("robot", clock_.now() + 1'000);
  clock_.advance(999);
  EXPECT_EQ(authenticate(with("Bearer " + token.full_token)).verdict, Verdict::ok);
  clock_.advance(1);
  const AuthResult result = authenticate(with("Bearer " + token.full_token));
  EXPECT_EQ(result.verdict, Verdict::wrong);
  ASSERT_EQ(result.events.size(), 1U);
  EXPECT_EQ(result.events[0].detail.at("id"), robot.id);
  EXPECT_EQ(result.events[0].detail.at("tokenId"), token.id);
  EXPECT_EQ(authenticate(with(basic("robot", token.full_token))).verdict, Verdict::wrong);
}

TEST_F(AuthenticatorTest, MalformedHeadersAreWrongNotAnonymous) {
  for (const char* header : {"Basic !!!", "Digest x", "Bearer", "nonsense"}) {
    const AuthResult result = authenticate(with(header));
    EXPECT_EQ(result.verdict, Verdict::wrong) << header;
    EXPECT_FALSE(result.principal);
  }
}

TEST_F(AuthenticatorTest, AFailureNamesAKnownUserAndHashesAnUnknownName) {
  const Account alice = make_user("alice");
  const AuthResult known = authenticate(with(basic("alice", "canary-wrong-1")));
  EXPECT_EQ(known.verdict, Verdict::wrong);
  ASSERT_EQ(known.events.size(), 1U);
  const record::Event& event = known.events[0];
  EXPECT_EQ(event.action, "LOGIN_FAILURE");
  EXPECT_EQ(event.kind, record::Kind::event);
  EXPECT_EQ(event.tenant_id, std::nullopt);
  EXPECT_EQ(event.resource, "USER");
  EXPECT_EQ(event.source, record::Source::system);
  EXPECT_EQ(event.result, record::ResultWord::failure);
  EXPECT_EQ(event.detail.at("id"), alice.id);
  EXPECT_EQ(event.detail.at("count"), 1);
  EXPECT_EQ(event.actor.user_id, alice.id);
  EXPECT_EQ(event.actor.username, "alice");
  EXPECT_EQ(event.actor.ip_address, "192.0.2.1");
  EXPECT_EQ(event.actor.user_agent, "test-agent/1");

  const AuthResult unknown = authenticate(with(basic("canary-name", "canary-wrong-2")));
  EXPECT_EQ(unknown.verdict, Verdict::wrong);
  ASSERT_EQ(unknown.events.size(), 1U);
  EXPECT_EQ(unknown.events[0].detail.at("id"), auth().hash_name("canary-name"));
  EXPECT_EQ(unknown.events[0].actor_kind, record::ActorKind::anonymous);
  EXPECT_FALSE(unknown.events[0].actor.username);
  for (const auto* result : {&known, &unknown}) {
    const auto& actor = result->events[0].actor;
    const std::string all = result->events[0].detail.dump() + actor.username.value_or("") +
                            actor.user_agent.value_or("") + actor.subject.dump();
    EXPECT_THAT(all, Not(HasSubstr("canary")));
  }
  EXPECT_EQ(bytes_on_disk().find("canary"), std::string::npos);
}

TEST_F(AuthenticatorTest, KeyedHashOfANameIsStableAndNotThePlainHash) {
  const std::string hash = auth().hash_name("alice");
  EXPECT_THAT(hash, MatchesRegex("h:[0-9a-f]{16}"));
  EXPECT_NE(hash, auth().hash_name("bob"));
  auth_.reset();
  reopen();
  EXPECT_EQ(auth().hash_name("alice"), hash);
}

TEST_F(AuthenticatorTest, OneFailureEventAMinuteWithTheCount) {
  options_.lock_after = 100;
  make_user("alice");
  EXPECT_EQ(authenticate(with(basic("alice", "wrong-1"))).events.size(), 1U);
  EXPECT_TRUE(authenticate(with(basic("alice", "wrong-2"))).events.empty());
  EXPECT_TRUE(authenticate(with(basic("alice", "wrong-3"))).events.empty());
  clock_.advance(60'000);
  // Whoever comes first after the minute carries it.
  const AuthResult next = authenticate(with(""));
  ASSERT_EQ(next.events.size(), 1U);
  EXPECT_EQ(next.events[0].detail.at("count"), 2);
}

TEST_F(AuthenticatorTest, WaitingFailuresAreReportedAtAStop) {
  options_.lock_after = 100;
  EXPECT_TRUE(auth().take_waiting().empty());
  for (int i = 0; i < 3; ++i) authenticate(with("nonsense"));
  const auto events = auth().take_waiting();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].action, "LOGIN_FAILURE");
  EXPECT_EQ(events[0].detail.at("count"), 2);
  EXPECT_TRUE(auth().take_waiting().empty());
}

TEST_F(AuthenticatorTest, TenWrongPasswordsLockTheUserAtThatAddress) {
  make_user("alice");
  make_user("bob");
  for (const std::string name : {"alice", "nobody"}) {
    for (int i = 0; i < 9; ++i) {
      EXPECT_EQ(authenticate(with(basic(name, "wrong-password"))).verdict, Verdict::wrong);
    }
    const AuthResult tenth = authenticate(with(basic(name, "wrong-password")));
    EXPECT_EQ(tenth.verdict, Verdict::wrong);
    ASSERT_EQ(actions(tenth), std::vector<std::string>{"ACCOUNT_LOCKED"});
    EXPECT_EQ(tenth.events[0].result, record::ResultWord::denied);
    EXPECT_EQ(tenth.events[0].detail.at("seconds"), 900);
    const AuthResult locked = authenticate(with(basic(name, kPassword)));
    EXPECT_EQ(locked.verdict, Verdict::locked);
    EXPECT_EQ(locked.retry_after_s, 900);
    EXPECT_FALSE(locked.principal);
  }
  EXPECT_EQ(login("alice", kPassword).auth.verdict, Verdict::locked);
  EXPECT_EQ(authenticate(with(basic("bob", kPassword))).verdict, Verdict::ok);
  Credentials elsewhere = with(basic("alice", kPassword));
  elsewhere.remote_address = "192.0.2.2";
  EXPECT_EQ(authenticate(elsewhere).verdict, Verdict::ok);
  clock_.advance(15 * 60'000 - 1);
  EXPECT_EQ(authenticate(with(basic("alice", kPassword))).verdict, Verdict::locked);
  clock_.advance(1);
  EXPECT_EQ(authenticate(with(basic("alice", kPassword))).verdict, Verdict::ok);
}

TEST_F(AuthenticatorTest, TheLockHoldsAlsoForAPasswordThatIsCached) {
  options_.lock_after = 2;
  make_user("alice");
  EXPECT_EQ(authenticate(with(basic("alice", kPassword))).verdict, Verdict::ok);
  authenticate(with(basic("alice", "wrong-1")));
  authenticate(with(basic("alice", "wrong-2")));
  EXPECT_EQ(authenticate(with(basic("alice", kPassword))).verdict, Verdict::locked);
}

TEST_F(AuthenticatorTest, ACrowdOfGuessesAtOnceGetsNoMoreTriesThanOneByOne) {
  options_.lock_after = 3;
  options_.password_queue_max = 40;
  make_user("alice");
  std::atomic<int> verdicts[5] = {};
  std::atomic<int> open{30};
  for (int i = 0; i < 30; ++i) {
    net::spawn(runtime_->executor(),
               count_verdict(auth().authenticate(with(basic("alice", "guess" + std::to_string(i)))),
                             verdicts, &open));
  }
  while (open > 0) std::this_thread::yield();
  EXPECT_EQ(verdicts[static_cast<int>(Verdict::wrong)], 3);
  EXPECT_EQ(verdicts[static_cast<int>(Verdict::locked)], 27);
}

TEST_F(AuthenticatorTest, AFullQueueIsBusy) {
  options_.password_queue_max = 2;
  make_user("alice");
  std::atomic<int> verdicts[5] = {};
  std::atomic<int> open{20};
  for (int i = 0; i < 20; ++i) {
    net::spawn(runtime_->executor(),
               count_verdict(auth().authenticate(with(basic("user" + std::to_string(i), "guess"))),
                             verdicts, &open));
  }
  while (open > 0) std::this_thread::yield();
  EXPECT_GT(verdicts[static_cast<int>(Verdict::busy)], 0);
  EXPECT_EQ(verdicts[static_cast<int>(Verdict::busy)] + verdicts[static_cast<int>(Verdict::wrong)],
            20);
}

TEST_F(AuthenticatorTest, ACorrectPasswordIsCachedForAMinuteOnly) {
  // A queue without places: only what is cached can be answered.
  options_.password_queue_max = 1;
  make_user("alice");
  AuthResult first;
  do {  // The stand-in hash for unknown users may still take the one place.
    first = authenticate(with(basic("alice", kPassword)));
  } while (first.verdict == Verdict::busy);
  ASSERT_EQ(first.verdict, Verdict::ok);
  clock_.advance(59'000);
  // One slow attempt fills the queue; the cached password passes beside it.
  std::atomic<int> verdicts[5] = {};
  std::atomic<int> open{1};
  net::spawn(runtime_->executor(),
             count_verdict(auth().authenticate(with(basic("bob", "guess"))), verdicts, &open));
  EXPECT_EQ(authenticate(with(basic("alice", kPassword))).verdict, Verdict::ok);
  while (open > 0) std::this_thread::yield();
}

TEST_F(AuthenticatorTest, AChangedPasswordOrRoleCountsAtOnce) {
  make_user("alice", Role::auditor);
  ASSERT_EQ(authenticate(with(basic("alice", kPassword))).verdict, Verdict::ok);
  const LoginResult before = login("alice", kPassword);
  ASSERT_TRUE(before.session);
  // As another process would; its one migration is already applied.
  {
    auto raw = db::Database::open(dir_ / "state.db", {"-- one"});
    ASSERT_TRUE(raw);
    ASSERT_TRUE((*raw)->run("UPDATE account SET role = 'writer' WHERE username = 'alice'"));
    EXPECT_EQ(authenticate(with(basic("alice", kPassword))).principal->role, Role::writer);
    EXPECT_EQ(authenticate(with_cookie(*before.session, "GET", "")).principal->role, Role::writer);
    ASSERT_TRUE((*raw)->run("UPDATE account SET password_hash = 'none' WHERE username = 'alice'"));
  }
  EXPECT_EQ(authenticate(with(basic("alice", kPassword))).verdict, Verdict::wrong);
  EXPECT_EQ(authenticate(with_cookie(*before.session, "GET", "")).verdict, Verdict::anonymous);
}

TEST_F(AuthenticatorTest, LoginGivesASessionAndAnEvent) {
  const Account alice = make_user("alice");
  const LoginResult result = login("alice", kPassword);
  ASSERT_EQ(result.auth.verdict, Verdict::ok);
  ASSERT_TRUE(result.session);
  EXPECT_EQ(result.session->principal.id, alice.id);
  EXPECT_EQ(result.session->expires_at, clock_.now() + options_.session_ms);
  ASSERT_EQ(actions(result.auth), std::vector<std::string>{"LOGIN"});
  const record::Event& event = result.auth.events[0];
  EXPECT_EQ(event.kind, record::Kind::event);
  EXPECT_EQ(event.tenant_id, std::nullopt);
  EXPECT_EQ(event.actor.user_id, alice.id);
  EXPECT_EQ(event.actor.ip_address, "192.0.2.1");
  EXPECT_EQ(event.detail.at("id"), alice.id);
  EXPECT_THAT(event.detail.dump(), Not(HasSubstr(result.session->cookie)));
  EXPECT_NE(login("alice", kPassword).session->cookie, result.session->cookie);
}

TEST_F(AuthenticatorTest, LoginRefusesWrongPasswordsAndServiceAccounts) {
  make_user("alice");
  make_service_account("robot");
  const NewToken token = make_token("robot");
  for (const auto& [name, password] :
       std::vector<std::pair<std::string, std::string>>{{"alice", "wrong-password"},
                                                        {"nobody", kPassword},
                                                        {"robot", token.full_token},
                                                        {"robot", ""},
                                                        {"alice", ""},
                                                        {"", ""},
                                                        {"alice", std::string(5'000, 'x')}}) {
    const LoginResult result = login(name, password);
    EXPECT_EQ(result.auth.verdict, Verdict::wrong) << name;
    EXPECT_FALSE(result.session);
    EXPECT_FALSE(result.auth.principal);
  }
}

TEST_F(AuthenticatorTest, ACookieReadsAloneAndChangesWithItsCsrfTokenOnly) {
  make_user("alice");
  const Session session = *login("alice", kPassword).session;
  const Session other = *login("alice", kPassword).session;
  for (const char* method : {"GET", "HEAD"}) {
    EXPECT_EQ(authenticate(with_cookie(session, method, "")).verdict, Verdict::ok);
  }
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"}) {
    EXPECT_EQ(authenticate(with_cookie(session, method, "")).verdict, Verdict::wrong) << method;
    EXPECT_EQ(authenticate(with_cookie(session, method, "x")).verdict, Verdict::wrong);
    EXPECT_EQ(authenticate(with_cookie(session, method, other.csrf_token)).verdict, Verdict::wrong);
    const AuthResult good = authenticate(with_cookie(session, method, session.csrf_token));
    ASSERT_EQ(good.verdict, Verdict::ok) << method;
    EXPECT_EQ(good.principal->username, "alice");
  }
}

TEST_F(AuthenticatorTest, AuthorizationDecidesAloneWhenBothAreSent) {
  make_user("alice");
  make_user("bob");
  Credentials both = with_cookie(*login("alice", kPassword).session, "GET", "");
  both.authorization = basic("bob", kPassword);
  EXPECT_EQ(authenticate(both).principal->username, "bob");
  both.authorization = basic("bob", "wrong-password");
  EXPECT_EQ(authenticate(both).verdict, Verdict::wrong);
}

TEST_F(AuthenticatorTest, SessionsEndByLogoutExpiryAndNotByOthers) {
  make_user("alice");
  const Session first = *login("alice", kPassword).session;
  const Session second = *login("alice", kPassword).session;
  EXPECT_TRUE(auth().logout(with_cookie(first, "POST", "wrong-token")).empty());
  EXPECT_EQ(authenticate(with_cookie(first, "GET", "")).verdict, Verdict::ok);
  const auto events = auth().logout(with_cookie(first, "POST", first.csrf_token));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].action, "LOGOUT");
  EXPECT_EQ(events[0].actor.username, "alice");
  EXPECT_EQ(authenticate(with_cookie(first, "GET", "")).verdict, Verdict::anonymous);
  EXPECT_TRUE(auth().logout(with_cookie(first, "POST", first.csrf_token)).empty());
  EXPECT_EQ(authenticate(with_cookie(second, "GET", "")).verdict, Verdict::ok);
  clock_.advance(options_.session_ms);
  EXPECT_EQ(authenticate(with_cookie(second, "GET", "")).verdict, Verdict::anonymous);
  EXPECT_FALSE(auth().session(with_cookie(second, "GET", "")));
}

TEST_F(AuthenticatorTest, SessionTellsTheCsrfTokenAndExpiry) {
  make_user("alice");
  const Session made = *login("alice", kPassword).session;
  const auto read = auth().session(with_cookie(made, "GET", ""));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->csrf_token, made.csrf_token);
  EXPECT_EQ(read->expires_at, made.expires_at);
  EXPECT_EQ(read->principal.username, "alice");
  EXPECT_FALSE(auth().session(with("")));
}

}  // namespace
}  // namespace daybook::access
