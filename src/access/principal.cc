// SPDX-License-Identifier: Apache-2.0
#include "daybook/access/principal.h"

#include <array>
#include <utility>

namespace daybook::access {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 5> kRoles = {{
    {Role::admin, "admin"},
    {Role::auditor, "auditor"},
    {Role::viewer, "viewer"},
    {Role::writer, "writer"},
    {Role::gateway, "gateway"},
}};

constexpr std::string_view kLocalRoot = "local-root";

bool is_for(const Principal& who, std::string_view tenant) {
  return !who.tenant || *who.tenant == tenant;
}

}  // namespace

std::string_view to_string(Role role) {
  for (const auto& [value, word] : kRoles) {
    if (value == role) return word;
  }
  return "viewer";
}

Result<Role> parse_role(std::string_view word) {
  for (const auto& [value, known] : kRoles) {
    if (known == word) return value;
  }
  return Error{Errc::invalid, "role is one of admin, auditor, viewer, writer, gateway", "/role"};
}

record::Submitter Principal::submitter() const {
  record::Submitter submitter;
  submitter.id = id;
  submitter.username = username;
  submitter.type = service_account ? "SERVICE_ACCOUNT" : "STANDARD";
  if (id == kLocalRoot) submitter.type = "SYSTEM";
  submitter.token_id = token_id;
  return submitter;
}

bool may_read_tenant(const Principal& who, std::string_view tenant) {
  switch (who.role) {
    case Role::admin:
    case Role::auditor:
      return is_for(who, tenant);
    case Role::viewer:
      return who.tenant && *who.tenant == tenant;
    case Role::writer:
    case Role::gateway:
      return false;
  }
  return false;
}

bool may_read_everything(const Principal& who) {
  return (who.role == Role::admin || who.role == Role::auditor) && !who.tenant;
}

bool may_ingest(const Principal& who, std::string_view tenant) {
  return (who.role == Role::admin || who.role == Role::writer) && is_for(who, tenant);
}

bool may_pass_gateway(const Principal& who) {
  return who.role == Role::admin || who.role == Role::gateway;
}

bool may_administer(const Principal& who) {
  return who.role == Role::admin && !who.tenant;
}

Principal local_root() {
  Principal root;
  root.id = kLocalRoot;
  root.username = kLocalRoot;
  root.role = Role::admin;
  return root;
}

}  // namespace daybook::access
