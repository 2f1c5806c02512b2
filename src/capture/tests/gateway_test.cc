// SPDX-License-Identifier: Apache-2.0
// What a request through the gateway leaves in the ledger, and in which order.
#include <gtest/gtest.h>

#include "gateway_rig.h"

namespace daybook::capture {
namespace {

using record::Json;
using record::Kind;
using record::ResultWord;
using testing::answer;
using testing::GatewayRig;
using testing::Script;

const std::string kFlow1 = R"({"id":"hello","namespace":"a.b","revision":1,"source":"id: hello"})";
const std::string kFlow2 =
    R"({"id":"hello","namespace":"a.b","revision":2,"source":"id: hello\n# two"})";
const std::string kPut = "/api/v1/main/flows/a.b/hello";

TEST(Gateway, StrictOrderIsGetAheadAttemptForwardOutcomeLastByte) {
  GatewayRig rig;
  std::vector<Kind> when_forwarded;
  rig.kestra.on("GET " + kPut, answer(200, kFlow1));
  Script script = answer(200, kFlow2);
  script.on_request = [&] {
    for (const auto& event : rig.ledger.entries()) {
      when_forwarded.push_back(event.kind);
    }
  };
  rig.kestra.on("PUT " + kPut, script);
  const auto got =
      rig.call("PUT", kPut, "Content-Type: application/x-yaml\r\nX-Request-Id: r-7\r\n",
               "id: hello\nnamespace: a.b\n");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, kFlow2);
  // No waiting: the outcome is there when the client has the last byte.
  const auto entries = rig.ledger.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(when_forwarded, std::vector<Kind>{Kind::attempt});
  ASSERT_EQ(rig.kestra.own_requests().size(), 1U);

  const auto& attempt = entries[0];
  const auto& outcome = entries[1];
  EXPECT_EQ(attempt.kind, Kind::attempt);
  EXPECT_EQ(outcome.kind, Kind::outcome);
  EXPECT_EQ(outcome.attempt_id, attempt.id);
  EXPECT_NE(outcome.id, attempt.id);
  EXPECT_EQ(outcome.tenant_id, "main");
  EXPECT_EQ(outcome.resource, "FLOW");
  EXPECT_EQ(outcome.action, "UPDATE");
  EXPECT_EQ(outcome.result, ResultWord::success);
  EXPECT_EQ(outcome.source, record::Source::gateway);
  EXPECT_EQ(outcome.detail.value("id", ""), "hello");
  EXPECT_EQ(outcome.detail.value("namespace", ""), "a.b");
  EXPECT_EQ(outcome.detail.value("flowId", ""), "hello");
  EXPECT_EQ(outcome.detail.value("revision", 0), 2);
  EXPECT_TRUE(outcome.change.applied_patch.is_array());
  EXPECT_TRUE(outcome.change.revert_patch.is_array());
  EXPECT_EQ(outcome.date, attempt.date);
  EXPECT_GE(outcome.recorded_at, outcome.date);
  EXPECT_EQ(outcome.actor.user_id, "id-alice");
  EXPECT_EQ(outcome.actor.username, "alice");
  EXPECT_EQ(outcome.actor.ip_address, "127.0.0.1");
  ASSERT_TRUE(outcome.actor.submitter.has_value());
  EXPECT_EQ(outcome.actor.submitter->id, "id-alice");
  ASSERT_TRUE(outcome.request.has_value());
  EXPECT_EQ(outcome.request->method, "PUT");
  EXPECT_EQ(outcome.request->path, kPut);
  EXPECT_EQ(outcome.request->status, 200);
  EXPECT_EQ(outcome.request->request_id, "r-7");
  EXPECT_TRUE(outcome.request->duration_ms.has_value());
}

TEST(Gateway, ItsOwnRequestsCarryNothingOfTheClient) {
  GatewayOptions options;
  options.upstream_username = "kestra";
  options.upstream_password = "up-pw";
  GatewayRig rig(options);
  rig.kestra.on("GET " + kPut, answer(200, kFlow1));
  rig.kestra.on("PUT " + kPut, answer(200, kFlow2));
  rig.call("PUT", kPut, "X-Mine: 1\r\nCookie: c=1\r\nContent-Type: application/x-yaml\r\n",
           "id: x");
  const auto own = rig.kestra.own_requests();
  ASSERT_EQ(own.size(), 1U);
  const auto& headers = own[0].head.headers;
  EXPECT_EQ(headers.get("X-Daybook-Own"), "before");
  EXPECT_EQ(headers.get("User-Agent"), "daybook/" DAYBOOK_VERSION);
  EXPECT_EQ(headers.get("Authorization"), testing::FakeAuthenticator::basic("kestra", "up-pw"));
  EXPECT_FALSE(headers.contains("X-Mine"));
  EXPECT_FALSE(headers.contains("Cookie"));
  EXPECT_FALSE(headers.contains("X-Forwarded-For"));
  const auto seen = rig.kestra.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].head.headers.get_all("Authorization").size(), 1U);
  EXPECT_EQ(seen[0].head.headers.get("Authorization"),
            testing::FakeAuthenticator::basic("kestra", "up-pw"));
}

