// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {
namespace {

struct Case {
  std::string method;
  std::string path;
  std::string query = {};
  std::string type = {};
  std::optional<std::string> body = {};
  unsigned status = 200;
  std::optional<std::string> answer = {};
  std::optional<std::string> before = {};
  bool absent = false;
  std::optional<std::string> after = {};
};

Interpretation told(const Case& c) {
  const RequestView view{c.method, c.path, c.query};
  Captured captured;
  captured.request_content_type = c.type;
  captured.request_body = c.body;
  captured.status = c.status;
  captured.response_content_type = "application/json";
  captured.response_body = c.answer;
  captured.before_body = c.before;
  captured.before_absent = c.absent;
  captured.after_body = c.after;
  return Rules::builtin().interpret(view, Rules::builtin().classify(view), captured);
}

constexpr const char* kSource = "id: hello\nnamespace: company.team\ntasks: []\n";

TEST(Interpret, ACreatedFlow) {
  Case c{"POST", "/api/v1/main/flows", "", "application/x-yaml", kSource};
  c.answer = R"({"id":"hello","namespace":"company.team","revision":1,"source":"id: hello\n"})";
  const auto out = told(c);
  EXPECT_EQ(out.action, "CREATE");
  EXPECT_FALSE(out.bulk);
  ASSERT_EQ(out.touched.size(), 1U);
  EXPECT_EQ(
      out.touched[0].detail,
      (Json{{"id", "hello"}, {"namespace", "company.team"}, {"flowId", "hello"}, {"revision", 1}}));
  EXPECT_FALSE(out.touched[0].before);
  EXPECT_EQ((*out.touched[0].after)["source"], "id: hello\n");
}

TEST(Interpret, ARefusedFlowIsNamedByItsBody) {
  Case c{"POST", "/api/v1/flows", "", "application/x-yaml", kSource, 422};
  c.answer = R"({"message":"Invalid entity: flow.id: Flow id already exists"})";
  auto out = told(c);
  EXPECT_EQ(out.detail,
            (Json{{"id", "hello"}, {"namespace", "company.team"}, {"flowId", "hello"}}));
  EXPECT_EQ(out.message, "Invalid entity: flow.id: Flow id already exists");
  EXPECT_FALSE(out.touched[0].after);
  c.type = "application/json";
  c.body = R"({"id":"j","namespace":"n","tasks":[]})";
  EXPECT_EQ(told(c).detail, (Json{{"id", "j"}, {"namespace", "n"}, {"flowId", "j"}}));
  // Written in another style, or broken further down.
  c.body = "{id: 'in line', namespace: n}";
  EXPECT_EQ(told(c).detail["flowId"], "in line");
  c.body = "# comment\n\"id\" : \"quoted\" # more\nnamespace: n\ntasks: [\n";
  EXPECT_EQ(told(c).detail["flowId"], "quoted");
}

TEST(Interpret, AnUpdatedFlow) {
  Case c{"PUT", "/api/v1/flows/n/f", "", "application/x-yaml", "id: f\n"};
  c.before = R"({"id":"f","namespace":"n","revision":2,"source":"id: f\nx: 1\n"})";
  c.answer = R"({"id":"f","namespace":"n","revision":3,"source":"id: f\nx: 2\n"})";
  auto out = told(c);
  EXPECT_EQ(out.detail["revision"], 3);
  EXPECT_EQ((*out.touched[0].before)["revision"], 2);
  EXPECT_EQ((*out.touched[0].after)["source"], "id: f\nx: 2\n");
  EXPECT_FALSE(out.detail.contains("unchanged"));
  c.answer = c.before;
  out = told(c);
  EXPECT_EQ(out.detail["unchanged"], true);
  EXPECT_FALSE(out.touched[0].before);
  EXPECT_FALSE(out.touched[0].after);
}

TEST(Interpret, AFlowSentAsJsonDoesNotLoseItsSource) {
  Case c{"PUT", "/api/v1/flows/n/f", "", "application/json", R"({"id":"f"})"};
  c.before = R"({"id":"f","namespace":"n","revision":2,"source":"id: f\n","tasks":[]})";
  c.answer = R"({"id":"f","namespace":"n","revision":3,"tasks":[1]})";
  const auto out = told(c);
  EXPECT_FALSE(out.touched[0].before->contains("source"));
  EXPECT_EQ((*out.touched[0].before)["tasks"], Json::array());
}

TEST(Interpret, NumbersThatAreTooLargeDoNotHideTheRest) {
  Case c{"POST", "/api/v1/executions/5x/labels", "", "application/json", "[]"};
  c.answer =
      R"({"id":"5x","namespace":"n","flowId":"f","flowRevision":1,"o":99999999999999999999})";
  EXPECT_EQ(told(c).detail["flowId"], "f");
}

TEST(Interpret, ADeletedFlow) {
  Case c{"DELETE", "/api/v1/main/flows/n/f", "", "", std::nullopt, 204};
  c.before = R"({"id":"f","namespace":"n","revision":7,"source":"id: f\n"})";
  const auto out = told(c);
  EXPECT_EQ(out.detail["revision"], 7);
  EXPECT_TRUE(out.touched[0].before);
  EXPECT_FALSE(out.touched[0].after);
}

TEST(Interpret, AChangedWebhookKeyIsSaidButNotShown) {
  Case c{"PUT", "/api/v1/flows/n/f", "", "application/x-yaml", "id: f\n"};
  const auto flow = [](int revision, const std::string& key) {
    const std::string source = "id: f\ntriggers:\n  - id: h\n    type: a.Webhook\n    key: " + key;
    return Json{{"id", "f"},
                {"namespace", "n"},
                {"revision", revision},
                {"source", source},
                {"triggers", {{{"id", "h"}, {"type", "a.Webhook"}, {"key", key}}}}}
        .dump();
  };
  c.before = flow(1, "CANARY-old-1");
  c.answer = flow(2, "CANARY-new-2");
  const auto out = told(c);
  EXPECT_EQ(out.detail["secretChanged"], true);
  const Json& before = *out.touched[0].before;
  const Json& after = *out.touched[0].after;
  EXPECT_EQ(before["triggers"][0]["key"], "***");
  EXPECT_EQ(after["triggers"][0]["key"], "*** (changed)");
  EXPECT_NE(after["source"].get<std::string>().find("key: \"*** (changed)\""), std::string::npos);
  EXPECT_EQ((before.dump() + after.dump()).find("CANARY"), std::string::npos);
}

TEST(Interpret, AnExecutionKeepsNoInputs) {
  Case c{"POST", "/api/v1/main/executions/n/f", "labels=a:b", "multipart/form-data; boundary=X",
         "--X\r\nContent-Disposition: form-data; name=\"pin\"\r\n\r\nCANARY1\r\n--X--\r\n"};
  c.answer = R"({"id":"5x","namespace":"n","flowId":"f","flowRevision":4,
    "inputs":{"pin":"CANARY1"},"outputs":{"o":"CANARY2"},"state":{"current":"CREATED"},
    "trigger":{"id":"t","type":"w","variables":{"headers":{"X":"CANARY3"}}},
    "taskRunList":[{"id":"r","taskId":"a","value":"CANARY4","outputs":{"x":"CANARY5"},
                    "state":{"current":"RUNNING"}}]})";
  auto out = told(c);
  EXPECT_EQ(out.detail, (Json{{"id", "5x"},
                              {"executionId", "5x"},
                              {"namespace", "n"},
                              {"flowId", "f"},
                              {"revision", 4},
                              {"query", {{"labels", "a:b"}}}}));
  const Json& after = *out.touched[0].after;
  EXPECT_EQ(after["inputs"], (Json{{"pin", "***"}}));
  EXPECT_EQ(after["taskRunList"][0]["state"], "RUNNING");
  EXPECT_EQ(after.dump().find("CANARY"), std::string::npos);
  c.status = 422;
  c.answer = R"({"message":"Invalid input for `pin`, For input string: \"CANARY1\""})";
  out = told(c);
  EXPECT_EQ(out.message->find("CANARY"), std::string::npos);
  EXPECT_NE(out.message->find("Invalid input for `pin`"), std::string::npos);
  c.body = std::nullopt;  // Too long to be kept.
  EXPECT_EQ(told(c).message->find("CANARY"), std::string::npos);
}

