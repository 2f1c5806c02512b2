// SPDX-License-Identifier: Apache-2.0
#include "daybook/crypto/password.h"

#include <thread>

#include <gtest/gtest.h>

namespace daybook::crypto {
namespace {

TEST(Password, VerifiesItsOwnHashAndNothingElse) {
  const std::string password("correct horse\0battery", 21);
  const std::string hash = hash_password(password).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << hash;
  EXPECT_EQ(hash.find("horse"), std::string::npos);
  EXPECT_TRUE(verify_password(password, hash));
  EXPECT_FALSE(verify_password(password + "x", hash));
  EXPECT_FALSE(verify_password("correct horse", hash));  // Up to the NUL.
  EXPECT_FALSE(verify_password("", hash));
}

TEST(Password, SaltsDiffer) {
  EXPECT_NE(hash_password("same password").value(), hash_password("same password").value());
}

TEST(Password, MalformedHashesVerifyNothing) {
  for (const std::string& hash :
       {std::string(), std::string("x"), std::string("$argon2id$"), std::string(128, '$'),
        std::string(100'000, 'a'), std::string("plain text")}) {
    EXPECT_FALSE(verify_password("plain text", hash));
  }
}

TEST(Password, ThreadsMayStartAtOnce) {
  const std::string hash = hash_password("p").value();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] { good += verify_password("p", hash) ? 1 : 0; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 3);
}

TEST(Wipe, OverwritesTheBytes) {
  std::string secret(40, 's');  // Longer than the small-string buffer, so data() stays.
  const char* at = secret.data();
  wipe(secret);
  EXPECT_TRUE(secret.empty());
  ASSERT_EQ(secret.data(), at);
  EXPECT_EQ(at[0], 0);
  std::string none;
  wipe(none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace daybook::crypto
