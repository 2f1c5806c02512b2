// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "daybook/evidence/verify.h"

#include "live_server.h"

namespace daybook::api {
namespace {

using record::Json;

class ErasureApiTest : public LiveServerTest {
 protected:
  static Json event(const std::string& id, const std::string& user) {
    return {
        {"id", id},
        {"type", "UPDATE"},
        {"resource", "FLOW"},
        {"detail", {{"namespace", "company.team"}}},
        {"user", {{"id", user}, {"username", user + "-name"}, {"email", user + "@example.org"}}}};
  }
  static std::uint64_t total(const std::string& query) {
    return json_of(server->get("/api/v1/alpha/auditlogs/search?" + query, auditor)).at("total");
  }
};

TEST_F(ErasureApiTest, OnlyAdministratorsMay) {
  const Json body{{"index", 0}, {"parts", {"actor"}}, {"reason", "r"}};
  for (const std::string& who : {writer, auditor, viewer}) {
    EXPECT_EQ(server->post("/api/v1/redactions", who, body).head.status, 403U);
    EXPECT_EQ(server->get("/api/v1/redactions", who).head.status, 403U);
    EXPECT_EQ(server->get("/api/v1/holds", who).head.status, 403U);
    EXPECT_EQ(server->post("/api/v1/retention/run", who, Json::object()).head.status, 403U);
  }
  EXPECT_EQ(server->post("/api/v1/redactions", "", body).head.status, 401U);
}

TEST_F(ErasureApiTest, AnErasedPersonIsFoundNoMoreAndTheRowShowsTheMark) {
  ingest("alpha", event("p1", "gone"));
  ingest("alpha", event("p2", "stays"));
  const net::Response proof = server->get("/api/v1/alpha/auditlogs/p1/proof?format=json", viewer);
  EXPECT_EQ(total("userId=gone"), 1U);
  const net::Response done = server->post("/api/v1/redactions", server->admin,
                                          {{"person", {"gone"}}, {"reason", "request 1"}});
  ASSERT_EQ(done.head.status, 200U) << done.body;
  EXPECT_EQ(json_of(done).at("entries"), 1);
  EXPECT_EQ(total("userId=gone"), 0U);
  EXPECT_EQ(total("q=gone-name"), 0U);
  EXPECT_EQ(total("userId=stays"), 1U);
  const Json row =
      json_of(server->get("/api/v1/alpha/auditlogs/search?id=p1&expand=daybook", auditor))
          .at("results")
          .at(0);
  EXPECT_EQ(row.at("daybook").at("erased"), Json::array({"actor"}));
  EXPECT_EQ(row.dump().find("gone@"), std::string::npos);
  const Json values =
      json_of(server->get("/api/v1/alpha/auditlogs/aggregate?by=userId&like=gone", auditor));
  EXPECT_TRUE(values.at("groups").empty()) << values.dump();
  const net::Response csv = server->get("/api/v1/alpha/auditlogs/export?format=csv", auditor);
  EXPECT_EQ(csv.body.find("gone"), std::string::npos);
  const net::Response evidence = server->get("/api/v1/alpha/auditlogs/p1/evidence", auditor);
  const evidence::Report report = evidence::verify(evidence.body, {});
  EXPECT_TRUE(report.ok) << evidence::to_json(report).dump();
  const Json item = json_of(evidence).at("items").at(0);
  EXPECT_EQ(item.at("parts").at("actor").at("state"), "erased");
  EXPECT_TRUE(item.at("parts").at("event").contains("salt"));
  // The leaf is the one that the proof made before speaks of.
  EXPECT_NE(proof.body.find(item.at("leafHash").get<std::string>()), std::string::npos);
}

TEST_F(ErasureApiTest, HoldsAreMadeNamedInTheRefusalAndEnded) {
  ingest("alpha", event("h1", "held"));
  const net::Response made =
      server->post("/api/v1/holds", server->admin,
                   {{"tenant", "alpha"}, {"filters", "userId=held"}, {"reason", "case 1"}});
  ASSERT_EQ(made.head.status, 201U) << made.body;
  const auto id = json_of(made).at("id").get<std::string>();
  const Json body{{"person", {"held"}}, {"reason", "r"}};
  const net::Response refused = server->post("/api/v1/redactions", server->admin, body);
  EXPECT_EQ(refused.head.status, 409U);
  EXPECT_NE(refused.body.find(id), std::string::npos);
  EXPECT_EQ(json_of(server->get("/api/v1/holds", server->admin)).at("holds").size(), 1U);
  LiveServer::Request ended;
  ended.method = "DELETE";
  ended.target = "/api/v1/holds/" + id;
  ended.token = server->admin;
  EXPECT_EQ(server->send(ended).head.status, 422U);  // No reason.
  ended.target += "?reason=over";
  EXPECT_EQ(server->send(ended).head.status, 200U);
  EXPECT_EQ(server->send(ended).head.status, 404U);
  EXPECT_EQ(server->post("/api/v1/redactions", server->admin, body).head.status, 200U);
}

TEST_F(ErasureApiTest, BadBodiesAreRefusedByName) {
  const net::Response bad =
      server->post("/api/v1/redactions", server->admin, {{"index", 0}, {"reason", "r"}});
  EXPECT_EQ(bad.head.status, 422U);
  EXPECT_NE(bad.body.find("/parts"), std::string::npos) << bad.body;
  EXPECT_EQ(server->post("/api/v1/retention/run", server->admin, {{"dry", true}}).head.status,
            422U);
  EXPECT_EQ(
      server->post("/api/v1/redactions/none/approve", server->admin, Json::object()).head.status,
      404U);
  const net::Response run =
      server->post("/api/v1/retention/run", server->admin, {{"dryRun", true}});
  EXPECT_EQ(run.head.status, 200U);
  EXPECT_EQ(json_of(run).at("status"), "dry-run");
  EXPECT_EQ(json_of(server->get("/api/v1/retention", server->admin)).at("policies"), Json::array());
}

}  // namespace
}  // namespace daybook::api
