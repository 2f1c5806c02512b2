// SPDX-License-Identifier: Apache-2.0
#include "daybook/access/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "account_store.h"
#include "accounts_fixture.h"

namespace daybook::access {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class AccountsTest : public AccountsFixture {
 protected:
  // Error code and path of a refused user.
  std::string refusal(const NewUser& user) {
    const auto made = accounts_->create_user(user, local_root());
    return made ? "made" : std::string(to_string(made.error().code)) + " " + made.error().path;
  }
  std::string refusal(const NewServiceAccount& account) {
    const auto made = accounts_->create_service_account(account, local_root());
    return made ? "made" : std::string(to_string(made.error().code)) + " " + made.error().path;
  }
};

TEST_F(AccountsTest, FirstStartIsWhenThereIsNoUser) {
  EXPECT_TRUE(accounts_->empty());
  make_service_account("ci");
  EXPECT_TRUE(accounts_->empty());
  make_user("admin");
  EXPECT_FALSE(accounts_->empty());
  reopen();
  EXPECT_FALSE(accounts_->empty());
}

TEST_F(AccountsTest, KeepsWhatWasGivenAcrossReopening) {
  NewUser user = new_user("vera", Role::viewer);
  user.tenant = "main";
  user.namespace_prefix = "company.team";
  user.email = "vera@example.com";
  user.name = "Vera";
  const auto vera = accounts_->create_user(user, local_root());
  ASSERT_TRUE(vera);
  make_service_account("ci");
  reopen();
  const auto accounts = accounts_->list();
  ASSERT_TRUE(accounts);
  ASSERT_EQ(accounts->size(), 2U);
  const Account& ci = accounts->at(0);
  EXPECT_EQ(ci.username, "ci");
  EXPECT_TRUE(ci.service_account);
  EXPECT_EQ(ci.role, Role::writer);
  EXPECT_EQ(ci.tenant, std::nullopt);
  const Account& read = accounts->at(1);
  EXPECT_EQ(read.id, vera->value.id);
  EXPECT_EQ(read.username, "vera");
  EXPECT_FALSE(read.service_account);
  EXPECT_EQ(read.role, Role::viewer);
  EXPECT_EQ(read.tenant, "main");
  EXPECT_EQ(read.namespace_prefix, "company.team");
  EXPECT_EQ(read.email, "vera@example.com");
  EXPECT_EQ(read.name, "Vera");
  EXPECT_THAT(read.id, MatchesRegex("[0-9A-Za-z]{22}"));
  EXPECT_NE(read.id, ci.id);
}

TEST_F(AccountsTest, NamesAreUniqueAcrossBothKinds) {
  make_user("taken");
  make_service_account("robot");
  EXPECT_EQ(refusal(new_user("taken")), "exists /username");
  EXPECT_EQ(refusal(new_user("robot")), "exists /username");
  NewServiceAccount account;
  account.name = "taken";
  EXPECT_EQ(refusal(account), "exists /name");
  EXPECT_EQ(refusal(new_user("Taken")), "made");  // Byte by byte.
}

TEST_F(AccountsTest, RefusesNamesThatCannotSignInOrMislead) {
  std::string longest;
  for (int i = 0; i < 128; ++i) longest += "\xc3\xa9";
  EXPECT_EQ(refusal(new_user(longest)), "made");
  for (const std::string& name :
       {std::string(), std::string("a:b"), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\x7f"), std::string("a\xc2\x85"), std::string("\xff"), longest + "x",
        std::string("local-root")}) {
    EXPECT_EQ(refusal(new_user(name)), "invalid /username") << name;
    NewServiceAccount account;
    account.name = name;
    EXPECT_EQ(refusal(account), "invalid /name") << name;
  }
}

TEST_F(AccountsTest, RefusesFieldsByName) {
  const auto with = [&](const auto& change) {
    NewUser user = new_user("u");
    change(user);
    return refusal(user);
  };
  EXPECT_EQ(with([](NewUser& u) { u.password = "1234567"; }), "invalid /password");
  EXPECT_EQ(with([](NewUser& u) { u.password = std::string(1'025, 'x'); }), "invalid /password");
  EXPECT_EQ(with([](NewUser& u) { u.password = "stray-line-end\r"; }), "invalid /password");
  EXPECT_EQ(with([](NewUser& u) { u.password = "latin-1 \xe9 text"; }), "invalid /password");
  EXPECT_EQ(with([](NewUser& u) { u.role = Role::viewer; }), "invalid /tenant");
  EXPECT_EQ(with([](NewUser& u) { u.tenant = "UPPER"; }), "invalid /tenant");
  EXPECT_EQ(with([](NewUser& u) { u.tenant = ""; }), "invalid /tenant");
  EXPECT_EQ(with([](NewUser& u) { u.namespace_prefix = "a"; }), "invalid /namespace");
  EXPECT_EQ(with([](NewUser& u) { u.email = "a\nb"; }), "invalid /email");
  EXPECT_EQ(with([](NewUser& u) { u.name = std::string(257, 'x'); }), "invalid /name");
  NewServiceAccount account;
  account.name = "s";
  account.role = Role::viewer;
  EXPECT_EQ(refusal(account), "invalid /tenant");
  account.tenant = "main";
  account.namespace_prefix = "";
  EXPECT_EQ(refusal(account), "invalid /namespace");
  EXPECT_TRUE(accounts_->list()->empty());
}

TEST_F(AccountsTest, TokensHaveTheirFormAndBelongToServiceAccounts) {
  const Account robot = make_service_account("robot");
  make_user("human");
  const NewToken token = make_token("robot");
  EXPECT_THAT(token.full_token, MatchesRegex("dbk_[0-9A-Za-z]{30}"));
  EXPECT_TRUE(token.full_token.starts_with(token.prefix));
  EXPECT_EQ(token.prefix.size(), 8U);
  EXPECT_EQ(token.expires_at, std::nullopt);
  EXPECT_NE(make_token(robot.id).full_token, token.full_token);
  for (const char* owner : {"human", "nobody", ""}) {
    const auto refused = accounts_->create_token(owner, "ci", {}, local_root());
    ASSERT_FALSE(refused) << owner;
    EXPECT_EQ(refused.error().code, Errc::not_found);
    EXPECT_EQ(refused.error().path, "/serviceAccount");
  }
}

TEST_F(AccountsTest, TokensRefuseExpiryInThePastAndOddNames) {
  make_service_account("robot");
  const auto past = accounts_->create_token("robot", "ci", clock_.now(), local_root());
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().code, Errc::invalid);
  EXPECT_EQ(past.error().path, "/expiresAt");
  const auto name = accounts_->create_token("robot", "a\nb", {}, local_root());
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().path, "/name");
  EXPECT_EQ(make_token("robot", clock_.now() + 1).expires_at, clock_.now() + 1);
}

TEST_F(AccountsTest, EventsNamePeopleByIdInDetailAndByNameInTheActorPart) {
  Principal admin;
  admin.id = "admin-id";
  admin.username = "root-name";
  admin.email = "root@example.com";
  admin.role = Role::admin;
  NewUser user = new_user("vera", Role::viewer);
  user.tenant = "main";
  user.email = "vera@example.com";
  user.name = "Vera V";
  const auto made = accounts_->create_user(user, admin);
  ASSERT_TRUE(made);
  const record::Event& event = made->event;
  EXPECT_EQ(event.kind, record::Kind::system);
  EXPECT_EQ(event.tenant_id, std::nullopt);
  EXPECT_EQ(event.resource, "USER");
  EXPECT_EQ(event.action, "CREATE");
  EXPECT_EQ(event.source, record::Source::system);
  EXPECT_EQ(event.result, record::ResultWord::success);
  EXPECT_EQ(event.date, clock_.now());
  EXPECT_TRUE(record::is_entry_id(event.id));
  EXPECT_EQ(event.detail.at("id"), made->value.id);
  EXPECT_EQ(event.detail.at("role"), "viewer");
  EXPECT_EQ(event.detail.at("tenant"), "main");
  EXPECT_THAT(event.detail.dump(), Not(HasSubstr("vera")));
  EXPECT_THAT(event.detail.dump(), Not(HasSubstr("Vera")));
  EXPECT_EQ(event.actor.subject.at("username"), "vera");
  EXPECT_EQ(event.actor.subject.at("email"), "vera@example.com");
  EXPECT_EQ(event.actor.subject.at("name"), "Vera V");
  EXPECT_EQ(event.actor.user_id, "admin-id");
  EXPECT_EQ(event.actor.username, "root-name");
  ASSERT_TRUE(event.actor.submitter);
  EXPECT_EQ(event.actor.submitter->id, "admin-id");
}

TEST_F(AccountsTest, TokenEventsTellIdAndPrefixNeverTheToken) {
  const Account robot = make_service_account("robot");
  const auto made = accounts_->create_token("robot", "ci", clock_.now() + 86'400'000, local_root());
  ASSERT_TRUE(made);
  const record::Event& event = made->event;
  EXPECT_EQ(event.resource, "SERVICE_ACCOUNT");
  EXPECT_EQ(event.action, "UPDATE");
  EXPECT_EQ(event.actor_kind, record::ActorKind::system);
  EXPECT_EQ(event.detail.at("id"), robot.id);
  EXPECT_EQ(event.detail.at("tokenId"), made->value.id);
  EXPECT_EQ(event.detail.at("prefix"), made->value.prefix);
  EXPECT_EQ(event.detail.at("expiresAt"), format_time(clock_.now() + 86'400'000));
  EXPECT_THAT(event.detail.dump(), Not(HasSubstr(made->value.full_token)));
}

TEST_F(AccountsTest, NoSecretReachesTheDisk) {
  make_user("alice");
  make_service_account("robot");
  const NewToken token = make_token("robot");
  const std::string before = bytes_on_disk();
  reopen();
  for (const std::string& bytes : {before, bytes_on_disk()}) {
    EXPECT_THAT(bytes, HasSubstr("alice"));
    EXPECT_THAT(bytes, HasSubstr("$argon2id$"));
    EXPECT_EQ(bytes.find(kPassword), std::string::npos);
    EXPECT_EQ(bytes.find(token.full_token), std::string::npos);
    EXPECT_EQ(bytes.find(token.full_token.substr(8)), std::string::npos);
  }
}

TEST_F(AccountsTest, ErrorsNeverRepeatAPassword) {
  make_user("alice");
  NewUser again = new_user("alice");
  NewUser bad = new_user("bad:name");
  again.password = bad.password = "canary-password-41";
  for (const NewUser& user : {again, bad}) {
    const auto refused = accounts_->create_user(user, local_root());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, Not(HasSubstr("canary")));
    EXPECT_THAT(refused.error().context, Not(HasSubstr("bad:name")));
  }
  EXPECT_EQ(bytes_on_disk().find("canary"), std::string::npos);
}

TEST_F(AccountsTest, StoreFindsByNameIdAndToken) {
  const Account alice = make_user("alice");
  const Account robot = make_service_account("robot");
  const NewToken token = make_token("robot", clock_.now() + 5);
  accounts_.reset();
  auto store = AccountStore::open(dir_ / "state.db", clock_, random_).value();
  EXPECT_EQ(store->find_by_name("alice").value()->account.id, alice.id);
  EXPECT_EQ(store->find_by_id(robot.id).value()->account.username, "robot");
  EXPECT_TRUE(store->find_by_id(robot.id).value()->password_hash.empty());
  EXPECT_FALSE(store->find_by_name("Alice").value());
  EXPECT_FALSE(store->find_by_name("alice' OR '1'='1").value());
  EXPECT_FALSE(store->find_by_id("alice").value());
  const auto found = store->find_token(token.full_token).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, token.id);
  EXPECT_EQ(found->expires_at, clock_.now() + 5);
  EXPECT_EQ(found->account.account.id, robot.id);
  EXPECT_FALSE(store->find_token(token.prefix).value());
  EXPECT_FALSE(store->find_token(token.full_token + "x").value());
}

}  // namespace
}  // namespace daybook::access
