// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/core/result.h"
#include "daybook/record/event.h"

namespace daybook::access {

enum class Role : std::uint8_t {
  admin,    // Everything.
  auditor,  // Reads all tenants.
  viewer,   // Reads one tenant, optionally one namespace tree.
  writer,   // Ingests; may be tied to a tenant.
  gateway,  // May pass the gateway; reads rows whose submitter it is.
};
[[nodiscard]] std::string_view to_string(Role role);
Result<Role> parse_role(std::string_view word);

// Who a request is by, after authentication.
struct Principal {
  std::string id;  // auditLog.userId of all it does.
  std::string username;
  bool service_account = false;
  Role role = Role::viewer;
  std::optional<std::string> tenant;            // Absent: all tenants.
  std::optional<std::string> namespace_prefix;  // Viewers only.
  std::optional<std::string> token_id;
  std::string email;
  std::string name;

  [[nodiscard]] record::Submitter submitter() const;
};

// What a role may. An account tied to a tenant has its rights in that tenant only, also an admin.
// Of one tenant everything; a gateway account's right to rows it submitted is not meant here, and a
// viewer's namespace_prefix is up to the caller.
[[nodiscard]] bool may_read_tenant(const Principal& who, std::string_view tenant);
[[nodiscard]] bool may_read_everything(const Principal& who);  // entries, all-tenant reads
[[nodiscard]] bool may_ingest(const Principal& who, std::string_view tenant);
[[nodiscard]] bool may_pass_gateway(const Principal& who);
[[nodiscard]] bool may_administer(const Principal& who);

// The one behind control.sock.
[[nodiscard]] Principal local_root();

}  // namespace daybook::access
