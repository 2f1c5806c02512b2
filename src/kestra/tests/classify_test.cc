// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "daybook/kestra/rules.h"

namespace daybook::kestra {
namespace {

Classification of(std::string_view method, std::string_view path, std::string_view query = "") {
  return Rules::builtin().classify({method, path, query});
}

TEST(Classify, UpdateOfAFlow) {
  const auto what = of("PUT", "/api/v1/acme/flows/company.team/hello");
  EXPECT_EQ(what.rule, "updateFlow");
  EXPECT_TRUE(what.known);
  EXPECT_TRUE(what.changes);
  EXPECT_EQ(what.mode, Mode::strict);
  EXPECT_EQ(what.level, Level::change);
  EXPECT_EQ(what.resource, "FLOW");
  EXPECT_EQ(what.action, "UPDATE");
  EXPECT_EQ(what.tenant, "acme");
  EXPECT_EQ(what.tenant_prefix, "/api/v1/acme");
  EXPECT_EQ(what.shown_path, "/api/v1/acme/flows/company.team/hello");
  EXPECT_EQ(what.detail,
            (Json{{"id", "hello"}, {"namespace", "company.team"}, {"flowId", "hello"}}));
  EXPECT_EQ(what.before_target, "/api/v1/acme/flows/company.team/hello?source=true");
}

TEST(Classify, PathsWithoutATenantBelongToMain) {
  const auto what = of("DELETE", "/api/v1/flows/company.team/hello");
  EXPECT_EQ(what.tenant, "main");
  EXPECT_EQ(what.tenant_prefix, "/api/v1");
  EXPECT_EQ(what.before_target, "/api/v1/flows/company.team/hello?source=true");
  EXPECT_EQ(what.action, "DELETE");
}

TEST(Classify, AWordIsNeverATenant) {
  EXPECT_EQ(of("GET", "/api/v1/flows/executions/x").tenant, "main");
  EXPECT_EQ(of("GET", "/api/v1/users/flows").tenant, "main");
  EXPECT_EQ(of("GET", "/api/v1/acme/flows/search").tenant, "acme");
  EXPECT_EQ(of("GET", "/api/v1/acme/unheard/of").tenant, "main");
  // Kestra's tenants are lower-case, so this cannot be one.
  EXPECT_EQ(of("GET", "/api/v1/ACME/flows/search").tenant, "main");
  // What Kestra decodes to a tenant is that tenant.
  EXPECT_EQ(of("GET", "/api/v1/%61cme/flows/search").tenant, "acme");
}

TEST(Classify, MoreFixedSegmentsWin) {
  EXPECT_EQ(of("POST", "/api/v1/flows/validate").rule, "validateFlows");
  EXPECT_EQ(of("POST", "/api/v1/flows/company.team").rule, "updateFlowsInNamespace");
  EXPECT_EQ(of("POST", "/api/v1/executions/company.team/hello").rule, "createExecution");
  EXPECT_EQ(of("POST", "/api/v1/executions/5x/restart").rule, "restartExecution");
  EXPECT_EQ(of("POST", "/api/v1/main/executions/5x/actions/restart").rule, "restartExecution");
  EXPECT_EQ(of("DELETE", "/api/v1/executions/5x/kill").action, "UPDATE");
  EXPECT_EQ(of("DELETE", "/api/v1/executions/by-ids").bulk, Bulk::ids);
  EXPECT_EQ(of("POST", "/api/v1/executions/trigger/company.team/hello").rule, "triggerExecution");
  EXPECT_EQ(of("POST", "/api/v1/executions/5x/eval/7y").changes, false);
  EXPECT_EQ(of("POST", "/api/v1/executions/company.team/hello/validate").level, Level::none);
  EXPECT_EQ(of("POST", "/api/v1/executions/5x/resume/validate").level, Level::none);
}

TEST(Classify, OneTrailingSlashIsStripped) {
  EXPECT_EQ(of("POST", "/api/v1/flows/").rule, "createFlow");
  EXPECT_FALSE(of("POST", "/api/v1/flows//").known &&
               of("POST", "/api/v1/flows//").rule == "createFlow");
  EXPECT_EQ(of("POST", "/api/v1/flows/").shown_path, "/api/v1/flows/");
}

TEST(Classify, TheKeyOfAWebhookIsNeverShown) {
  for (const std::string method : {"GET", "POST", "PUT", "HEAD"}) {
    const auto what = of(method, "/api/v1/main/executions/webhook/company.team/hook/s3cr3tKey123",
                         "a=1&a=2&token=t0p");
    EXPECT_EQ(what.shown_path, "/api/v1/main/executions/webhook/company.team/hook/***");
    EXPECT_TRUE(what.opens_without_login);
    EXPECT_TRUE(what.webhook);
    EXPECT_TRUE(what.changes);
    EXPECT_EQ(what.resource, "EXECUTION");
    EXPECT_EQ(what.action, "CREATE");
    EXPECT_EQ(what.detail, (Json{{"namespace", "company.team"},
                                 {"flowId", "hook"},
                                 {"query", {{"a", {"1", "2"}}, {"token", "***"}}}}));
  }
  EXPECT_EQ(of("POST", "/api/v1/executions/webhook/n/f/k3y/more/path").shown_path,
            "/api/v1/executions/webhook/n/f/***/more/path");
  // Routes nobody knows that still carry a key.
  EXPECT_EQ(of("PATCH", "/api/v1/executions/webhook/n/f/k3y").shown_path,
            "/api/v1/executions/webhook/n/f/***");
  EXPECT_EQ(of("POST", "/x/API/executions/webhook//n/f/k3y/z").shown_path,
            "/x/API/executions/webhook//n/f/***/***");
  EXPECT_EQ(of("POST", "/api/v1/executions/%77ebhook/n/f/k3y").shown_path.find("k3y"),
            std::string::npos);
}

TEST(Classify, OnlyPingAndWebhooksOpenWithoutALogin) {
  EXPECT_TRUE(of("GET", "/ping").opens_without_login);
  EXPECT_FALSE(of("POST", "/api/v1/executions/webhook/hook").opens_without_login);
  EXPECT_FALSE(of("GET", "/x/api/v1/executions/webhook/n/f/k").opens_without_login);
  EXPECT_FALSE(of("GET", "/x/api/v1/executions/webhook/n/f/k").webhook);
  EXPECT_EQ(of("GET", "/x/api/v1/executions/webhook/n/f/k").shown_path,
            "/x/api/v1/executions/webhook/n/f/***");
  EXPECT_FALSE(of("POST", "/api/v1/login").opens_without_login);
  EXPECT_FALSE(of("POST", "/api/v1/main/basicAuth").opens_without_login);
  EXPECT_FALSE(of("GET", "/ui/").opens_without_login);
}

TEST(Classify, QuietReads) {
  for (const std::string path :
       {"/", "/ui", "/ui/", "/ui/assets/index.js", "/ping", "/api/v1/plugins/icons",
        "/api/v1/configs", "/api/v1/main/configs", "/api/v1/flows/search",
        "/api/v1/main/executions/search", "/api/v1/flows/a/b/graph"}) {
    EXPECT_EQ(of("GET", path).level, Level::none) << path;
    EXPECT_FALSE(of("GET", path).changes) << path;
  }
  for (const std::string path :
       {"/api/v1/stats/summary", "/api/v1/flows/graph", "/api/v1/main/flows/validate/task"}) {
    EXPECT_EQ(of("POST", path).level, Level::none) << path;
    EXPECT_FALSE(of("POST", path).changes) << path;
  }
  for (const std::string path :
       {"/api/v1/flows/a/b", "/api/v1/main/namespaces/n/kv/k", "/api/v1/flows/export/by-query"}) {
    const auto what = of("GET", path);
    EXPECT_EQ(what.level, Level::metadata) << path;
    EXPECT_EQ(what.action, "READ") << path;
    EXPECT_FALSE(what.changes) << path;
    EXPECT_EQ(what.mode, Mode::available) << path;
  }
}

TEST(Classify, ARouteNobodyKnowsIsRecorded) {
  struct Row {
    const char* method;
    const char* action;
    bool changes;
  };
  for (const Row& row :
       {Row{"GET", "READ", false}, Row{"HEAD", "READ", false}, Row{"OPTIONS", "READ", false},
        Row{"POST", "CREATE", true}, Row{"PUT", "UPDATE", true}, Row{"PATCH", "UPDATE", true},
        Row{"DELETE", "DELETE", true}, Row{"PROPFIND", "UPDATE", true}}) {
    const auto what = of(row.method, "/api/v1/acme/flows/a/b/c/d/e", "x=1");
    EXPECT_FALSE(what.known);
    EXPECT_EQ(what.rule, "unknown");
    EXPECT_EQ(what.resource, "UNKNOWN");
    EXPECT_EQ(what.action, row.action);
    EXPECT_EQ(what.changes, row.changes);
    EXPECT_EQ(what.mode, row.changes ? Mode::strict : Mode::available);
    EXPECT_EQ(what.level, Level::metadata);
    EXPECT_EQ(what.tenant, "acme");
    EXPECT_EQ(what.detail, (Json{{"query", {{"x", "1"}}}}));
  }
}

TEST(Classify, ContextPath) {
  const auto what = of("PUT", "/kestra/api/v1/acme/flows/n/f");
  EXPECT_EQ(what.rule, "updateFlow");
  EXPECT_EQ(what.tenant, "acme");
  EXPECT_EQ(what.tenant_prefix, "/kestra/api/v1/acme");
  EXPECT_EQ(what.before_target, "/kestra/api/v1/acme/flows/n/f?source=true");
}

TEST(Classify, Upserts) {
  const auto kv = of("PUT", "/api/v1/main/namespaces/company.team/kv/a%20b");
  EXPECT_EQ(kv.action, "UPDATE");
  EXPECT_EQ(kv.absent_action, "CREATE");
  EXPECT_EQ(kv.detail, (Json{{"id", "a b"}, {"namespace", "company.team"}, {"key", "a b"}}));
  EXPECT_EQ(kv.before_target, "/api/v1/main/namespaces/company.team/kv/a%20b");
  const auto file = of("POST", "/api/v1/namespaces/n/files", "path=%2Fd%2Fa.txt");
  EXPECT_EQ(file.absent_action, "CREATE");
  EXPECT_EQ(file.before_target, "/api/v1/namespaces/n/files/stats?path=%2Fd%2Fa.txt");
  EXPECT_EQ(file.detail, (Json{{"id", "/d/a.txt"},
                               {"namespace", "n"},
                               {"path", "/d/a.txt"},
                               {"query", {{"path", "/d/a.txt"}}}}));
  EXPECT_FALSE(of("POST", "/api/v1/namespaces/n/files").before_target);
}

TEST(Classify, WordsOfTheContract) {
  EXPECT_EQ(of("POST", "/api/v1/flows/disable/by-ids").action, "UPDATE");
  EXPECT_EQ(of("POST", "/api/v1/executions/5x/force-run").action, "UPDATE");
  const auto logs = of("DELETE", "/api/v1/logs/5x");
  EXPECT_EQ(logs.resource, "EXECUTION");
  EXPECT_EQ(logs.action, "DELETE");
  EXPECT_EQ(logs.detail["part"], "logs");
  const auto account = of("POST", "/api/v1/basicAuth");
  EXPECT_EQ(account.resource, "USER");
  EXPECT_EQ(account.action, "UPDATE");
  EXPECT_EQ(of("POST", "/api/v1/main/basicAuth").rule, account.rule);
  EXPECT_EQ(of("DELETE", "/api/v1/templates/n/t").resource, "TEMPLATE");
  EXPECT_EQ(of("PUT", "/api/v1/triggers").resource, "TRIGGER");
  EXPECT_TRUE(of("POST", "/api/v1/login").sign_in);
  EXPECT_EQ(of("POST", "/api/v1/login").action, "LOGIN");
}

TEST(Classify, NeverFailsOnAnyPath) {
  std::mt19937 random(7);
  const std::string alphabet = "/{}*%.~-_aZ9?#\\ \xC3\xA4\x01";
  const std::vector<std::string> words = {"api", "v1",  "main", "flows",  "executions", "webhook",
                                          "..",  "%2e", "",     "by-ids", "namespaces", "kv"};
  for (int i = 0; i < 3000; ++i) {
    std::string path;
    const int pieces = static_cast<int>(random() % 60);
    for (int k = 0; k < pieces; ++k) {
      path += random() % 5 == 0 ? "" : "/";
      if (random() % 2 == 0) {
        path += words[random() % words.size()];
      } else {
        for (std::size_t n = random() % 6; n > 0; --n) path += alphabet[random() % alphabet.size()];
      }
    }
    const auto what = of(i % 2 == 0 ? "POST" : "GET", path, path);
    EXPECT_FALSE(what.resource.empty());
    EXPECT_FALSE(what.tenant.empty());
    // All of it can stand in JSON.
    EXPECT_NO_THROW(static_cast<void>(what.detail.dump()));
  }
}

}  // namespace
}  // namespace daybook::kestra