TEST(Interpret, ReplayAndRestart) {
  Case c{"POST", "/api/v1/executions/old/replay"};
  c.before = R"({"id":"old","namespace":"n","flowId":"f","flowRevision":1})";
  c.answer = R"({"id":"new","namespace":"n","flowId":"f","flowRevision":2})";
  auto out = told(c);
  EXPECT_EQ(out.action, "CREATE");
  EXPECT_EQ(out.detail["executionId"], "new");
  EXPECT_EQ(out.detail["originalId"], "old");
  EXPECT_EQ(out.detail["revision"], 2);
  EXPECT_FALSE(out.touched[0].before);
  c.path = "/api/v1/executions/old/restart";
  EXPECT_EQ(told(c).action, "CREATE");
  EXPECT_EQ(told(c).detail["originalId"], "old");
  c.answer = R"({"id":"old","namespace":"n","flowId":"f","flowRevision":1,"labels":[]})";
  EXPECT_EQ(told(c).action, "UPDATE");
  EXPECT_FALSE(told(c).detail.contains("originalId"));
  c.status = 404;
  c.answer = std::nullopt;
  c.before = std::nullopt;
  EXPECT_EQ(told(c).detail, (Json{{"id", "old"}, {"executionId", "old"}}));
}

TEST(Interpret, AKilledExecutionIsNamedByTheGetAhead) {
  Case c{"DELETE", "/api/v1/main/executions/5x/actions/kill", "", "", std::nullopt, 202};
  c.before =
      R"({"id":"5x","namespace":"n","flowId":"f","flowRevision":3,"state":{"current":"RUNNING"}})";
  c.after =
      R"({"id":"5x","namespace":"n","flowId":"f","flowRevision":3,"state":{"current":"KILLING"}})";
  const auto out = told(c);
  EXPECT_EQ(out.action, "UPDATE");
  EXPECT_EQ(out.detail["namespace"], "n");
  EXPECT_EQ(out.detail["revision"], 3);
  EXPECT_EQ((*out.touched[0].after)["state"]["current"], "KILLING");
}

