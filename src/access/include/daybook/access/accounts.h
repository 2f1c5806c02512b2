// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daybook/access/principal.h"
#include "daybook/core/clock.h"
#include "daybook/core/random.h"
#include "daybook/core/result.h"

namespace daybook::access {

struct NewUser {
  std::string username;
  std::string password;  // 8 to 1,024 bytes of UTF-8, no control characters; wiped after hashing.
  Role role = Role::viewer;
  std::optional<std::string> tenant;
  std::optional<std::string> namespace_prefix;
  std::string email;
  std::string name;
};

struct NewServiceAccount {
  std::string name;
  Role role = Role::writer;
  std::optional<std::string> tenant;
  std::optional<std::string> namespace_prefix;
};

// A user or a service account, without its secrets.
struct Account {
  std::string id;  // 22 base62.
  std::string username;
  bool service_account = false;
  Role role = Role::viewer;
  std::optional<std::string> tenant;
  std::optional<std::string> namespace_prefix;
  std::string email;
  std::string name;
};

struct NewToken {
  std::string id;
  std::string prefix;      // Shown for ever.
  std::string full_token;  // Shown once; only its SHA-256 is stored.
  std::optional<UnixMillis> expires_at;
};

// The outcome of a change, and the event to append about it.
template <class T>
struct Changed {
  T value;
  record::Event event;
};

// Accounts in `state.db`. Every change answers with the account and an event to append (resource
// USER or SERVICE_ACCOUNT; kind system; people by id only, their names in actor.subject). Names: 1
// to 128 characters, no control characters, no colon, unique among users and service accounts
// together, compared byte by byte. Errors: Errc::exists (name taken), Errc::invalid (`path` names
// the field), Errc::not_found. Threads: any. create_user hashes a password (about 60 ms): not on a
// network thread.
class Accounts {
 public:
  static Result<std::unique_ptr<Accounts>> open(const std::filesystem::path& state_db,
                                                const Clock& clock, Random& random);
  virtual ~Accounts() = default;
  virtual Result<Changed<Account>> create_user(NewUser user, const Principal& by) = 0;
  virtual Result<Changed<Account>> create_service_account(NewServiceAccount account,
                                                          const Principal& by) = 0;
  // `service_account` is a name or an id.
  virtual Result<Changed<NewToken>> create_token(const std::string& service_account,
                                                 const std::string& name,
                                                 std::optional<UnixMillis> expires_at,
                                                 const Principal& by) = 0;
  virtual Result<std::vector<Account>> list() = 0;
  [[nodiscard]] virtual bool empty() = 0;  // No user yet: first start.
  // What was overwritten in state.db is gone from its write-ahead log as well.
  virtual Status forget_overwritten() = 0;
};

}  // namespace daybook::access
