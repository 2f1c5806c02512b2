// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace daybook::api {

enum class Operation : std::uint8_t {
  none,  // A path that is known but has no method.
  root,
  health,
  ready,
  metrics,
  openapi,
  ui,
  login,
  logout,
  me,
  create_user,
  create_service_account,
  create_token,
  redact,
  redactions,
  approve_redaction,
  withdraw_redaction,
  retention,
  run_retention,
  holds,
  add_hold,
  remove_hold,
  rotate_key,
  ingest,
  search,
  export_,
  find,
  history,
  aggregate,
  follow,
  entry,
  diff,
  proof,
  entries,
  evidence,
  evidence_set,
  checkpoint,
  key,
  key_rotations,
  consistency,
  tile,
};

// What a caller needs (contract section 4).
enum class Need : std::uint8_t {
  nothing,
  metrics,      // Nothing on a loopback listener, else any account.
  account,      // Any account.
  read_tenant,  // May read the tenant of the path.
  read_all,     // Reads every tenant.
  ingest,       // May write to the tenant of the path.
  administer,
};

struct Route {
  std::string_view method;  // GET answers HEAD too.
  // `{tenant}`, `{id}`, `{detailId}` take one segment, `{rest}` all that follow. No entry is called
  // like an operation: `{id}` does not take those words.
  std::string_view pattern;
  Operation operation;
  Need need;
};

[[nodiscard]] std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;  // None: path unknown (allow empty) or method not allowed.
  bool known_path = false;
  std::string allow;   // Value of Allow for a known path.
  std::string tenant;  // Percent-decoded; empty if the pattern has none.
  std::string id;      // Of `{id}` or `{detailId}`.
  std::string rest;    // Raw.
};

// Of the patterns that fit the path, the one with most fixed segments decides; the method comes
// after that, so that `POST …/search` is 405 and not an entry called «search». `path` is as
// received.
[[nodiscard]] Match match_route(std::string_view method, std::string_view path);

}  // namespace daybook::api