TEST(Gateway, FailedGetAheadNeverFailsTheRequest) {
  GatewayRig rig;
  rig.kestra.on("GET " + kPut, answer(500, "boom"));
  rig.kestra.on("PUT " + kPut, answer(200, kFlow2));
  EXPECT_EQ(rig.call("PUT", kPut, "Content-Type: application/x-yaml\r\n", "id: x").status, 200);
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_FALSE(outcome.change.before.has_value());
  ASSERT_TRUE(outcome.reason.has_value());
  EXPECT_NE(outcome.reason->find("500"), std::string::npos);
}

TEST(Gateway, SlowGetAheadIsBounded) {
  GatewayOptions options;
  options.own_request_timeout = std::chrono::milliseconds(200);
  GatewayRig rig(options);
  Script slow = answer(200, kFlow1);
  slow.think = std::chrono::milliseconds(3'000);
  rig.kestra.on("GET " + kPut, slow);
  rig.kestra.on("PUT " + kPut, answer(200, kFlow2));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(rig.call("PUT", kPut, "Content-Type: application/x-yaml\r\n", "id: x").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(2'500));
  EXPECT_TRUE(rig.ledger.entries(Kind::outcome).at(0).reason.has_value());
}

TEST(Gateway, UnchangedUpdateHasNoPatches) {
  GatewayRig rig;
  rig.kestra.on("GET " + kPut, answer(200, kFlow2));
  rig.kestra.on("PUT " + kPut, answer(200, kFlow2));
  rig.call("PUT", kPut, "Content-Type: application/x-yaml\r\n", "id: hello\n# two");
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.detail.value("unchanged", false), true);
  EXPECT_TRUE(outcome.change.applied_patch.is_null());
  EXPECT_TRUE(outcome.change.revert_patch.is_null());
}

TEST(Gateway, UpstreamErrorIsAFailure) {
  GatewayRig rig;
  Script refused = answer(422, R"({"message":"Invalid entity: no id"})");
  refused.reason = "Invalid entity";
  rig.kestra.on("POST /api/v1/main/flows", refused);
  const auto got = rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n",
                            "id: hello\nnamespace: a.b\n");
  EXPECT_EQ(got.status, 422);
  EXPECT_EQ(got.reason, "Invalid entity");
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.result, ResultWord::failure);
  EXPECT_EQ(outcome.request->status, 422);
  EXPECT_EQ(outcome.action, "CREATE");
  EXPECT_EQ(outcome.detail.value("id", ""), "hello");
  EXPECT_EQ(outcome.detail.value("namespace", ""), "a.b");
}

TEST(Gateway, ReadsAreEventsWithoutAttempt) {
  GatewayRig rig;
  rig.kestra.on("GET " + kPut, answer(200, kFlow1));
  EXPECT_EQ(rig.call("GET", kPut + "?revision=1").body, kFlow1);
  const auto events = rig.ledger.wait_for(Kind::event, 1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].action, "READ");
  EXPECT_EQ(events[0].resource, "FLOW");
  EXPECT_FALSE(events[0].attempt_id.has_value());
  EXPECT_EQ(events[0].request->path, kPut);
  EXPECT_EQ(events[0].detail["query"], Json({{"revision", "1"}}));
  EXPECT_TRUE(rig.ledger.entries(Kind::attempt).empty());
}

