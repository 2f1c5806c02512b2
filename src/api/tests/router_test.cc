// SPDX-License-Identifier: Apache-2.0
#include "router.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "daybook/api/api.h"

#include "web_files.h"

namespace daybook::api {
namespace {

Operation found(std::string_view method, std::string_view path) {
  const Match match = match_route(method, path);
  return match.route == nullptr ? Operation::none : match.route->operation;
}

TEST(Router, FindsOperations) {
  EXPECT_EQ(found("GET", "/health"), Operation::health);
  EXPECT_EQ(found("POST", "/api/v1/main/auditlogs"), Operation::ingest);
  EXPECT_EQ(found("GET", "/api/v1/main/auditlogs/search"), Operation::search);
  EXPECT_EQ(found("HEAD", "/api/v1/main/auditlogs/search"), Operation::search);
  EXPECT_EQ(found("GET", "/api/v1/auditlogs/search"), Operation::search);
  EXPECT_EQ(found("GET", "/api/v1/auditlogs/entries"), Operation::entries);
  EXPECT_EQ(found("GET", "/api/v1/main/auditlogs/abc/proof"), Operation::proof);
  EXPECT_EQ(found("GET", "/api/v1/auditlogs/abc/proof"), Operation::proof);
  EXPECT_EQ(found("GET", "/api/v1/main/auditlogs/history/diff"), Operation::history);
  EXPECT_EQ(found("GET", "/ui/"), Operation::ui);
  EXPECT_EQ(found("GET", "/ui/a/b/c.js"), Operation::ui);
}

TEST(Router, TellsTenantAndId) {
  const Match entry = match_route("GET", "/api/v1/main/auditlogs/a%3Ab");
  EXPECT_EQ(entry.tenant, "main");
  EXPECT_EQ(entry.id, "a:b");
  EXPECT_EQ(match_route("GET", "/api/v1/auditlogs/x").tenant, "");
  EXPECT_EQ(match_route("GET", "/tlog/tile/0/x001/234").rest, "0/x001/234");
  EXPECT_EQ(match_route("GET", "/api/v1/main/auditlogs/history/a%2Fb%20c").id, "a/b c");
}

TEST(Router, NoEntryIsCalledLikeAnOperation) {
  for (const char* word : {"search", "export", "find", "history", "entries", "aggregate", "follow",
                           "evidence", "diff", "proof", "%73earch"}) {
    for (const char* base : {"/api/v1/auditlogs/", "/api/v1/main/auditlogs/"}) {
      const std::string path = std::string(base) + word;
      for (const std::string& below :
           {std::string(), std::string("/diff"), std::string("/proof")}) {
        const Match match = match_route("GET", path + below);
        EXPECT_TRUE(match.id.empty() || match.route->operation == Operation::history)
            << path << below;
      }
    }
  }
}

TEST(Router, KnownPathsWithOtherMethods) {
  for (const auto& [method, path, allow] : {std::tuple{"GET", "/api/v1/main/auditlogs", "POST"},
                                            {"POST", "/api/v1/main/auditlogs/search", "GET, HEAD"},
                                            {"GET", "/api/v1/main/auditlogs/find", "POST"},
                                            {"DELETE", "/api/v1/main/auditlogs/abc", "GET, HEAD"},
                                            {"POST", "/api/v1/auditlogs", ""},
                                            {"PUT", "/tlog/checkpoint", "GET, HEAD"},
                                            {"OPTIONS", "/tlog/tile/0/000", "GET, HEAD"}}) {
    const Match match = match_route(method, path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_TRUE(match.known_path) << path;
    EXPECT_EQ(match.allow, allow) << path;
  }
}

TEST(Router, UnknownPaths) {
  for (const char* path : {"", "/nothing", "/health/", "/api", "/api/v1/main/auditlogs/",
                           "/api/v1//auditlogs", "/api/v1/main/auditlogs/a/b", "/tlog", "/tlog/x",
                           "/api/v1/main/flows", "//health", "/api/v1/main/auditlogs/a/proof/x"}) {
    EXPECT_FALSE(match_route("GET", path).known_path) << path;
  }
}

TEST(Router, OpenApiNamesEveryRouteAndNoOther) {
  const YAML::Node document = YAML::Load(std::string(openapi_document()));
  EXPECT_EQ(document["info"]["version"].as<std::string>(), DAYBOOK_VERSION);
  std::set<std::string> described;
  std::set<std::string> names;
  for (const auto& path : document["paths"]) {
    for (const auto& operation : path.second) {
      if (operation.first.as<std::string>() == "parameters") {
        continue;
      }
      described.insert(operation.first.as<std::string>() + " " + path.first.as<std::string>());
      EXPECT_TRUE(names.insert(operation.second["operationId"].as<std::string>()).second);
      EXPECT_TRUE(operation.second["responses"].IsMap());
    }
  }
  std::set<std::string> routed;
  for (const Route& route : routes()) {
    if (!route.method.empty()) {
      std::string method(route.method);
      std::transform(method.begin(), method.end(), method.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      routed.insert(method + " " + std::string(route.pattern));
    }
  }
  EXPECT_EQ(described, routed);
}

TEST(Claims, PathsOfTheGatewaysListener) {
  EXPECT_EQ(Api::claims("/daybook/health"), "/daybook");
  EXPECT_EQ(Api::claims("/daybook"), "/daybook");
  EXPECT_EQ(Api::claims("/api/v1/main/auditlogs/search"), "");
  EXPECT_EQ(Api::claims("/api/v1/main/auditlogs"), "");
  EXPECT_EQ(Api::claims("/api/v1/auditlogs/search"), "");
  for (const char* path : {"/", "/daybooks", "/api/v1/main/flows", "/api/v1/main/x/auditlogs",
                           "/ui/", "/api/v1/auditlogsx", "/x/api/v1/auditlogs", "/health"}) {
    EXPECT_FALSE(Api::claims(path).has_value()) << path;
  }
}

TEST(WebFiles, HaveAnIndex) {
  bool index = false;
  for (const WebFile& file : web_files()) {
    index = index || file.path == "index.html";
    EXPECT_FALSE(file.content_type.empty());
  }
  EXPECT_TRUE(index);
}

}  // namespace
}  // namespace daybook::api
