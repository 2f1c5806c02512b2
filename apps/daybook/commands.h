// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config.h"
#include "verify_request.h"

namespace daybook::app {

// The commands behind the command line; each answers the process's exit code.

int serve(Config config, const std::optional<std::filesystem::path>& config_file);
int demo(Config config);

// Where an account command acts: a data directory, or a server.
struct AccountTarget {
  std::filesystem::path data;
  std::filesystem::path keys;  // Where the signing key lies, if not in `data`.
  std::string server;          // URL; needs `token`.
  std::string token;           // Or DAYBOOK_TOKEN.
  bool json = false;
};
struct NewAccount {
  std::string name;
  std::string role;
  std::optional<std::string> tenant;
  std::string email;
  std::string full_name;
};
// The password is read from standard input up to the first line feed or the end.
int create_user(const AccountTarget& target, const NewAccount& account);
int create_service_account(const AccountTarget& target, const NewAccount& account);
// `expires` is `PnD` or empty.
int create_token(const AccountTarget& target, const std::string& service_account,
                 const std::string& expires);

// After writing had to stop, or when the ledger does not open.
int recover(const std::filesystem::path& data, std::uint64_t accept_loss, bool json);
// `keys` is where the signing key lies if not in the data directory; may be empty.
int tlog_export(const std::filesystem::path& data, const std::filesystem::path& out,
                const std::filesystem::path& keys, bool json);

// A verified copy of ledger and accounts at the latest checkpoint, beside a running server too.
int backup(const std::filesystem::path& data, const std::filesystem::path& out, bool json);
struct RestoreRequest {
  std::filesystem::path backup;
  std::filesystem::path data;        // Missing, empty, or with the keys alone.
  std::filesystem::path keys;        // Empty: `<data>/keys`.
  std::filesystem::path checkpoint;  // A file with the largest checkpoint known outside.
  bool same_origin = false;
  std::string origin;  // Of the restored ledger, if a new one begins; empty: made.
  std::string why;
};
int restore(const RestoreRequest& request, bool json);

// Whether a rule file is one; a mistake is told with line and column.
int check_rules(const std::string& file, bool json);
struct RulesTest {
  std::string method;
  std::string path;  // With query.
  std::string body;  // A file; empty: no body.
  std::string content_type;
  std::string rules;  // A file; empty: the built-in rules.
};
// What the gateway would record of a request, without sending it.
int test_rules(const RulesTest& test, bool json);

}  // namespace daybook::app
