// SPDX-License-Identifier: Apache-2.0
// That the gateway changes nothing it has no business with, and delays nothing.
#include <gtest/gtest.h>

#include "compress.h"
#include "gateway_rig.h"

namespace daybook::capture {
namespace {

using record::Kind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::answer;
using testing::GatewayRig;
using testing::RawClient;
using testing::Script;

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST(GatewayTransparency, AnswersKeepStatusReasonFieldsAndBytes) {
  GatewayRig rig;
  Script script = answer(409, "");
  script.reason = "Illegal state";
  script.fields = {{"date", "Tue, 24 Nov 2026 06:00:00 GMT"},
                   {"X-Odd", "  two  spaces "},
                   {"Set-Cookie", "a=1"},
                   {"set-cookie", "b=2"},
                   {"content-encoding", "gzip"},
                   {"content-length", "0"},
                   {"Content-Type", "application/json"}};
  const std::string coded = testing::gzip(R"({"id":"hello","namespace":"a.b","revision":9})");
  script.pieces = {coded};
  script.fields[5].second = std::to_string(coded.size());
  rig.kestra.on("POST /api/v1/main/flows", script);
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: x");
  EXPECT_EQ(got.status, 409);
  EXPECT_EQ(got.reason, "Illegal state");
  EXPECT_EQ(got.body, coded);
  Fields expected = script.fields;
  expected[1].second = "two  spaces";
  EXPECT_EQ(got.fields, expected);
}

TEST(GatewayTransparency, CodedAnswersAreReadForCapture) {
  GatewayRig rig;
  Script script = answer(200, testing::gzip(R"({"id":"hello","namespace":"a.b","revision":9})"));
  script.fields.emplace_back("content-encoding", "gzip");
  rig.kestra.on("POST /api/v1/main/flows", script);
  rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: x");
  EXPECT_EQ(rig.ledger.entries(Kind::outcome).at(0).detail.value("revision", 0), 9);
}

TEST(GatewayTransparency, RequestsKeepTheirBytesToo) {
  GatewayRig rig;
  rig.kestra.on("*", answer(200, "{}"));
  const std::string target = "/api/v1/main/flows/a%2Fb//x?q=%7B%7D&q=2&empty=&token=t";
  std::string body(100'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 31);
  }
  rig.call("PATCH", target,
           "Content-Type: application/octet-stream\r\nx-CASE: Kept\r\nttl: PT1H\r\n", body);
  const auto seen = rig.kestra.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].head.method, "PATCH");
  EXPECT_EQ(seen[0].head.target, target);
  EXPECT_EQ(seen[0].body, body);
  EXPECT_EQ(seen[0].head.headers.get("Host"), "kestra.example.com");
  EXPECT_EQ(seen[0].head.headers.get("X-Forwarded-Host"), "kestra.example.com");
  EXPECT_EQ(seen[0].head.headers.get("X-Forwarded-For"), "127.0.0.1");
  bool kept = false;
  for (const auto& [name, value] : seen[0].head.headers.fields()) {
    kept = kept || (name == "x-CASE" && value == "Kept");
  }
  EXPECT_TRUE(kept);
}