TEST(Interpret, AKeyValueIsNeverKept) {
  Case c{"PUT", "/api/v1/main/namespaces/n/kv/k", "", "text/plain", "\"CANARY\""};
  c.absent = true;
  auto out = told(c);
  EXPECT_EQ(out.action, "CREATE");
  EXPECT_EQ(*out.touched[0].after, (Json{{"value", "***"}}));
  c.absent = false;
  c.before = R"({"type":"STRING","value":"OLD"})";
  out = told(c);
  EXPECT_EQ(out.action, "UPDATE");
  EXPECT_EQ(*out.touched[0].before, (Json{{"value", "***"}}));
  EXPECT_EQ(*out.touched[0].after, (Json{{"value", "*** (changed)"}}));
  c.before = R"({"type":"STRING","value":"CANARY"})";
  out = told(c);
  EXPECT_EQ(out.detail["unchanged"], true);
  EXPECT_FALSE(out.touched[0].after);
  c.status = 422;
  c.body = "{CANARY json";
  c.answer = R"({"message":"Illegal argument: Invalid JSON value for: {CANARY json"})";
  EXPECT_EQ(told(c).message, "Illegal argument: Invalid JSON value for: ***");
}

TEST(Interpret, NamespaceFiles) {
  Case c{"POST", "/api/v1/namespaces/n/files", "path=/a.txt", "multipart/form-data; boundary=X",
         "--X\r\nContent-Disposition: form-data; name=\"fileContent\"; filename=\"a\"\r\n\r\n"
         "CANARY\r\n--X--\r\n"};
  c.absent = true;
  auto out = told(c);
  EXPECT_EQ(out.action, "CREATE");
  EXPECT_EQ(*out.touched[0].after, (Json{{"path", "/a.txt"}, {"size", 6}}));
  c.absent = false;
  c.before = R"({"type":"File","size":9,"fileName":"a.txt","lastModifiedTime":1})";
  out = told(c);
  EXPECT_EQ(out.action, "UPDATE");
  EXPECT_EQ((*out.touched[0].before)["size"], 9);
  Case move{"PUT", "/api/v1/namespaces/n/files", "from=/a&to=/b"};
  out = told(move);
  EXPECT_EQ(out.action, "UPDATE");
  EXPECT_EQ(out.detail["path"], "/a");
  EXPECT_EQ((*out.touched[0].after)["path"], "/b");
}

TEST(Interpret, TriggersAreNamedByBodyOrPath) {
  Case c{"PUT", "/api/v1/triggers", "", "application/json",
         R"({"namespace":"n","flowId":"f","triggerId":"t","disabled":true})"};
  c.answer = R"({"namespace":"n","flowId":"f","triggerId":"t","disabled":true})";
  const Json expected = {{"id", "t"}, {"namespace", "n"}, {"flowId", "f"}, {"triggerId", "t"}};
  auto out = told(c);
  EXPECT_EQ(out.detail, expected);
  EXPECT_EQ((*out.touched[0].after)["disabled"], true);
  Case restart{"POST", "/api/v1/triggers/n/f/t/restart"};
  restart.before = R"({"results":[{"triggerId":"u"},{"triggerId":"t","disabled":true}],"total":2})";
  restart.answer = R"({"namespace":"n","flowId":"f","triggerId":"t","disabled":false})";
  out = told(restart);
  EXPECT_EQ(out.detail, expected);
  EXPECT_EQ((*out.touched[0].before)["disabled"], true);
}

TEST(Interpret, TheSharedAccountIsNamedByAHashOnly) {
  Case c{"POST",
         "/api/v1/basicAuth",
         "",
         "application/json",
         R"({"uid":"u","username":"ada@example.com","password":"CANARY"})",
         204};
  const auto out = told(c);
  EXPECT_EQ(out.hash_username, "ada@example.com");
  EXPECT_EQ(out.detail, Json::object());
  EXPECT_FALSE(out.touched[0].before);
  EXPECT_FALSE(out.touched[0].after);
}

TEST(Interpret, NamespaceUpdateTellsCreatedUpdatedAndDeleted) {
  Case c{"POST", "/api/v1/flows/n", "delete=true", "application/x-yaml",
         "id: a\nnamespace: n\n---\nid: b\nnamespace: n\n---\nid: c\nnamespace: n\n"};
  c.before = R"([{"id":"a","namespace":"n","revision":1},{"id":"b","namespace":"n","revision":5},
                 {"id":"d","namespace":"n","revision":2}])";
  c.answer = R"([{"id":"a","namespace":"n","revision":1},{"id":"b","namespace":"n","revision":6},
                 {"id":"c","namespace":"n","revision":4},{"id":"d","namespace":"n","revision":2}])";
  auto out = told(c);
  EXPECT_TRUE(out.bulk);
  EXPECT_EQ(out.count, 4);
  ASSERT_EQ(out.touched.size(), 4U);
  EXPECT_EQ(out.touched[0].detail["unchanged"], true);
  EXPECT_EQ(out.touched[1].action, "UPDATE");
  EXPECT_EQ(out.touched[1].detail["revision"], 6);
  EXPECT_EQ(out.touched[2].action, "CREATE");
  EXPECT_EQ(out.touched[3].action, "DELETE");
  EXPECT_EQ(out.touched[3].detail["flowId"], "d");
  EXPECT_FALSE(out.touched[3].after);
  c.status = 422;
  c.answer = R"({"message":"no"})";
  out = told(c);
  EXPECT_EQ(out.touched.size(), 3U);
  EXPECT_FALSE(out.count);
}