TEST(Gateway, QuietRoutesAreNotRecorded) {
  GatewayRig rig;
  for (const char* path : {"/", "/ui/index.html", "/ping", "/api/v1/main/flows/search",
                           "/api/v1/plugins", "/api/v1/configs"}) {
    rig.kestra.on(std::string("GET ") + path, answer(200, "{}"));
    EXPECT_EQ(rig.call("GET", path).status, 200) << path;
  }
  rig.kestra.on("POST /api/v1/main/flows/validate", answer(200, "[]"));
  EXPECT_EQ(rig.call("POST", "/api/v1/main/flows/validate", "", "id: x").status, 200);
  rig.kestra.on("GET /api/v1/main/executions/e1", answer(200, R"({"id":"e1"})"));
  rig.call("GET", "/api/v1/main/executions/e1");  // Recorded: the ones before it would be by now.
  ASSERT_EQ(rig.ledger.wait_for(Kind::event, 1).size(), 1U);
  EXPECT_EQ(rig.ledger.entries().size(), 1U);
}

TEST(Gateway, UnknownRoutesAreRecordedByMethod) {
  GatewayRig rig;
  rig.kestra.on("*", answer(200, "{}"));
  rig.call("POST", "/api/v1/main/brand-new/thing", "Content-Type: application/json\r\n", "{}");
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.resource, "UNKNOWN");
  EXPECT_EQ(outcome.action, "CREATE");
  EXPECT_NE(rig.ledger.metrics().render().find("daybook_gateway_unclassified_total 1"),
            std::string::npos);
}

TEST(Gateway, BulkHasOneAttemptAndOneOutcomeAnObject) {
  GatewayRig rig;
  rig.kestra.on("POST /api/v1/main/flows/disable/by-ids", answer(200, R"({"count":2})"));
  rig.call("POST", "/api/v1/main/flows/disable/by-ids", "Content-Type: application/json\r\n",
           R"([{"namespace":"a","id":"x"},{"namespace":"a","id":"y"}])");
  const auto attempts = rig.ledger.entries(Kind::attempt);
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(attempts.size(), 1U);
  ASSERT_EQ(outcomes.size(), 3U);
  std::vector<std::string> ids;
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.attempt_id, attempts[0].id);
    EXPECT_EQ(outcome.action, "UPDATE");
    if (outcome.detail.contains("bulk")) {
      EXPECT_EQ(outcome.detail["bulk"], true);
      EXPECT_EQ(outcome.detail["count"], 2);
      EXPECT_FALSE(outcome.detail.contains("id"));
    } else {
      ids.push_back(outcome.detail.value("id", ""));
    }
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"x", "y"}));
}

TEST(Gateway, BulkThatFailedAsAWholeFailsForEveryObject) {
  GatewayRig rig;
  rig.kestra.on("POST /api/v1/main/flows/disable/by-ids", answer(400, R"({"message":"no"})"));
  rig.call("POST", "/api/v1/main/flows/disable/by-ids", "Content-Type: application/json\r\n",
           R"([{"namespace":"a","id":"x"},{"namespace":"a","id":"y"}])");
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(outcomes.size(), 3U);
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.result, ResultWord::failure);
  }
}

TEST(Gateway, WithoutLoginIs401AndNothingIsForwarded) {
  GatewayRig rig;
  rig.kestra.on("*", answer(200, "{}"));
  const auto none = testing::fetch(rig.address(), testing::make_request("DELETE", kPut, "", ""));
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.field("WWW-Authenticate"), "Basic realm=\"daybook\"");
  EXPECT_TRUE(rig.ledger.entries().empty());
  const auto wrong = testing::fetch(
      rig.address(), testing::make_request("DELETE", kPut, "Authorization: Basic eDp5\r\n", ""));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_TRUE(rig.kestra.seen().empty());
  const auto entries = rig.ledger.entries();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, "LOGIN_FAILURE");
  rig.authenticator.when_unknown = access::Verdict::locked;
  const auto locked = testing::fetch(
      rig.address(), testing::make_request("GET", "/", "Authorization: Basic eDp5\r\n", ""));
  EXPECT_EQ(locked.status, 423);
  EXPECT_EQ(locked.field("Retry-After"), "900");
  rig.authenticator.when_unknown = access::Verdict::busy;
  EXPECT_EQ(testing::fetch(rig.address(),
                           testing::make_request("GET", "/", "Authorization: Basic eDp5\r\n", ""))
                .status,
            429);
}

