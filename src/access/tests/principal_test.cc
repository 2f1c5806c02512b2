// SPDX-License-Identifier: Apache-2.0
#include "daybook/access/principal.h"

#include <gtest/gtest.h>

namespace daybook::access {
namespace {

Principal who(Role role, std::optional<std::string> tenant) {
  Principal principal;
  principal.id = "id";
  principal.username = "name";
  principal.role = role;
  principal.tenant = std::move(tenant);
  return principal;
}

struct Rights {
  Role role;
  std::optional<std::string> tenant;
  // Of tenant "main", of another one, of everything.
  bool read_main, read_other, read_all, ingest_main, ingest_other, gateway, administer;
};

TEST(Roles, Matrix) {
  const Rights matrix[] = {
      {Role::admin, {}, true, true, true, true, true, true, true},
      {Role::admin, "main", true, false, false, true, false, true, false},
      {Role::auditor, {}, true, true, true, false, false, false, false},
      {Role::auditor, "main", true, false, false, false, false, false, false},
      {Role::viewer, "main", true, false, false, false, false, false, false},
      {Role::viewer, {}, false, false, false, false, false, false, false},
      {Role::writer, {}, false, false, false, true, true, false, false},
      {Role::writer, "main", false, false, false, true, false, false, false},
      {Role::gateway, {}, false, false, false, false, false, true, false},
      {Role::gateway, "main", false, false, false, false, false, true, false},
  };
  for (const Rights& rights : matrix) {
    const Principal principal = who(rights.role, rights.tenant);
    SCOPED_TRACE(std::string(to_string(rights.role)) + " " + rights.tenant.value_or("-"));
    EXPECT_EQ(may_read_tenant(principal, "main"), rights.read_main);
    EXPECT_EQ(may_read_tenant(principal, "other"), rights.read_other);
    EXPECT_EQ(may_read_everything(principal), rights.read_all);
    EXPECT_EQ(may_ingest(principal, "main"), rights.ingest_main);
    EXPECT_EQ(may_ingest(principal, "other"), rights.ingest_other);
    EXPECT_EQ(may_pass_gateway(principal), rights.gateway);
    EXPECT_EQ(may_administer(principal), rights.administer);
  }
}

TEST(Roles, WordsBothWays) {
  for (const Role role : {Role::admin, Role::auditor, Role::viewer, Role::writer, Role::gateway}) {
    EXPECT_EQ(parse_role(to_string(role)).value(), role);
  }
  for (const char* word : {"", "Admin", "root", "admin "}) {
    const auto role = parse_role(word);
    ASSERT_FALSE(role) << word;
    EXPECT_EQ(role.error().code, Errc::invalid);
    EXPECT_EQ(role.error().path, "/role");
  }
}

TEST(Submitter, SaysWhatKindOfAccountItWas) {
  Principal principal = who(Role::writer, {});
  EXPECT_EQ(principal.submitter().type, "STANDARD");
  EXPECT_EQ(principal.submitter().token_id, std::nullopt);
  principal.service_account = true;
  principal.token_id = "t";
  EXPECT_EQ(principal.submitter().type, "SERVICE_ACCOUNT");
  EXPECT_EQ(principal.submitter().id, "id");
  EXPECT_EQ(principal.submitter().username, "name");
  EXPECT_EQ(principal.submitter().token_id, "t");
  EXPECT_EQ(local_root().submitter().type, "SYSTEM");
  EXPECT_EQ(local_root().submitter().id, "local-root");
  EXPECT_TRUE(may_administer(local_root()));
}

}  // namespace
}  // namespace daybook::access
