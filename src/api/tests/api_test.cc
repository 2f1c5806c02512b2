// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/ledger/merkle.h"
#include "daybook/record/parts.h"

#include "live_server.h"

namespace daybook::api {
namespace {

using record::Json;

class ApiTest : public LiveServerTest {
 protected:
  static Json event(const std::string& id, Json more = Json::object()) {
    Json out = {{"id", id},
                {"type", "UPDATE"},
                {"resource", "FLOW"},
                {"detail", {{"id", "hello"}, {"namespace", "company.team"}, {"revision", 2}}},
                {"user", {{"id", "u1"}, {"username", "jane"}}}};
    out.update(more);
    return out;
  }
  static void expect_error(const net::Response& response, unsigned status,
                           const std::string& path = "") {
    ASSERT_EQ(response.head.status, status) << response.body;
    const Json body = json_of(response);
    EXPECT_TRUE(body.at("message").is_string());
    EXPECT_TRUE(body.at("_links").at("self").at("href").is_string());
    const Json& first = body.at("_embedded").at("errors").at(0);
    EXPECT_TRUE(first.at("message").is_string());
    EXPECT_TRUE(first.at("path").is_string());
    if (!path.empty()) {
      EXPECT_EQ(first.at("path"), path);
    }
  }
  static std::string header(const net::Response& response, std::string_view name) {
    return std::string(response.head.headers.get(name).value_or("(none)"));
  }
};

TEST_F(ApiTest, OpenPathsNeedNoLogin) {
  const net::Response health = server->get("/health");
  EXPECT_EQ(health.head.status, 200U);
  EXPECT_EQ(json_of(health).at("status"), "ok");
  EXPECT_EQ(json_of(health).at("version"), DAYBOOK_VERSION);
  for (const char* path : {"/ready", "/openapi.yaml", "/ui/", "/ui/main/audit", "/tlog/checkpoint",
                           "/tlog/key", "/daybook/health"}) {
    EXPECT_EQ(server->get(path).head.status, 200U) << path;
    EXPECT_EQ(server->get(path, "wrong").head.status, 401U) << path;
  }
  EXPECT_EQ(header(server->get("/"), "Location"), "/ui/");
  EXPECT_EQ(header(server->get("/daybook/ui"), "Location"), "/daybook/ui/");
}

TEST_F(ApiTest, TheUiIsServedSafely) {
  const net::Response index = server->get("/ui/");
  EXPECT_NE(header(index, "Content-Security-Policy").find("frame-ancestors 'none'"),
            std::string::npos);
  EXPECT_EQ(header(index, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(index, "Cache-Control"), "no-cache");
  expect_error(server->get("/ui/missing.js"), 404);
  expect_error(server->get("/ui/..%2f..%2fetc%2fpasswd.txt"), 404);
}

TEST_F(ApiTest, ChallengesWhoeverSentNothing) {
  for (const char* path : {"/api/v1/main/auditlogs/search", "/api/v1/auditlogs/entries",
                           "/api/v1/me", "/metrics", "/api/v1/main/auditlogs/x/proof"}) {
    const net::Response response = server->get(path);
    expect_error(response, 401);
    EXPECT_EQ(header(response, "WWW-Authenticate"), "Basic realm=\"daybook\", Bearer") << path;
  }
  LiveServer::Request script;
  script.target = "/api/v1/me";
  script.headers = {{"X-Requested-With", "XMLHttpRequest"}};
  EXPECT_EQ(header(server->send(script), "WWW-Authenticate"), "Bearer");
}

TEST_F(ApiTest, UnknownPathsAndMethods) {
  expect_error(server->get("/nothing"), 404);
  expect_error(server->get("/api/v1/main/flows", auditor), 404);
  for (const auto& [method, path, allow] :
       {std::tuple{"DELETE", "/api/v1/main/auditlogs/search", "GET, HEAD"},
        {"GET", "/api/v1/main/auditlogs", "POST"},
        {"POST", "/tlog/checkpoint", "GET, HEAD"},
        {"POST", "/api/v1/auditlogs", ""}}) {
    LiveServer::Request request;
    request.method = method;
    request.target = path;
    const net::Response response = server->send(request);
    expect_error(response, 405);
    EXPECT_EQ(header(response, "Allow"), allow);
  }
}

TEST_F(ApiTest, WhatIsStoredIsFoundByTheNextSearch) {
  for (int i = 0; i < 5; ++i) {
    const std::string id = "found-" + std::to_string(i);
    ingest("found", event(id));
    const net::Response response = server->get("/api/v1/found/auditlogs/search", auditor);
    ASSERT_EQ(response.head.status, 200U) << response.body;
    const Json page = json_of(response);
    EXPECT_EQ(page.at("total"), i + 1);
    EXPECT_FALSE(page.contains("next"));
    EXPECT_GT(page.at("treeSize").get<int>(), i);
    const Json& row = page.at("results").at(0);
    EXPECT_EQ(row.at("auditLog").at("id"), id);
    EXPECT_EQ(row.at("auditLog").at("tenantId"), "found");
    EXPECT_EQ(row.at("auditLog").at("detail").at("resource"), "FLOW");
    EXPECT_EQ(row.at("user").at("username"), "jane");
    EXPECT_FALSE(row.contains("daybook"));
  }
}

TEST_F(ApiTest, KeysetPagesListEveryEntryOnce) {
  Json many = Json::array();
  for (int i = 0; i < 25; ++i) {
    many.push_back(event("page-" + std::to_string(i)));
  }
  ingest("pages", many);
  std::string before = "9007199254740991";
  std::vector<int> indexes;
  for (int calls = 0; calls < 10; ++calls) {
    const Json page = json_of(server->get(
        "/api/v1/pages/auditlogs/search?expand=daybook&size=7&before=" + before, auditor));
    for (const Json& row : page.at("results")) {
      indexes.push_back(row.at("daybook").at("index").get<int>());
    }
    if (page.at("next").is_null()) {
      break;
    }
    before = page.at("next").dump();
  }
  ASSERT_EQ(indexes.size(), 25U);
  for (std::size_t i = 1; i < indexes.size(); ++i) {
    EXPECT_EQ(indexes[i], indexes[i - 1] - 1);
  }
}

TEST_F(ApiTest, BadParametersAreNamed) {
  ingest("params", event("params-1"));
  expect_error(server->get("/api/v1/params/auditlogs/search?nonsense=1", auditor), 422, "nonsense");
  expect_error(server->get("/api/v1/params/auditlogs/search?size=0", auditor), 422, "size");
  expect_error(server->get("/api/v1/params/auditlogs/search?treeSize=99999999", auditor), 422,
               "treeSize");
  expect_error(server->get("/api/v1/params/auditlogs/export?format=xml", auditor), 422, "format");
  expect_error(server->get("/api/v1/params/auditlogs/params-1/proof?format=xml", auditor), 422,
               "format");
  expect_error(server->get("/api/v1/params/auditlogs/params-1?x=1", auditor), 422, "x");
  expect_error(server->get("/api/v1/auditlogs/entries?limit=10001", auditor), 422, "limit");
  expect_error(server->get("/api/v1/auditlogs/entries?from=-1", auditor), 422, "from");
  expect_error(server->get("/tlog/consistency?from=1&to=99999999"), 422, "to");
  expect_error(server->get("/tlog/consistency?from=0&to=1"), 422);
  expect_error(server->get("/tlog/consistency?from=01&to=1"), 422);
  expect_error(server->get("/api/v1/params/auditlogs/params-1/diff?previousId=", auditor), 422,
               "previousId");
}

TEST_F(ApiTest, RolesAndTenants) {
  ingest("alpha", event("roles-1"));
  ingest("beta", event("roles-2"));
  EXPECT_EQ(server->get("/api/v1/alpha/auditlogs/search", viewer).head.status, 200U);
  for (const char* tenant : {"beta", "nowhere", "Not%20A%20Tenant"}) {
    const std::string base = "/api/v1/" + std::string(tenant) + "/auditlogs/";
    for (const char* path : {"search", "export", "roles-2", "missing", "roles-2/proof"}) {
      expect_error(server->get(base + path, viewer), 403);
    }
  }
  expect_error(server->get("/api/v1/auditlogs/search", viewer), 403);
  expect_error(server->get("/api/v1/auditlogs/entries", viewer), 403);
  expect_error(server->get("/api/v1/alpha/auditlogs/search", writer), 403);
  expect_error(server->post("/api/v1/alpha/auditlogs", viewer, event("roles-3")), 403);
  expect_error(server->post("/api/v1/alpha/auditlogs", auditor, event("roles-3")), 403);
  expect_error(server->get("/api/v1/nowhere/auditlogs/search", auditor), 404);
  expect_error(server->get("/api/v1/Not%20A%20Tenant/auditlogs/search", auditor), 422);
  expect_error(server->post("/api/v1/BAD/auditlogs", writer, event("roles-3")), 422);
  expect_error(server->post("/api/v1/users", auditor, Json::object()), 403);
}

TEST_F(ApiTest, NarrowAccountsSeeTheirRowsOnly) {
  ingest("narrow", Json::array({event("narrow-1"),
                                event("narrow-2", {{"detail", {{"namespace", "company.teams"}}}}),
                                event("narrow-3", {{"detail", {{"namespace", "company.team.x"}}}}),
                                event("narrow-4", {{"detail", Json::object()}})}));
  ASSERT_EQ(server
                ->post("/api/v1/service-accounts", server->admin,
                       {{"name", "narrow"},
                        {"role", "viewer"},
                        {"tenant", "narrow"},
                        {"namespace", "company.team"}})
                .head.status,
            201U);
  const std::string token =
      json_of(server->post("/api/v1/tokens", server->admin, {{"serviceAccount", "narrow"}}))
          .at("fullToken");
  const std::string base = "/api/v1/narrow/auditlogs/";
  EXPECT_EQ(json_of(server->get(base + "search", token)).at("total"), 2);
  EXPECT_EQ(json_of(server->get(base + "export?format=json", token)).size(), 2U);
  EXPECT_EQ(json_of(server->post(base + "find", token, Json::object())).at("total"), 2);
  EXPECT_EQ(server->get(base + "narrow-3/proof", token).head.status, 200U);
  for (const char* path :
       {"narrow-2", "narrow-2/proof", "narrow-4/diff", "narrow-1/diff?previousId=narrow-2"}) {
    expect_error(server->get(base + path, token), 404);
  }

  const std::string gateway = server->token_for("gate", access::Role::gateway);
  EXPECT_EQ(json_of(server->get(base + "search", gateway)).at("total"), 0);
  expect_error(server->get(base + "narrow-1", gateway), 404);
  expect_error(server->get("/api/v1/auditlogs/search", gateway), 403);
}

TEST_F(ApiTest, DenialsAndReadsAreRecorded) {
  ingest("watched", event("watched-1"));
  expect_error(server->get("/api/v1/watched/auditlogs/watched-1/proof", viewer), 403);
  EXPECT_EQ(server->get("/api/v1/watched/auditlogs/watched-1", auditor).head.status, 200U);
  ingest("watched", event("watched-2"));  // Durable after the two above.
  const Json page = json_of(server->get(
      "/api/v1/auditlogs/search?filters[kind][EQUALS]=system&details[tenant]=watched&size=100"
      "&expand=daybook",
      auditor));
  ASSERT_EQ(page.at("total"), 2) << page.dump();
  const Json& read = page.at("results").at(0);
  EXPECT_EQ(read.at("auditLog").at("type"), "READ");
  EXPECT_EQ(read.at("auditLog").at("detail").at("resource"), "AUDITLOG");
  EXPECT_EQ(read.at("auditLog").at("detail").at("entryId"), "watched-1");
  EXPECT_FALSE(read.at("auditLog").contains("tenantId"));
  const Json& denied = page.at("results").at(1);
  EXPECT_EQ(denied.at("daybook").at("result"), "DENIED");
  EXPECT_EQ(denied.at("user").at("username"), "viewer");
}

TEST_F(ApiTest, OneEntry) {
  ingest("single", event("single-1"));
  const Json row = json_of(server->get("/api/v1/single/auditlogs/single-1", auditor));
  EXPECT_EQ(row.at("auditLog").at("id"), "single-1");
  EXPECT_EQ(row.at("daybook").at("kind"), "event");
  EXPECT_EQ(row.at("daybook").at("submitter").at("username"), "writer");
  expect_error(server->get("/api/v1/single/auditlogs/missing", auditor), 404);
  expect_error(server->get("/api/v1/single/auditlogs/%00%ff", auditor), 404);
  expect_error(server->get("/api/v1/auditlogs/single-1", auditor), 404);
}

// Recomputes everything a proof claims from its parts upward.
void expect_proves(const Json& proof) {
  std::string leaf(1, '\x01');
  record::Commitments commitments{};
  int k = 0;
  for (const char* name : {"event", "actor", "change"}) {
    const Json& part = proof.at("parts").at(name);
    const Bytes bytes = from_base64(part.at("bytes").get<std::string>()).value();
    const Bytes salt_bytes = from_base64(part.at("salt").get<std::string>()).value();
    record::Salt salt{};
    ASSERT_EQ(salt_bytes.size(), salt.size());
    std::copy(salt_bytes.begin(), salt_bytes.end(), salt.begin());
    commitments.at(static_cast<std::size_t>(k)) =
        record::commit(static_cast<record::Part>(k + 1), salt, as_text(bytes));
    EXPECT_EQ(part.at("commitment"), to_hex(commitments.at(static_cast<std::size_t>(k))));
    ++k;
  }
  EXPECT_EQ(proof.at("leaf"), to_base64(record::leaf_data(commitments)));
  EXPECT_EQ(proof.at("leafHash"), to_hex(record::leaf_hash(commitments)));
  std::vector<Hash> hashes;
  for (const Json& hash : proof.at("proof").at("hashes")) {
    const Bytes bytes = from_base64(hash.get<std::string>()).value();
    std::copy_n(bytes.begin(), 32, hashes.emplace_back().begin());
  }
  EXPECT_TRUE(ledger::verify_inclusion(
      proof.at("index").get<std::uint64_t>(), proof.at("proof").at("treeSize").get<std::uint64_t>(),
      record::leaf_hash(commitments), hashes,
      hash_from_hex(proof.at("proof").at("rootHash").get<std::string>()).value()));
  const auto note = proof.at("checkpoint").get<std::string>();
  EXPECT_TRUE(note.starts_with(proof.at("origin").get<std::string>() + "\n" +
                               proof.at("proof").at("treeSize").dump() + "\n"));
}

TEST_F(ApiTest, ProofsHoldAtOnce) {
  const Json receipt = ingest("proofs", event("proof-1"));
  const Json proof =
      json_of(server->get("/api/v1/proofs/auditlogs/proof-1/proof?format=json", auditor));
  EXPECT_EQ(proof.at("id"), "proof-1");
  EXPECT_EQ(proof.at("index"), receipt.at("results").at(0).at("index"));
  EXPECT_EQ(proof.at("leafHash"), receipt.at("results").at(0).at("leafHash"));
  expect_proves(proof);
  std::string keys;
  for (const Json& key : proof.at("keys")) {
    keys += key.get<std::string>() + "\n";
  }
  EXPECT_EQ(server->get("/tlog/key").body, keys);

  const std::string size = proof.at("proof").at("treeSize").dump();
  const Json again = json_of(
      server->get("/api/v1/proofs/auditlogs/proof-1/proof?format=json&treeSize=" + size, auditor));
  EXPECT_EQ(again.at("checkpoint"), proof.at("checkpoint"));
  expect_error(server->get("/api/v1/proofs/auditlogs/proof-1/proof?treeSize=0", auditor), 404);
  expect_error(server->get("/api/v1/proofs/auditlogs/proof-1/proof?treeSize=9999999", auditor),
               404);

  const net::Response text = server->get("/api/v1/proofs/auditlogs/proof-1/proof", auditor);
  EXPECT_TRUE(text.body.starts_with("c2sp.org/tlog-proof@v1\n"));
  EXPECT_TRUE(header(text, "Content-Type").starts_with("text/plain"));
}

TEST_F(ApiTest, EntriesAreTheWholeLedger) {
  ingest("whole", Json::array({event("whole-1"), event("whole-2")}));
  const net::Response response =
      server->get("/api/v1/auditlogs/entries?from=0&limit=10000", auditor);
  ASSERT_EQ(response.head.status, 200U);
  EXPECT_EQ(header(response, "Content-Type"), "application/x-ndjson");
  std::uint64_t expected = 0;
  std::size_t begin = 0;
  for (std::size_t end; (end = response.body.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const Json line = record::parse_json(response.body.substr(begin, end - begin)).value();
    EXPECT_EQ(line.at("index"), expected++);
    EXPECT_FALSE(line.contains("proof"));
    EXPECT_EQ(line.at("parts").size(), 3U);
  }
  EXPECT_EQ(begin, response.body.size());
  EXPECT_GE(expected, 2U);
  EXPECT_EQ(server->get("/api/v1/auditlogs/entries?from=99999999", auditor).body, "");
}

TEST_F(ApiTest, ExportsAreComplete) {
  Json many = Json::array();
  for (int i = 0; i < 700; ++i) {
    many.push_back(event("export-" + std::to_string(i)));
  }
  ingest("exports", many);
  const net::Response csv = server->get("/api/v1/exports/auditlogs/export", auditor);
  ASSERT_EQ(csv.head.status, 200U);
  EXPECT_EQ(header(csv, "Content-Type"), "text/csv; charset=utf-8");
  EXPECT_NE(header(csv, "X-Daybook-Tree-Size"), "(none)");
  EXPECT_NE(header(csv, "Content-Disposition").find("attachment"), std::string::npos);
  EXPECT_EQ(std::count(csv.body.begin(), csv.body.end(), '\n'), 701);
  EXPECT_LT(csv.body.find("\r\nexport-699,"), csv.body.find("\r\nexport-0,"));

  const net::Response ndjson =
      server->get("/api/v1/exports/auditlogs/export?format=ndjson&expand=daybook", auditor);
  EXPECT_EQ(std::count(ndjson.body.begin(), ndjson.body.end(), '\n'), 700);
  const Json rows = json_of(server->get("/api/v1/exports/auditlogs/export?format=json", auditor));
  EXPECT_EQ(rows.size(), 700U);
  EXPECT_EQ(rows.at(0).at("auditLog").at("id"), "export-699");
  EXPECT_EQ(json_of(server->get("/api/v1/exports/auditlogs/export?format=json&type=NONE", auditor)),
            Json::array());
}

TEST_F(ApiTest, FindHistoryDiff) {
  ingest("past", Json::array({event("past-1", {{"before", {{"a", 1}}}, {"after", {{"a", 2}}}}),
                              event("past-2", {{"before", "x: 1\n"}, {"after", "x: 2\n"}}),
                              event("past-3", {{"resource", "EXECUTION"}})}));
  const std::string base = "/api/v1/past/auditlogs";
  const Json found = json_of(
      server->post(base + "/find", auditor,
                   {{"resource", "FLOW"}, {"type", nullptr}, {"detail", {{"revision", "2"}}}}));
  EXPECT_EQ(found.at("total"), 2);
  EXPECT_EQ(found.at("auditLog"), found.at("results").at(0).at("auditLog"));
  EXPECT_EQ(json_of(server->post(base + "/find", auditor, {{"resource", "NONE"}})),
            Json({{"results", Json::array()}, {"total", 0}}));
  expect_error(server->post(base + "/find", auditor, {{"resourc", "FLOW"}}), 422, "/resourc");

  const Json history = json_of(server->get(base + "/history/hello", auditor));
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history.at(0).at("id"), "past-3");
  EXPECT_EQ(history.at(0).at("username"), "jane");
  EXPECT_EQ(json_of(server->get(base + "/history/a%2Fb", auditor)), Json::array());

  EXPECT_EQ(json_of(server->get(base + "/past-1/diff", auditor)),
            Json({{"before", "{\"a\":1}"}, {"after", "{\"a\":2}"}}));
  EXPECT_EQ(json_of(server->get(base + "/past-2/diff?previousId=past-1", auditor)),
            Json({{"before", "{\"a\":2}"}, {"after", "x: 2\n"}}));
  EXPECT_EQ(json_of(server->get(base + "/past-3/diff", auditor)), Json::object());
  expect_error(server->get(base + "/past-2/diff?previousId=no", auditor), 404);
}

TEST_F(ApiTest, TheLogIsServedAsTiles) {
  ingest("tiles", event("tiles-1"));
  const Json proof =
      json_of(server->get("/api/v1/tiles/auditlogs/tiles-1/proof?format=json", auditor));
  const auto size = proof.at("proof").at("treeSize").get<std::uint64_t>();
  const net::Response checkpoint = server->get("/tlog/checkpoint");
  EXPECT_EQ(header(checkpoint, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(header(checkpoint, "Cache-Control"), "no-cache");
  const std::string width = size % 256 == 0 ? "" : ".p/" + std::to_string(size % 256);
  const std::uint64_t last = (size - 1) / 256;
  char number[8];
  std::snprintf(number, sizeof number, "%03d", static_cast<int>(last));
  const net::Response tile = server->get("/tlog/tile/0/" + std::string(number) + width);
  ASSERT_EQ(tile.head.status, 200U);
  EXPECT_EQ(header(tile, "Content-Type"), "application/octet-stream");
  EXPECT_NE(header(tile, "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(tile.body.size() % 32, 0U);
  for (const char* path : {"/tlog/tile/0/x000/001", "/tlog/tile/00/000", "/tlog/tile/0/999",
                           "/tlog/tile/", "/tlog/tile/0/%30%30%30"}) {
    expect_error(server->get(path), 404);
  }
  LiveServer::Request head;
  head.method = "HEAD";
  head.target = "/tlog/checkpoint";
  const net::Response bare = server->send(head);
  EXPECT_EQ(bare.head.status, 200U);
  EXPECT_TRUE(bare.body.empty());

  const std::string to = std::to_string(size);
  const Json consistency = json_of(server->get("/tlog/consistency?from=1&to=" + to));
  EXPECT_EQ(consistency.at("from"), 1);
  EXPECT_EQ(consistency.at("toRoot"), proof.at("proof").at("rootHash"));
}

TEST_F(ApiTest, Sessions) {
  const net::Response login = server->post(
      "/api/v1/login", "", {{"username", LiveServer::kUser}, {"password", LiveServer::kPassword}});
  ASSERT_EQ(login.head.status, 200U) << login.body;
  const Json session = json_of(login);
  EXPECT_EQ(session.at("user").at("username"), LiveServer::kUser);
  const std::string cookie = header(login, "Set-Cookie");
  EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("SameSite=Strict"), std::string::npos);

  LiveServer::Request request;
  request.target = "/api/v1/me";
  request.headers = {{"Cookie", cookie.substr(0, cookie.find(';'))}};
  const Json me = json_of(server->send(request));
  EXPECT_EQ(me.at("user"), session.at("user"));
  EXPECT_EQ(me.at("csrfToken"), session.at("csrfToken"));

  request.method = "POST";
  request.target = "/api/v1/logout";
  request.headers.emplace_back("X-CSRF-Token", session.at("csrfToken").get<std::string>());
  EXPECT_EQ(server->send(request).head.status, 204U);
  request.method = "GET";
  request.target = "/api/v1/me";
  EXPECT_EQ(server->send(request).head.status, 401U);
  request.target = "/ui/";
  EXPECT_EQ(server->send(request).head.status, 200U);
}

TEST_F(ApiTest, SignInsAreNeverEchoed) {
  for (const char* body :
       {R"({"username":"jane","password":"SECRET-1")", R"({"username":"jane","SECRET-1":"x"})",
        R"({"username":"SECRET-1","password":"SECRET-1"})", R"({"username":"jane","password":7})",
        R"({"SECRET-1":1,"SECRET-1":2})", "[]", "\"SECRET-1\"", ""}) {
    LiveServer::Request request;
    request.method = "POST";
    request.target = "/api/v1/login";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body;
    const net::Response response = server->send(request);
    EXPECT_TRUE(response.head.status == 422U || response.head.status == 401U) << body;
    EXPECT_EQ(response.body.find("SECRET-1"), std::string::npos) << response.body;
  }
  LiveServer::Request form;
  form.method = "POST";
  form.target = "/api/v1/login";
  form.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  form.body = "username=a";
  expect_error(server->send(form), 415);
  form.headers = {{"Content-Type", "application/json"}};
  form.body = std::string(70'000, ' ');
  expect_error(server->send(form), 413);
}

TEST_F(ApiTest, AccountsAndTokens) {
  const net::Response made =
      server->post("/api/v1/service-accounts", server->admin,
                   {{"name", "bot"}, {"role", "viewer"}, {"tenant", "alpha"}});
  ASSERT_EQ(made.head.status, 201U) << made.body;
  EXPECT_EQ(json_of(made).at("tenant"), "alpha");
  expect_error(server->post("/api/v1/service-accounts", server->admin,
                            {{"name", "bot"}, {"role", "writer"}}),
               409);
  expect_error(server->post("/api/v1/service-accounts", server->admin,
                            {{"name", "bot2"}, {"role", "viewer"}}),
               422, "/tenant");
  expect_error(
      server->post("/api/v1/service-accounts", server->admin, {{"name", "bot2"}, {"role", "king"}}),
      422, "/role");
  expect_error(server->post("/api/v1/service-accounts", server->admin,
                            {{"name", "bot2"}, {"role", "writer"}, {"x", 1}}),
               422, "/x");
  const net::Response token =
      server->post("/api/v1/tokens", server->admin, {{"serviceAccount", "bot"}, {"name", "t"}});
  ASSERT_EQ(token.head.status, 201U) << token.body;
  const auto full = json_of(token).at("fullToken").get<std::string>();
  EXPECT_TRUE(full.starts_with(json_of(token).at("prefix").get<std::string>()));
  EXPECT_EQ(json_of(server->get("/api/v1/me", full)).at("user").at("username"), "bot");
  expect_error(server->post("/api/v1/tokens", server->admin, {{"serviceAccount", "nobody"}}), 404);
  expect_error(server->post("/api/v1/tokens", server->admin,
                            {{"serviceAccount", "bot"}, {"expiresAt", "2001-01-01T00:00:00Z"}}),
               422, "/expiresAt");

  const net::Response user =
      server->post("/api/v1/users", server->admin,
                   {{"username", "ann"}, {"password", "long enough"}, {"role", "auditor"}});
  ASSERT_EQ(user.head.status, 201U) << user.body;
  EXPECT_EQ(json_of(user).at("tenant"), nullptr);
  LiveServer::Request basic;
  basic.target = "/api/v1/me";
  basic.headers = {{"Authorization", "Basic " + to_base64(as_bytes("ann:long enough"))}};
  EXPECT_EQ(json_of(server->send(basic)).at("user").at("role"), "auditor");
  expect_error(
      server->post("/api/v1/users", server->admin,
                   {{"username", "ann"}, {"password", "long enough"}, {"role", "auditor"}}),
      409);
  EXPECT_EQ(server->get("/metrics", full).head.status, 200U);
}

}  // namespace
}  // namespace daybook::api
