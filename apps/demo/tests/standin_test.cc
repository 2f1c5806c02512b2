// SPDX-License-Identifier: Apache-2.0
#include "standin.h"

#include <chrono>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "daybook/net/client.h"
#include "daybook/net/runtime.h"

#include "actors.h"
#include "call.h"
#include "flow_sources.h"

namespace daybook::demo {
namespace {

using std::chrono::milliseconds;

class StandinTest : public testing::Test {
 protected:
  void start(Standin::Options options = {}) {
    auto standin = Standin::start(runtime_->executor(), "127.0.0.1:0", std::move(options));
    ASSERT_TRUE(standin);
    standin_ = *std::move(standin);
    client_ = net::Client::make(*net::BaseUrl::parse(standin_->url()));
  }

  net::Response call(std::string method, std::string target, std::string body = {},
                     std::string content_type = {}) {
    net::RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    if (!content_type.empty()) {
      head.headers.add("Content-Type", std::move(content_type));
    }
    auto task = client_->fetch(std::move(head), std::move(body), 1U << 20U, milliseconds(10'000));
    auto response =
        boost::asio::co_spawn(runtime_->executor(), std::move(task), boost::asio::use_future).get();
    EXPECT_TRUE(response);
    return response ? *std::move(response) : net::Response();
  }

  std::unique_ptr<net::Runtime> runtime_ = net::Runtime::start(2);
  std::unique_ptr<Standin> standin_;
  std::unique_ptr<net::Client> client_;
};

constexpr const char* kFlow =
    "id: hello\nnamespace: company.team\ndescription: first\nlabels:\n  team: data\ntasks:\n"
    "  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n";

TEST_F(StandinTest, FlowsHaveRevisionsAndSurviveDeletion) {
  start();
  const auto created = call("POST", "/api/v1/main/flows", kFlow, "application/x-yaml");
  EXPECT_EQ(created.head.status, 200U);
  const Json flow = Json::parse(created.body);
  EXPECT_EQ(flow["revision"], 1);
  EXPECT_EQ(flow["source"], kFlow);
  EXPECT_EQ(flow["labels"], (Json{{{"key", "team"}, {"value", "data"}}}));
  const auto again = call("POST", "/api/v1/flows", kFlow, "application/x-yaml");
  EXPECT_EQ(again.head.status, 422U);
  EXPECT_EQ(again.head.reason, "Invalid entity");
  EXPECT_EQ(Json::parse(again.body)["_embedded"]["errors"][0]["path"], "flow.id");
  std::string changed = kFlow;
  changed.replace(changed.find("first"), 5, "second");
  const std::string target = "/api/v1/flows/company.team/hello";
  EXPECT_EQ(Json::parse(call("PUT", target, changed, "application/x-yaml").body)["revision"], 2);
  EXPECT_EQ(Json::parse(call("PUT", target, changed, "application/x-yaml").body)["revision"], 2);
  EXPECT_EQ(call("DELETE", target).head.status, 204U);
  EXPECT_EQ(call("GET", target).head.status, 404U);
  const Json gone = Json::parse(call("GET", target + "?source=true&allowDeleted=true").body);
  EXPECT_EQ(gone["revision"], 3);
  EXPECT_EQ(gone["deleted"], true);
  EXPECT_EQ(Json::parse(call("GET", target + "?revision=1&source=true").body)["source"], kFlow);
  EXPECT_EQ(
      Json::parse(call("POST", "/api/v1/flows", kFlow, "application/x-yaml").body)["revision"], 4);
}

TEST_F(StandinTest, ExecutionsRunAndTakeVerbs) {
  start();
  call("POST", "/api/v1/flows", kFlow, "application/x-yaml");
  const Json begun =
      Json::parse(call("POST", "/api/v1/main/executions/company.team/hello?labels=a:b").body);
  EXPECT_EQ(begun["state"]["current"], "CREATED");
  EXPECT_EQ(begun["flowRevision"], 1);
  const std::string id = begun["id"];
  const auto stream = call("GET", "/api/v1/executions/" + id + "/follow");
  EXPECT_TRUE(stream.head.chunked);
  EXPECT_NE(stream.body.find("id: progress\ndata: {"), std::string::npos);
  EXPECT_NE(stream.body.find("id: end\ndata: {"), std::string::npos);
  const Json ended = Json::parse(call("GET", "/api/v1/executions/" + id).body);
  EXPECT_EQ(ended["state"]["current"], "SUCCESS");
  EXPECT_EQ(ended["taskRunList"].size(), 1U);
  const Json replayed =
      Json::parse(call("POST", "/api/v1/main/executions/" + id + "/actions/replay").body);
  EXPECT_NE(replayed["id"], id);
  EXPECT_EQ(replayed["parentId"], id);
  const auto labelled = call("POST", "/api/v1/executions/" + id + "/labels",
                             R"([{"key":"system.a","value":"x"}])", "application/json");
  EXPECT_EQ(labelled.head.status, 422U);
  EXPECT_EQ(labelled.head.reason, "Illegal argument");
  EXPECT_EQ(call("DELETE", "/api/v1/executions/" + id + "/kill").head.status, 202U);
  EXPECT_EQ(call("DELETE", "/api/v1/executions/" + id).head.status, 204U);
  EXPECT_EQ(call("GET", "/api/v1/executions/" + id).head.status, 404U);
  EXPECT_EQ(call("POST", "/api/v1/executions/company.team/nope").head.status, 404U);
  EXPECT_EQ(
      call("POST", "/api/v1/executions/company.team/hello", "{}", "application/json").head.status,
      415U);
}

TEST_F(StandinTest, ValuesAndFiles) {
  start();
  const std::string kv = "/api/v1/namespaces/company.team/kv";
  EXPECT_EQ(call("PUT", kv + "/cfg", R"({"a":1})", "application/json").head.status, 200U);
  EXPECT_EQ(call("GET", kv + "/cfg").body, R"({"type":"JSON","value":{"a":1}})");
  EXPECT_EQ(call("GET", kv + "/nope").head.status, 404U);
  EXPECT_EQ(call("PUT", kv + "/bad", "{not", "application/json").head.reason, "Illegal argument");
  EXPECT_EQ(call("DELETE", kv + "/cfg").body, "true");
  EXPECT_EQ(call("DELETE", kv + "/cfg").body, "false");
  const std::string files = "/api/v1/namespaces/company.team/files";
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"fileContent\"; "
      "filename=\"a.py\"\r\n\r\nprint(1)\n\r\n--b--\r\n";
  EXPECT_EQ(
      call("POST", files + "?path=/a.py", form, "multipart/form-data; boundary=b").head.status,
      200U);
  EXPECT_EQ(call("GET", files + "?path=/a.py").body, "print(1)\n");
  EXPECT_EQ(call("DELETE", files + "?path=/a.py").head.status, 200U);
  EXPECT_EQ(call("GET", files + "?path=/a.py").head.status, 404U);
}

TEST_F(StandinTest, DemandsBasicWhenTold) {
  start({"kestra@example.org", "secret"});
  EXPECT_EQ(call("GET", "/ping").body, "pong");
  const auto refused = call("GET", "/api/v1/configs");
  EXPECT_EQ(refused.head.status, 401U);
  EXPECT_EQ(refused.head.headers.get("WWW-Authenticate"), "Basic realm=Kestra");
}

TEST(FlowSources, EachEditChangesALittle) {
  for (const FlowSource& flow : flow_sources()) {
    for (unsigned n = 0; n < 12; ++n) {
      EXPECT_NE(source_after(flow, n), source_after(flow, n + 1));
      EXPECT_EQ(source_after(flow, n).find('@' + std::string("timeout")), std::string::npos);
    }
  }
}

TEST_F(StandinTest, ActorsFillItThroughAnyGateway) {
  start();
  auto actors = Actors::start(runtime_->executor(), standin_->url(), {{"jane.doe", "pw", false}},
                              system_random());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!actors->seeded() && std::chrono::steady_clock::now() < until) {
    ::usleep(10'000);
  }
  EXPECT_TRUE(actors->seeded());
  actors->stop();
  const Json flows = Json::parse(call("GET", "/api/v1/flows/search?size=100").body);
  EXPECT_EQ(flows["total"], 6);
  const Json ledger =
      Json::parse(call("GET", "/api/v1/flows/company.finance/daily-ledger-sync").body);
  EXPECT_EQ(ledger["revision"], 4);
}

}  // namespace
}  // namespace daybook::demo
