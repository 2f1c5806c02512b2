// SPDX-License-Identifier: Apache-2.0
#include "account_store.h"

#include <algorithm>

#include "daybook/core/diagnostics.h"
#include "daybook/crypto/password.h"
#include "daybook/crypto/sha256.h"

#include "access_events.h"
#include "account_rules.h"

namespace daybook::access {
namespace {

// One list for ever: append only.
const std::vector<std::string> kMigrations = {R"(
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  service_account INTEGER NOT NULL CHECK (service_account IN (0, 1)),
  role TEXT NOT NULL,
  tenant TEXT,
  namespace_prefix TEXT,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE token (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account(id),
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  expires_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
)"};

constexpr std::string_view kTokenStart = "dbk_";
constexpr std::size_t kTokenRandomLength = 30;     // 178 bits.
constexpr std::size_t kTokenRandomLengthMin = 22;  // Of what is_token takes for one.
constexpr std::size_t kTokenPrefixLength = 8;      // Shown in lists: `dbk_` and 23 bits.
constexpr std::size_t kNameKeyBytes = 32;

const std::string kSelectAccount =
    "SELECT account.id, account.username, account.service_account, account.role, account.tenant,"
    " account.namespace_prefix, account.email, account.name, account.password_hash";
constexpr int kAccountColumns = 9;

Result<StoredAccount> read_account(const db::Row& row) {
  StoredAccount stored;
  stored.account.id = row.text(0);
  stored.account.username = row.text(1);
  stored.account.service_account = row.integer(2) != 0;
  DAYBOOK_ASSIGN_OR_RETURN(stored.account.role, parse_role(row.text(3)));
  stored.account.tenant = row.optional_text(4);
  stored.account.namespace_prefix = row.optional_text(5);
  stored.account.email = row.text(6);
  stored.account.name = row.text(7);
  stored.password_hash = row.text(8);
  return stored;
}

Error unreadable() {
  return Error{Errc::corrupt, "state.db holds an account with an unknown role"};
}

std::string token_hash(std::string_view token) {
  return to_hex(crypto::sha256(token));
}

}  // namespace

bool is_token(std::string_view text) {
  if (!text.starts_with(kTokenStart)) return false;
  text.remove_prefix(kTokenStart.size());
  return text.size() >= kTokenRandomLengthMin && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

Result<std::unique_ptr<AccountStore>> AccountStore::open(const std::filesystem::path& state_db,
                                                         const Clock& clock, Random& random) {
  DAYBOOK_ASSIGN_OR_RETURN(auto database, db::Database::open(state_db, kMigrations));
  std::unique_ptr<AccountStore> store(new AccountStore(std::move(database), clock, random));
  DAYBOOK_RETURN_IF_ERROR(store->load_name_key());
  return store;
}

// Made once a state.db: the same name must hash alike in entries years apart.
Status AccountStore::load_name_key() {
  Bytes fresh(kNameKeyBytes);
  random_.fill(fresh);
  DAYBOOK_RETURN_IF_ERROR(
      database_->run("INSERT INTO secret(name, value) VALUES('name_key', ?) ON CONFLICT DO NOTHING",
                     {to_hex(fresh)}));
  std::string text;
  DAYBOOK_RETURN_IF_ERROR(database_->query("SELECT value FROM secret WHERE name = 'name_key'", {},
                                           [&](const db::Row& row) { text = row.text(0); }));
  DAYBOOK_ASSIGN_OR_RETURN(name_key_, from_hex(text));
  if (name_key_.size() != kNameKeyBytes)
    return Error{Errc::corrupt, "key of names has a wrong size"};
  return {};
}

Result<Changed<Account>> AccountStore::create_user(NewUser user, const Principal& by) {
  Status status = check_user(user);
  Result<std::string> hash = std::string();
  if (status) hash = crypto::hash_password(user.password);
  crypto::wipe(user.password);
  DAYBOOK_RETURN_IF_ERROR(std::move(status));
  if (!hash) return std::move(hash).error();
  Account account;
  account.username = std::move(user.username);
  account.role = user.role;
  account.tenant = std::move(user.tenant);
  account.namespace_prefix = std::move(user.namespace_prefix);
  account.email = std::move(user.email);
  account.name = std::move(user.name);
  return insert(std::move(account), *hash, by, "/username");
}

Result<Changed<Account>> AccountStore::create_service_account(NewServiceAccount account,
                                                              const Principal& by) {
  DAYBOOK_RETURN_IF_ERROR(check_service_account(account));
  Account made;
  made.username = std::move(account.name);
  made.service_account = true;
  made.role = account.role;
  made.tenant = std::move(account.tenant);
  made.namespace_prefix = std::move(account.namespace_prefix);
  return insert(std::move(made), {}, by, "/name");
}

Result<Changed<Account>> AccountStore::insert(Account account, const std::string& password_hash,
                                              const Principal& by, const char* name_path) {
  account.id = random_id(random_);
  const Status inserted = database_->run(
      "INSERT INTO account(id, username, service_account, role, tenant, namespace_prefix, email,"
      " name, password_hash, created_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {account.id, account.username, std::int64_t{account.service_account ? 1 : 0},
       std::string(to_string(account.role)), account.tenant, account.namespace_prefix,
       account.email, account.name, password_hash, clock_.now()});
  if (!inserted) {
    if (inserted.error().code != Errc::exists) return inserted.error();
    return Error{Errc::exists, "the name is taken by a user or service account", name_path};
  }
  record::Event event = administration_event("CREATE", account, by, clock_, random_);
  return Changed<Account>{std::move(account), std::move(event)};
}

Result<Changed<NewToken>> AccountStore::create_token(const std::string& service_account,
                                                     const std::string& name,
                                                     std::optional<UnixMillis> expires_at,
                                                     const Principal& by) {
  DAYBOOK_RETURN_IF_ERROR(check_token(name, expires_at, clock_.now()));
  DAYBOOK_ASSIGN_OR_RETURN(auto owner, find_by_name(service_account));
  if (!owner) {
    DAYBOOK_ASSIGN_OR_RETURN(owner, find_by_id(service_account));
  }
  if (!owner || !owner->account.service_account) {
    return Error{Errc::not_found, "no such service account", "/serviceAccount"};
  }
  NewToken token;
  token.id = random_id(random_);
  token.full_token = std::string(kTokenStart) + random_base62(random_, kTokenRandomLength);
  token.prefix = token.full_token.substr(0, kTokenPrefixLength);
  token.expires_at = expires_at;
  DAYBOOK_RETURN_IF_ERROR(
      database_->run("INSERT INTO token(id, account, name, prefix, sha256, expires_at, created_at)"
                     " VALUES(?, ?, ?, ?, ?, ?, ?)",
                     {token.id, owner->account.id, name, token.prefix, token_hash(token.full_token),
                      expires_at ? db::Value(*expires_at) : db::Value(), clock_.now()}));
  record::Event event = administration_event("UPDATE", owner->account, by, clock_, random_);
  event.detail["tokenId"] = token.id;
  event.detail["prefix"] = token.prefix;
  if (expires_at) event.detail["expiresAt"] = format_time(*expires_at);
  return Changed<NewToken>{std::move(token), std::move(event)};
}

Result<std::vector<Account>> AccountStore::list() {
  std::vector<Account> accounts;
  bool readable = true;
  DAYBOOK_RETURN_IF_ERROR(database_->query(kSelectAccount + " FROM account ORDER BY username", {},
                                           [&](const db::Row& row) {
                                             auto stored = read_account(row);
                                             readable = readable && stored.has_value();
                                             if (stored)
                                               accounts.push_back(std::move(stored->account));
                                           }));
  if (!readable) return unreadable();
  return accounts;
}

bool AccountStore::empty() {
  bool found = false;
  const Status status = database_->query("SELECT 1 FROM account WHERE service_account = 0 LIMIT 1",
                                         {}, [&](const db::Row&) { found = true; });
  if (!status) {
    // Not the moment to make a first administrator.
    diagnose(Severity::error, "access", "cannot read accounts: " + status.error().context);
    return false;
  }
  return !found;
}

Result<std::optional<StoredAccount>> AccountStore::find_account(const char* where,
                                                                const std::string& value) {
  std::optional<StoredAccount> found;
  bool readable = true;
  DAYBOOK_RETURN_IF_ERROR(database_->query(kSelectAccount + " FROM account WHERE " + where, {value},
                                           [&](const db::Row& row) {
                                             auto stored = read_account(row);
                                             readable = stored.has_value();
                                             if (stored) found = *std::move(stored);
                                           }));
  if (!readable) return unreadable();
  return found;
}

Result<std::optional<StoredAccount>> AccountStore::find_by_name(std::string_view name) {
  return find_account("username = ?", std::string(name));
}

Result<std::optional<StoredAccount>> AccountStore::find_by_id(const std::string& id) {
  return find_account("id = ?", id);
}

Result<std::optional<StoredToken>> AccountStore::find_token(std::string_view token) {
  constexpr std::size_t kKnownMax = 1'024;
  const std::string hash = token_hash(token);
  // Asked before reading: a change that comes meanwhile makes what was read forgotten again.
  const std::uint64_t changes = database_->changes();
  {
    const std::lock_guard lock(tokens_.mutex);
    if (tokens_.changes != changes) {
      tokens_.known.clear();
      tokens_.changes = changes;
    }
    if (const auto known = tokens_.known.find(hash); known != tokens_.known.end()) {
      return std::optional(known->second);
    }
  }
  auto found = read_token(hash);
  if (found && *found) {
    const std::lock_guard lock(tokens_.mutex);
    if (tokens_.changes == changes && tokens_.known.size() < kKnownMax) {
      tokens_.known.emplace(hash, **found);
    }
  }
  return found;
}

Result<std::optional<StoredToken>> AccountStore::read_token(const std::string& hash) {
  std::optional<StoredToken> found;
  bool readable = true;
  DAYBOOK_RETURN_IF_ERROR(database_->query(
      kSelectAccount +
          ", token.id, token.expires_at IS NULL, token.expires_at"
          " FROM token JOIN account ON account.id = token.account WHERE token.sha256 = ?",
      {hash}, [&](const db::Row& row) {
        auto stored = read_account(row);
        readable = stored.has_value();
        if (!stored) return;
        found.emplace();
        found->account = *std::move(stored);
        found->id = row.text(kAccountColumns);
        if (row.integer(kAccountColumns + 1) == 0) {
          found->expires_at = row.integer(kAccountColumns + 2);
        }
      }));
  if (!readable) return unreadable();
  return found;
}

Result<std::unique_ptr<Accounts>> Accounts::open(const std::filesystem::path& state_db,
                                                 const Clock& clock, Random& random) {
  DAYBOOK_ASSIGN_OR_RETURN(auto store, AccountStore::open(state_db, clock, random));
  return std::unique_ptr<Accounts>(std::move(store));
}

}  // namespace daybook::access