TEST(GatewayTransparency, ChunkedRequestsStayChunked) {
  GatewayRig rig;
  rig.kestra.on("*", answer(200, "{}"));
  RawClient client(rig.address());
  client.send("POST /api/v1/main/flows HTTP/1.1\r\nHost: h\r\n" + GatewayRig::alice() +
              "Transfer-Encoding: chunked\r\nContent-Type: application/x-yaml\r\n\r\n"
              "5\r\nid: x\r\n3\r\nyz\n\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 200);
  ASSERT_EQ(rig.kestra.seen().size(), 1U);
  EXPECT_TRUE(rig.kestra.seen()[0].head.chunked);
  EXPECT_EQ(rig.kestra.seen()[0].body, "id: xyz\n");
}

TEST(GatewayTransparency, ChunkedAnswersGetNoLength) {
  GatewayRig rig;
  Script script = answer(200, R"({"id":"x"})");
  script.chunked = true;
  rig.kestra.on("POST /api/v1/main/flows", script);
  const auto got = rig.call("POST", "/api/v1/main/flows", "", "id: x");
  EXPECT_EQ(got.field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(got.count("Content-Length"), 0);
  EXPECT_EQ(got.body, R"({"id":"x"})");
}

TEST(GatewayTransparency, BodylessAnswersStayBodyless) {
  GatewayRig rig;
  Script none = answer(204, "");
  none.fields.clear();
  none.pieces.clear();
  rig.kestra.on("DELETE /api/v1/main/flows/a/b", none);
  const auto got = rig.call("DELETE", "/api/v1/main/flows/a/b");
  EXPECT_EQ(got.status, 204);
  EXPECT_TRUE(got.fields.empty());
  Script head = answer(200, "");
  head.fields = {{"Content-Type", "text/html"}, {"content-length", "1234"}};
  head.pieces.clear();
  rig.kestra.on("HEAD /ui/", head);
  RawClient client(rig.address());
  client.send(testing::make_request("HEAD", "/ui/", GatewayRig::alice(), ""));
  const auto answered = client.read_answer(true);
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.count("Content-Type"), 1);
}

TEST(GatewayTransparency, EveryChunkIsPassedOnAtOnce) {
  GatewayRig rig;
  Script stream;
  stream.fields = {{"Content-Type", "text/event-stream"}};
  stream.chunked = true;
  stream.pieces = {"id: progress\ndata: 1\n\n", "data: 2\n\n", "id: end\n\n"};
  stream.pause = milliseconds(400);
  rig.kestra.on("GET /api/v1/main/executions/e1/follow", stream);
  RawClient client(rig.address());
  const auto begun = steady_clock::now();
  client.send(
      testing::make_request("GET", "/api/v1/main/executions/e1/follow", GatewayRig::alice(), ""));
  std::string all;
  while (all.find("data: 1") == std::string::npos &&
         steady_clock::now() - begun < milliseconds(2'000)) {
    all += client.read_some(milliseconds(500));
  }
  EXPECT_LT(steady_clock::now() - begun, milliseconds(350));
  EXPECT_EQ(all.find("data: 2"), std::string::npos);
  while (all.find("0\r\n\r\n") == std::string::npos &&
         steady_clock::now() - begun < milliseconds(5'000)) {
    all += client.read_some(milliseconds(500));
  }
  EXPECT_NE(all.find("id: end"), std::string::npos);
  ASSERT_EQ(rig.ledger.wait_for(Kind::event, 1).size(), 1U);
  EXPECT_FALSE(rig.ledger.holds("id: progress"));
}

TEST(GatewayTransparency, EventStreamsHaveNoTimeLimit) {
  GatewayOptions options;
  options.answer_timeout = milliseconds(200);
  GatewayRig rig(options);
  Script stream;
  stream.fields = {{"Content-Type", "text/event-stream"}};
  stream.chunked = true;
  stream.pieces = {"data: 1\n\n", "data: 2\n\n"};
  stream.think = milliseconds(500);
  stream.pause = milliseconds(500);
  rig.kestra.on("GET /api/v1/main/executions/e1/follow", stream);
  const auto got = rig.call("GET", "/api/v1/main/executions/e1/follow");
  EXPECT_EQ(got.body, "data: 1\n\ndata: 2\n\n");
  EXPECT_TRUE(got.complete);
}

TEST(GatewayTransparency, ExpectContinueGetsItOnlyAfterTheAttempt) {
  GatewayRig rig;
  rig.kestra.on("POST /api/v1/main/flows", answer(200, "{}"));
  RawClient client(rig.address());
  client.send("POST /api/v1/main/flows HTTP/1.1\r\nHost: h\r\n" + GatewayRig::alice() +
              "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  const std::string interim = client.read_some(milliseconds(3'000));
  EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(rig.ledger.entries(Kind::attempt).size(), 1U);
  client.send("id: x");
  EXPECT_EQ(client.read_answer().status, 200);
}

TEST(GatewayTransparency, EarlyAnswersReachTheClient) {
  GatewayRig rig;
  Script early = answer(413, R"({"message":"too large"})");
  early.unread = true;
  rig.kestra.on("POST /api/v1/main/flows", early);
  const auto got = rig.call("POST", "/api/v1/main/flows", "", std::string(300'000, 'x'));
  EXPECT_EQ(got.status, 413);
}

TEST(GatewayTransparency, OneConnectionManyRequestsAndPeople) {
  GatewayRig rig;
  rig.kestra.on("*", answer(200, "{}"));
  RawClient client(rig.address());
  client.send(testing::make_request("POST", "/api/v1/team/flows", GatewayRig::alice(), "id: x") +
              testing::make_request("POST", "/api/v1/team/flows", GatewayRig::bob(), "id: y"));
  EXPECT_EQ(client.read_answer().status, 200);
  EXPECT_EQ(client.read_answer().status, 200);
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].actor.username, "alice");
  EXPECT_EQ(outcomes[1].actor.username, "bob");
}

TEST(GatewaySecrets, NoCanaryReachesTheLedger) {
  GatewayOptions options;
  options.upstream_username = "kestra";
  options.upstream_password = "canary-upstream";
  GatewayRig rig(options);
  rig.kestra.on("*", answer(200, R"({"id":"x"})"));
  const std::string headers =
      "Cookie: JWT=canary-cookie; daybook_session=canary-session\r\nX-CSRF-Token: canary-csrf\r\n"
      "X-Api-Key: canary-header\r\n";
  rig.call("POST", "/api/v1/main/flows?token=canary-query", headers, "id: x");
  rig.call("GET", "/api/v1/main/executions/e1?access_token=canary-query2", headers);
  rig.call("POST", "/api/v1/main/basicAuth", headers + "Content-Type: application/json\r\n",
           R"({"username":"canary-name@x.y","password":"canary-password"})");
  rig.call("POST", "/api/v1/main/executions/a/b",
           headers + "Content-Type: multipart/form-data; boundary=XX\r\n",
           "--XX\r\nContent-Disposition: form-data; name=\"apiPassword\"\r\n\r\ncanary-field\r\n"
           "--XX--\r\n");
  rig.call("PUT", "/api/v1/main/namespaces/a/kv/pw", headers + "Content-Type: text/plain\r\n",
           "\"canary-kv\"");
  ASSERT_GE(rig.ledger.wait_for(Kind::event, 1).size(), 1U);
  EXPECT_EQ(rig.ledger.entries(Kind::outcome).size(), 4U);
  for (const char* canary :
       {"canary-upstream", "canary-cookie", "canary-session", "canary-csrf", "canary-header",
        "canary-query", "canary-name", "canary-password", "canary-field", "s3cret-pw"}) {
    EXPECT_FALSE(rig.ledger.holds(canary)) << canary;
  }
}

}  // namespace
}  // namespace daybook::capture
