// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "daybook/evidence/verify.h"

#include "evidence_page.h"
#include "live_server.h"

namespace daybook::api {
namespace {

using record::Json;

class EvidenceTest : public LiveServerTest {
 protected:
  static void SetUpTestSuite() {
    LiveServerTest::SetUpTestSuite();
    for (int i = 0; i < 6; ++i) {
      ingest("alpha", event("a" + std::to_string(i), i % 2 == 0 ? "FLOW" : "EXECUTION"));
      ingest("beta", event("b" + std::to_string(i), "FLOW"));
    }
  }
  static Json event(const std::string& id, const std::string& resource) {
    return {{"id", id},
            {"type", "UPDATE"},
            {"resource", resource},
            {"detail", {{"namespace", "company.team"}}},
            {"message", "</script><b>"},
            {"user", {{"id", "u1"}, {"username", "jane"}}}};
  }
  // The document, if it verifies.
  static Json verified(const net::Response& response) {
    EXPECT_EQ(response.head.status, 200U) << response.body;
    const evidence::Report report = evidence::verify(response.body, {});
    EXPECT_TRUE(report.ok) << evidence::to_json(report).dump();
    return json_of(response);
  }
  static net::Response ask(const std::string& tenant, const Json& body) {
    return server->post("/api/v1/" + tenant + "/auditlogs/evidence", auditor, body);
  }
  static std::string event_text(const Json& item) { return item.at("parts").at("event").dump(); }
};

TEST_F(EvidenceTest, OfOneEntry) {
  const Json document = verified(server->get("/api/v1/alpha/auditlogs/a1/evidence", viewer));
  EXPECT_EQ(document.at("format"), "daybook-evidence/1");
  const Json& item = document.at("items").at(0);
  EXPECT_EQ(document.at("items").size(), 1U);
  EXPECT_EQ(item.at("id"), "a1");
  EXPECT_FALSE(item.contains("checkpoint"));
  EXPECT_FALSE(item.contains("keys"));
  const Json& selection = document.at("selection");
  EXPECT_EQ(selection.at("filters"), "id=a1");
  EXPECT_EQ(selection.at("from"), item.at("index"));
  EXPECT_EQ(selection.at("treeSize"), item.at("proof").at("treeSize"));
  EXPECT_EQ(selection.at("complete"), false);
}

TEST_F(EvidenceTest, OfAnEntryOfAnyKind) {
  ASSERT_EQ(server->get("/api/v1/alpha/auditlogs/search", auditor).head.status, 200U);
  ingest("alpha", event("after-the-search", "TRIGGER"));  // Durable after the entry about it.
  const Json rows =
      json_of(server->get("/api/v1/auditlogs/search?kind=system&size=1", auditor)).at("results");
  const std::string id = rows.at(0).at("auditLog").at("id");
  verified(server->get("/api/v1/auditlogs/" + id + "/evidence", auditor));
}

TEST_F(EvidenceTest, OfAFilteredSet) {
  const Json document = verified(ask("alpha", {{"filters", "resource=FLOW"}, {"complete", false}}));
  ASSERT_EQ(document.at("items").size(), 3U);
  EXPECT_EQ(document.at("items").at(2).at("id"), "a4");
  EXPECT_EQ(document.at("scope"), (Json{{"tenant", "alpha"}}));
  EXPECT_EQ(document.at("selection").at("filters"), "resource=FLOW");
}

TEST_F(EvidenceTest, ACompleteSetHoldsEveryLeafOfItsRange) {
  const Json document = verified(ask("alpha", {{"filters", "resource=FLOW"}, {"complete", true}}));
  const Json& selection = document.at("selection");
  EXPECT_EQ(selection.at("from"), 0);
  EXPECT_EQ(selection.at("to"), selection.at("treeSize"));
  EXPECT_EQ(document.at("items").size(), selection.at("to").get<std::size_t>());
  std::size_t shown = 0;
  for (const Json& item : document.at("items")) {
    if (item.contains("id")) {
      ++shown;
      continue;
    }
    for (const char* part : {"event", "actor", "change"}) {
      const Json& hidden = item.at("parts").at(part);
      EXPECT_EQ(hidden.at("state"), "withheld");
      EXPECT_EQ(hidden.size(), 2U) << "neither bytes nor salt: " << hidden.dump();
    }
  }
  EXPECT_EQ(shown, 3U);
  const Json some = verified(ask("alpha", {{"complete", true}, {"from", 2}, {"to", 5}}));
  EXPECT_EQ(some.at("items").size(), 3U);
  EXPECT_EQ(some.at("items").at(0).at("index"), 2);
}

TEST_F(EvidenceTest, PartsCanBeWithheld) {
  const Json one =
      verified(server->get("/api/v1/alpha/auditlogs/a1/evidence?disclose=event,change", viewer));
  const Json& parts = one.at("items").at(0).at("parts");
  EXPECT_EQ(parts.at("actor").at("state"), "withheld");
  EXPECT_FALSE(parts.at("actor").contains("salt"));
  EXPECT_TRUE(parts.at("change").contains("salt"));
  const Json set = verified(ask("alpha", {{"filters", "username=jane"}, {"disclose", "event"}}));
  EXPECT_EQ(set.dump().find("jane"), set.dump().rfind("jane")) << "only in the filters";
}

TEST_F(EvidenceTest, OfAnEarlierTreeAndSinceOne) {
  const Json now = verified(ask("alpha", {{"filters", "id=a0"}}));
  const auto size = now.at("selection").at("treeSize").get<std::uint64_t>();
  ingest("alpha", event("later-" + std::to_string(size), "TRIGGER"));
  const Json then = verified(ask("alpha", {{"filters", "id=a0"}, {"treeSize", size}}));
  EXPECT_EQ(then.at("checkpoint"), now.at("checkpoint"));
  const net::Response since = ask("alpha", {{"filters", "id=a0"}, {"since", size}});
  verified(since);
  evidence::VerifyOptions options;
  options.saved_checkpoint = now.at("checkpoint");
  EXPECT_EQ(evidence::verify(since.body, options).anchored_to, size);
}

TEST_F(EvidenceTest, RightsAreThoseOfReads) {
  const Json body = {{"filters", ""}};
  EXPECT_EQ(server->get("/api/v1/alpha/auditlogs/a1/evidence", writer).head.status, 403U);
  EXPECT_EQ(server->get("/api/v1/beta/auditlogs/b1/evidence", viewer).head.status, 403U);
  EXPECT_EQ(server->get("/api/v1/beta/auditlogs/a1/evidence", auditor).head.status, 404U);
  EXPECT_EQ(server->post("/api/v1/beta/auditlogs/evidence", viewer, body).head.status, 403U);
  EXPECT_EQ(server->post("/api/v1/auditlogs/evidence", viewer, body).head.status, 403U);
  const Json all =
      verified(server->post("/api/v1/auditlogs/evidence", auditor, {{"filters", "resource=FLOW"}}));
  EXPECT_GE(all.at("items").size(), 9U);
}

TEST_F(EvidenceTest, AreRecordedAsReads) {
  verified(ask("alpha", {{"filters", "id=a3"}}));
  ingest("alpha", event("after-the-read", "TRIGGER"));  // Durable after the entry about it.
  const Json rows = json_of(server->get(
      "/api/v1/auditlogs/search?kind=system&details[operation]=evidence&size=100", auditor));
  bool found = false;
  for (const Json& row : rows.at("results")) {
    const Json& detail = row.at("auditLog").at("detail");
    found = found || (detail.value("filters", "") == "id=a3" && detail.at("tenant") == "alpha");
  }
  EXPECT_TRUE(found);
}

TEST_F(EvidenceTest, BadRequestsAreNamed) {
  for (const auto& [body, path] : std::initializer_list<std::pair<Json, std::string>>{
           {{{"filters", "page=1"}}, "/filters"},
           {{{"filters", "timeRange=PT1H"}}, "/filters"},
           {{{"filters", 1}}, "/filters"},
           {{{"complete", "yes"}}, "/complete"},
           {{{"disclose", "actor"}}, "/disclose"},
           {{{"format", "pdf"}}, "/format"},
           {{{"from", 5}, {"to", 2}}, "/to"},
           {{{"to", 1'000'000}}, "/to"},
           {{{"since", 0}}, "/since"},
           {{{"more", 1}}, "/more"}}) {
    const net::Response response = ask("alpha", body);
    EXPECT_EQ(response.head.status, 422U) << body.dump();
    EXPECT_EQ(json_of(response).at("_embedded").at("errors").at(0).at("path"), path);
  }
  EXPECT_EQ(server->get("/api/v1/alpha/auditlogs/a1/evidence?disclose=change", viewer).head.status,
            422U);
  EXPECT_EQ(server->get("/api/v1/alpha/auditlogs/a1/evidence?treeSize=1000000", viewer).head.status,
            404U);
}

TEST_F(EvidenceTest, APageCarriesTheSameEvidence) {
  const net::Response response =
      server->get("/api/v1/alpha/auditlogs/a1/evidence?format=html", viewer);
  if (evidence_page().head.empty()) {
    EXPECT_EQ(response.head.status, 404U);  // A build without the web pages.
    return;
  }
  ASSERT_EQ(response.head.status, 200U) << response.body;
  EXPECT_EQ(response.head.headers.get("Content-Type"), "text/html; charset=utf-8");
  const auto document = evidence::document_of(response.body);
  ASSERT_TRUE(document.has_value());
  const evidence::Report report = evidence::verify(*document, {});
  EXPECT_TRUE(report.ok) << evidence::to_json(report).dump();
}

TEST(PageText, EndsNoScript) {
  EXPECT_EQ(page_text("{\"a\":\"</script>\"}"), "{\"a\":\"\\u003c/script>\"}");
}

}  // namespace
}  // namespace daybook::api