TEST(Gateway, WrongRoleOrTenantIsDeniedAndRecorded) {
  GatewayRig rig;
  rig.kestra.on("*", answer(200, "{}"));
  const auto role =
      testing::fetch(rig.address(), testing::make_request("DELETE", kPut, GatewayRig::vera(), ""));
  EXPECT_EQ(role.status, 403);
  const auto tenant = testing::fetch(
      rig.address(),
      testing::make_request("GET", "/api/v1/main/executions/e1", GatewayRig::bob(), ""));
  EXPECT_EQ(tenant.status, 403);
  const auto old = testing::fetch(
      rig.address(), testing::make_request("GET", "/api/v1/executions/e1", GatewayRig::bob(), ""));
  EXPECT_EQ(old.status, 403);
  EXPECT_TRUE(rig.kestra.seen().empty());
  const auto events = rig.ledger.entries();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].kind, Kind::event);
  EXPECT_EQ(events[0].result, ResultWord::denied);
  EXPECT_EQ(events[0].action, "DELETE");
  EXPECT_EQ(events[0].actor.username, "vera");
  EXPECT_EQ(events[1].actor.username, "bob");
  EXPECT_EQ(events[1].request->status, 403);
  EXPECT_EQ(testing::fetch(rig.address(), testing::make_request("GET", "/api/v1/team/executions/e1",
                                                                GatewayRig::bob(), ""))
                .status,
            200);
}

TEST(Gateway, WebhooksAreOpenAndTheirKeyIsNotStored) {
  GatewayRig rig;
  const std::string path = "/api/v1/main/executions/webhook/a.b/hello/k3y-canary";
  rig.kestra.on("POST " + path,
                answer(200, R"({"id":"exec1","namespace":"a.b","flowId":"hello","flowRevision":3,
                "trigger":{"id":"w","variables":{"headers":{"x":["canary-header"]}}}})"));
  const auto got = testing::fetch(rig.address(),
                                  testing::make_request("POST", path,
                                                        "Authorization: Basic d3Jvbmc6d3Jvbmc=\r\n"
                                                        "Content-Type: application/json\r\n",
                                                        "{}"));
  EXPECT_EQ(got.status, 200);
  ASSERT_EQ(rig.kestra.seen().size(), 1U);
  EXPECT_FALSE(rig.kestra.seen()[0].head.headers.contains("Authorization"));
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.actor_kind, record::ActorKind::webhook);
  EXPECT_EQ(outcome.actor.user_id, "webhook");
  EXPECT_FALSE(outcome.actor.username.has_value());
  EXPECT_EQ(outcome.request->path, "/api/v1/main/executions/webhook/a.b/hello/***");
  EXPECT_EQ(outcome.detail.value("id", ""), "exec1");
  EXPECT_FALSE(rig.ledger.holds("k3y-canary"));
}

TEST(Gateway, AnUpsertOfWhatWasNotThereIsACreateFromTheAttemptOn) {
  GatewayRig rig;
  const std::string path = "/api/v1/main/namespaces/a.b/kv/key";
  rig.kestra.on("PUT " + path, answer(200, ""));
  rig.call("PUT", path, "Content-Type: text/plain\r\n", "1");
  rig.kestra.on("GET " + path, answer(200, R"({"type":"NUMBER","value":1})"));
  rig.call("PUT", path, "Content-Type: text/plain\r\n", "2");
  const auto attempts = rig.ledger.entries(Kind::attempt);
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(attempts.size(), 2U);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(attempts[0].action, "CREATE");
  EXPECT_EQ(outcomes[0].action, "CREATE");
  EXPECT_EQ(attempts[1].action, "UPDATE");
  EXPECT_EQ(outcomes[1].action, "UPDATE");
}

