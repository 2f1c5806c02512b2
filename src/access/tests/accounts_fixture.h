// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "daybook/access/accounts.h"
#include "daybook/core_testing/manual_clock.h"

namespace daybook::access {

constexpr const char* kPassword = "correct-horse-battery";

// A state.db of its own for each test.
class AccountsFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "/daybook_access_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    reopen();
  }
  void TearDown() override {
    accounts_.reset();
    std::filesystem::remove_all(dir_);
  }

  void reopen() {
    accounts_.reset();
    auto opened = Accounts::open(dir_ / "state.db", clock_, random_);
    ASSERT_TRUE(opened.has_value());
    accounts_ = *std::move(opened);
  }

  static NewUser new_user(const std::string& username, Role role = Role::auditor) {
    NewUser user;
    user.username = username;
    user.password = kPassword;
    user.role = role;
    return user;
  }

  Account make_user(const std::string& username, Role role = Role::auditor) {
    auto made = accounts_->create_user(new_user(username, role), local_root());
    EXPECT_TRUE(made.has_value());
    return made->value;
  }

  Account make_service_account(const std::string& name) {
    NewServiceAccount account;
    account.name = name;
    auto made = accounts_->create_service_account(account, local_root());
    EXPECT_TRUE(made.has_value());
    return made->value;
  }

  NewToken make_token(const std::string& owner, std::optional<UnixMillis> expires_at = {}) {
    auto made = accounts_->create_token(owner, "ci", expires_at, local_root());
    EXPECT_TRUE(made.has_value());
    return made->value;
  }

  // Every byte of every file beside state.db.
  [[nodiscard]] std::string bytes_on_disk() const {
    std::string bytes;
    for (const auto& entry : std::filesystem::directory_iterator(dir_)) {
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }

  testing::ManualClock clock_;
  testing::SeededRandom random_{1};
  std::filesystem::path dir_;
  std::unique_ptr<Accounts> accounts_;
};

}  // namespace daybook::access
