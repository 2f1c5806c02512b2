// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/access/accounts.h"
#include "daybook/core/bytes.h"
#include "daybook/db/database.h"

namespace daybook::access {

struct StoredAccount {
  Account account;
  std::string password_hash;  // Empty for service accounts.
};

struct StoredToken {
  std::string id;
  std::optional<UnixMillis> expires_at;
  StoredAccount account;
};

// Accounts with what the Authenticator needs besides: hashes. Only here may they be read.
// Every look-up reads the database, or what was read of it since its last change, so that a change
// counts from the next request on. A lock keeps every other process from changing it meanwhile.
class AccountStore final : public Accounts {
 public:
  static Result<std::unique_ptr<AccountStore>> open(const std::filesystem::path& state_db,
                                                    const Clock& clock, Random& random);

  Result<Changed<Account>> create_user(NewUser user, const Principal& by) override;
  Result<Changed<Account>> create_service_account(NewServiceAccount account,
                                                  const Principal& by) override;
  Result<Changed<NewToken>> create_token(const std::string& service_account,
                                         const std::string& name,
                                         std::optional<UnixMillis> expires_at,
                                         const Principal& by) override;
  Result<std::vector<Account>> list() override;
  bool empty() override;
  Status forget_overwritten() override { return database_->run("PRAGMA wal_checkpoint(TRUNCATE)"); }

  Result<std::optional<StoredAccount>> find_by_name(std::string_view name);
  Result<std::optional<StoredAccount>> find_by_id(const std::string& id);
  // By the SHA-256 of the whole token: what the look-up's time tells is about a hash, not the
  // token.
  Result<std::optional<StoredToken>> find_token(std::string_view token);
  [[nodiscard]] ByteSpan name_key() const { return name_key_; }

 private:
  AccountStore(std::unique_ptr<db::Database> database, const Clock& clock, Random& random)
      : database_(std::move(database)), clock_(clock), random_(random) {}
  Status load_name_key();
  // Tokens looked up since the last change of anything, by hash.
  struct TokenMemory {
    std::mutex mutex;
    std::uint64_t changes = 0;
    std::map<std::string, StoredToken, std::less<>> known;
  };
  Result<std::optional<StoredToken>> read_token(const std::string& hash);
  Result<std::optional<StoredAccount>> find_account(const char* where, const std::string& value);
  Result<Changed<Account>> insert(Account account, const std::string& password_hash,
                                  const Principal& by, const char* name_path);

  std::unique_ptr<db::Database> database_;
  const Clock& clock_;
  Random& random_;
  Bytes name_key_;
  TokenMemory tokens_;
};

// Whether `text` has the form of a token (`dbk_` and at least 22 base62 characters).
[[nodiscard]] bool is_token(std::string_view text);

}  // namespace daybook::access