TEST(Gateway, TwoCredentialsAreNone) {
  GatewayRig rig;
  const auto got = testing::fetch(
      rig.address(), testing::make_request("GET", "/api/v1/main/flows/a/b",
                                           GatewayRig::alice() + GatewayRig::bob(), ""));
  EXPECT_EQ(got.status, 400);
  EXPECT_TRUE(rig.kestra.seen().empty());
}

TEST(Gateway, WebhooksCanBeClosed) {
  GatewayOptions options;
  options.webhooks_open = false;
  GatewayRig rig(options);
  const auto got = testing::fetch(
      rig.address(),
      testing::make_request("POST", "/api/v1/main/executions/webhook/a/b/c", "", "{}"));
  EXPECT_EQ(got.status, 401);
  EXPECT_EQ(testing::fetch(rig.address(), testing::make_request("GET", "/ping", "", "")).status,
            404);
}

TEST(Gateway, PassthroughBelievesANameOnceKestraDoes) {
  GatewayOptions options;
  options.identity = Identity::passthrough;
  GatewayRig rig(options);
  const std::string header =
      "Authorization: " + testing::FakeAuthenticator::basic("carol-canary", "pw-canary") + "\r\n";
  rig.kestra.on("DELETE " + kPut, answer(401, ""));
  testing::fetch(rig.address(), testing::make_request("DELETE", kPut, header, ""));
  EXPECT_FALSE(rig.ledger.holds("carol-canary"));
  rig.kestra.on("DELETE " + kPut, answer(204, ""));
  testing::fetch(rig.address(), testing::make_request("DELETE", kPut, header, ""));
  ASSERT_EQ(rig.kestra.seen().size(), 2U);
  EXPECT_EQ(rig.kestra.seen()[1].head.headers.get("Authorization"),
            testing::FakeAuthenticator::basic("carol-canary", "pw-canary"));
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[1].actor.username, "carol-canary");
  EXPECT_EQ(outcomes[1].actor.submitter->id, "gateway");
  EXPECT_FALSE(rig.ledger.holds("pw-canary"));
}

TEST(Gateway, SignInsAtKestraAreEventsWithoutTenant) {
  GatewayRig rig;
  rig.kestra.on("POST /api/v1/login", answer(204, ""));
  rig.call("POST", "/api/v1/login", "Content-Type: application/json\r\n",
           R"({"username":"typed-canary","password":"pw-canary"})");
  const auto events = rig.ledger.wait_for(Kind::event, 1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].action, "LOGIN");
  EXPECT_FALSE(events[0].tenant_id.has_value());
  EXPECT_EQ(rig.ledger.entries().size(), 1U);
  EXPECT_FALSE(rig.ledger.holds("canary"));
}

TEST(Gateway, BasicAuthIsAUserUpdateNamedByItsHash) {
  GatewayRig rig;
  rig.kestra.on("POST /api/v1/main/basicAuth", answer(204, ""));
  rig.call("POST", "/api/v1/main/basicAuth", "Content-Type: application/json\r\n",
           R"({"username":"new-canary@x.y","password":"pw-canary"})");
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.resource, "USER");
  EXPECT_EQ(outcome.action, "UPDATE");
  EXPECT_EQ(outcome.detail.value("id", ""), rig.authenticator.hash_name("new-canary@x.y"));
  EXPECT_FALSE(rig.ledger.holds("canary"));
}

TEST(Gateway, ByQueryVerbsGuessNoObjects) {
  GatewayRig rig;
  rig.kestra.on("DELETE /api/v1/main/executions/by-query", answer(200, R"({"count":17})"));
  rig.call("DELETE", "/api/v1/main/executions/by-query?filters%5Bnamespace%5D%5BEQUALS%5D=a");
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].detail.value("count", 0), 17);
  EXPECT_EQ(outcomes[0].detail.at("query"), Json({{"filters[namespace][EQUALS]", "a"}}));
  EXPECT_FALSE(outcomes[0].detail.contains("id"));
}

TEST(Gateway, TunnelsAndTraceDoNotPass) {
  GatewayRig rig;
  EXPECT_EQ(rig.call("TRACE", "/api/v1/main/flows").status, 405);
  EXPECT_TRUE(rig.kestra.seen().empty());
}

}  // namespace
}  // namespace daybook::capture