TEST(Interpret, TheBodyIsKeptIfARuleAsksForIt) {
  const auto rules = Rules::parse(
      "version: t\nwords: [flows]\nrules:\n"
      "  - {name: a, match: \"POST ~/flows\", resource: FLOW, action: CREATE, level: body}\n"
      "  - {name: b, match: \"PUT ~/flows\", resource: FLOW, action: UPDATE, level: body, "
      "private_body: true}\n");
  ASSERT_TRUE(rules);
  Captured captured;
  captured.status = 200;
  captured.request_body = R"({"id":"f","password":"CANARY"})";
  for (const std::string method : {"POST", "PUT"}) {
    const RequestView view{method, "/api/v1/flows", ""};
    const auto out = (*rules)->interpret(view, (*rules)->classify(view), captured);
    EXPECT_EQ(out.excerpt.has_value(), method == "POST");
    EXPECT_EQ(out.excerpt.value_or(""), method == "POST" ? R"({"id":"f","password":"***"})" : "");
  }
}

TEST(Interpret, ByQueryGuessesNoObjects) {
  Case c{"DELETE", "/api/v1/main/executions/by-query", "filters[namespace][EQUALS]=n"};
  c.answer = R"({"count":12})";
  const auto out = told(c);
  EXPECT_TRUE(out.touched.empty());
  EXPECT_EQ(out.count, 12);
  EXPECT_EQ(
      out.detail,
      (Json{{"bulk", true}, {"count", 12}, {"query", {{"filters[namespace][EQUALS]", "n"}}}}));
}

TEST(Interpret, ARouteNobodyKnows) {
  Case c{"POST", "/api/v1/main/flows/a/b/c/d", "", "application/json", R"({"secret":"CANARY"})",
         404};
  c.answer = R"({"message":"Not Found"})";
  const auto out = told(c);
  EXPECT_EQ(out.action, "CREATE");
  EXPECT_EQ(out.message, "Not Found");
  ASSERT_EQ(out.touched.size(), 1U);
  EXPECT_FALSE(out.touched[0].after);
}

TEST(Interpret, AnOutcomeNobodyKnowsKeepsTheStateBefore) {
  Case c{"PUT", "/api/v1/flows/n/f", "", "application/x-yaml", "id: f\n", 0};
  c.before = R"({"id":"f","namespace":"n","revision":2,"source":"id: f\n"})";
  const auto out = told(c);
  EXPECT_TRUE(out.touched[0].before);
  EXPECT_FALSE(out.touched[0].after);
  EXPECT_EQ(out.detail["revision"], 2);
}

TEST(Interpret, TheKeyOfAWebhookIsNotInTheMessage) {
  Case c{"POST", "/api/v1/executions/webhook/n/f/CANARY%2Fx", "", "application/json", "{}", 404};
  c.answer = R"({"message":"Not Found: /api/v1/executions/webhook/n/f/CANARY%2Fx, CANARY/x"})";
  EXPECT_EQ(told(c).message->find("CANARY"), std::string::npos);
}

}  // namespace
}  // namespace daybook::kestra
