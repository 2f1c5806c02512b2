// SPDX-License-Identifier: Apache-2.0
// Whose request it is when proxies stand in front, and why it was made.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "gateway_rig.h"

namespace daybook::capture {
namespace {

using record::Kind;
using record::ResultWord;
using testing::answer;
using testing::GatewayRig;

const std::string kPath = "/api/v1/main/flows/a.b/hello";
const net::Networks kHere = net::Networks::parse({"127.0.0.0/8"}).value();
const net::Networks kElsewhere = net::Networks::parse({"192.0.2.0/24"}).value();

std::string recorded_address(const net::Networks& trusted) {
  GatewayOptions options;
  options.trusted_proxies = trusted;
  GatewayRig rig(options);
  rig.kestra.on("DELETE " + kPath, answer(204, ""));
  rig.call("DELETE", kPath, "X-Forwarded-For: 203.0.113.9\r\n");
  EXPECT_EQ(rig.kestra.seen().at(0).head.headers.get("X-Forwarded-For"),
            "203.0.113.9, 127.0.0.1");  // Whoever said it, the chain goes on.
  return rig.ledger.entries(Kind::outcome).at(0).actor.ip_address.value_or("");
}

TEST(GatewayIdentity, AddressesAreThoseThatTrustedProxiesName) {
  EXPECT_EQ(recorded_address(kHere), "203.0.113.9");
  EXPECT_EQ(recorded_address(kElsewhere), "127.0.0.1");
  EXPECT_EQ(recorded_address({}), "127.0.0.1");
}

TEST(GatewayIdentity, AHeaderNamesTheUserFromNamedNetworksOnly) {
  for (const bool named : {true, false}) {
    GatewayOptions options;
    options.identity = Identity::headers;
    options.header_networks = named ? kHere : kElsewhere;
    options.user_header = "X-Auth-User";
    GatewayRig rig(options);
    rig.kestra.on("DELETE " + kPath, answer(204, ""));
    const auto got = testing::fetch(
        rig.address(), testing::make_request("DELETE", kPath, "x-auth-user: ana.lopez\r\n", ""));
    EXPECT_EQ(got.status, named ? 204 : 401);
    const auto outcomes = rig.ledger.entries(Kind::outcome);
    ASSERT_EQ(outcomes.size(), named ? 1U : 0U);
    if (named) {
      EXPECT_EQ(outcomes[0].actor.username, "ana.lopez");
      EXPECT_EQ(outcomes[0].actor.submitter->id, "gateway");
      EXPECT_FALSE(rig.kestra.seen().at(0).head.headers.contains("X-Auth-User"));
    } else {
      // Spoofed: ignored beside a login of daybook's, and not forwarded.
      EXPECT_EQ(rig.call("DELETE", kPath, "X-Auth-User: ana.lopez\r\n").status, 204);
      EXPECT_EQ(rig.ledger.entries(Kind::outcome).at(0).actor.username, "alice");
      EXPECT_FALSE(rig.kestra.seen().at(0).head.headers.contains("X-Auth-User"));
    }
  }
}

TEST(GatewayIdentity, TwoNamesAreNone) {
  GatewayOptions options;
  options.identity = Identity::headers;
  options.header_networks = kHere;
  GatewayRig rig(options);
  const auto got = testing::fetch(
      rig.address(),
      testing::make_request("DELETE", kPath, "X-Forwarded-User: a\r\nX-Forwarded-User: b\r\n", ""));
  EXPECT_EQ(got.status, 401);
  EXPECT_TRUE(rig.kestra.seen().empty());
}

TEST(GatewayIdentity, WhoActsAsSomebodyElseIsNamedBesideThem) {
  GatewayOptions options;
  options.identity = Identity::passthrough;
  GatewayRig rig(options);
  const std::string fields =
      "Authorization: " + testing::FakeAuthenticator::basic("root@acme", "pw") +
      "\r\nX-Kestra-Impersonate: jane@acme\r\n";
  for (const unsigned status : {204U, 403U}) {
    rig.kestra.on("DELETE " + kPath, answer(status, ""));
    testing::fetch(rig.address(), testing::make_request("DELETE", kPath, fields, ""));
  }
  EXPECT_EQ(rig.kestra.seen().at(0).head.headers.get("X-Kestra-Impersonate"), "jane@acme");
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].actor.username, "jane@acme");
  EXPECT_EQ(outcomes[0].actor.impersonated_by, "root@acme");
  EXPECT_EQ(outcomes[1].actor.username, "root@acme");  // Kestra did not let it happen.
  EXPECT_FALSE(outcomes[1].actor.impersonated_by.has_value());
}

// Under Kestra's shared credential nobody may act as somebody else.
TEST(GatewayIdentity, ImpersonationNeedsAnOwnCredential) {
  GatewayRig rig;
  rig.kestra.on("DELETE " + kPath, answer(204, ""));
  rig.call("DELETE", kPath, "X-Kestra-Impersonate: jane\r\n");
  EXPECT_FALSE(rig.kestra.seen().at(0).head.headers.contains("X-Kestra-Impersonate"));
  EXPECT_EQ(rig.ledger.entries(Kind::outcome).at(0).actor.username, "alice");
}

class Reasons : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "reasons-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "rules.yaml") << R"(version: demanding
words: [flows]
rules:
  - {name: deleteFlow, match: "DELETE ~/flows/{namespace}/{id}", resource: FLOW, action: DELETE,
     reason: true, detail: {id: path.id}}
  - {name: updateFlow, match: "PUT ~/flows/{namespace}/{id}", resource: FLOW, action: UPDATE}
)";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(Reasons, ARuleMayDemandOne) {
  GatewayRig rig({}, folder_ / "rules.yaml");
  rig.kestra.on("DELETE " + kPath, answer(204, ""));
  const auto refused = rig.call("DELETE", kPath);
  EXPECT_EQ(refused.status, 428);
  EXPECT_EQ(refused.field("X-Daybook-Executed"), "false");
  EXPECT_EQ(rig.call("DELETE", kPath, "X-Daybook-Reason: \r\n").status, 428);
  EXPECT_TRUE(rig.kestra.seen().empty());
  const auto denied = rig.ledger.entries(Kind::event);
  ASSERT_EQ(denied.size(), 2U);
  EXPECT_EQ(denied[0].result, ResultWord::denied);
  EXPECT_EQ(denied[0].status, "428");
  EXPECT_EQ(denied[0].actor.username, "alice");

  EXPECT_EQ(rig.call("DELETE", kPath, "X-Daybook-Reason: ticket 4711\r\n").status, 204);
  EXPECT_EQ(rig.call("DELETE", kPath + "?daybookReason=not%20used%20any%20more").status, 204);
  ASSERT_EQ(rig.kestra.seen().size(), 2U);
  EXPECT_FALSE(rig.kestra.seen()[0].head.headers.contains("X-Daybook-Reason"));
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].reason, "ticket 4711");
  EXPECT_EQ(outcomes[1].reason, "not used any more");
  EXPECT_EQ(rig.ledger.entries(Kind::attempt).at(0).reason, "ticket 4711");
}

TEST_F(Reasons, AreKeptWhereNobodyDemandsThem) {
  GatewayRig rig({}, folder_ / "rules.yaml");
  rig.kestra.on("PUT " + kPath, answer(200, "{}"));
  EXPECT_EQ(rig.call("PUT", kPath, "X-Daybook-Reason: because\r\n", "{}").status, 200);
  EXPECT_EQ(rig.ledger.entries(Kind::outcome).at(0).reason, "because");
}

}  // namespace
}  // namespace daybook::capture
