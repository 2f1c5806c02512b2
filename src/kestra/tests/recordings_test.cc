// SPDX-License-Identifier: Apache-2.0
// Real exchanges of Kestra 0.21 with its UI, its SDK and scripts (tests/data/kestra/recordings).
#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/core/utf8.h"
#include "daybook/kestra/rules.h"
#include "daybook/record/json.h"

namespace daybook::kestra {
namespace {

struct Exchange {
  std::string where;  // File and line.
  std::string method;
  std::string path;
  std::string query;
  std::string content_type;
  std::optional<std::string> request;
  unsigned status = 0;
  std::optional<std::string> response;
};

std::optional<std::string> body_of(const Json& message) {
  if (!message.is_object()) return std::nullopt;
  if (message.contains("decoded")) return message["decoded"].get<std::string>();
  if (!message.contains("body") || !message["body"].is_string()) return std::nullopt;
  auto text = message["body"].get<std::string>();
  if (message.value("enc", "") == "omitted" || text.empty()) return std::nullopt;
  if (message.value("enc", "") != "base64") return text;
  auto bytes = from_base64(text);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

std::vector<Exchange> recorded(const std::string& file) {
  std::vector<Exchange> out;
  std::ifstream in(std::string(DAYBOOK_TEST_DATA) + "/kestra/recordings/" + file);
  for (std::string line; std::getline(in, line);) {
    const Json json = Json::parse(line);
    Exchange exchange;
    exchange.where = file + " " + json["n"].dump();
    exchange.method = json["method"].get<std::string>();
    const auto target = json["target"].get<std::string>();
    exchange.path = target.substr(0, target.find('?'));
    if (exchange.path.size() < target.size()) {
      exchange.query = target.substr(exchange.path.size() + 1);
    }
    for (const auto& header : json["req_headers"]) {
      if (equal_ascii_case(header[0].get<std::string>(), "content-type")) {
        exchange.content_type = header[1].get<std::string>();
      }
    }
    exchange.request = body_of(json.value("req", Json()));
    if (json.contains("status") && json["status"].is_number()) {
      exchange.status = json["status"].get<unsigned>();
    }
    exchange.response = body_of(json.value("resp", Json()));
    out.push_back(std::move(exchange));
  }
  return out;
}

std::vector<Exchange> all() {
  std::vector<Exchange> out;
  for (const char* file :
       {"recording-01-api-noauth.jsonl", "recording-02-basic-auth.jsonl",
        "recording-03-sdk-kestrapy-2.0.3.jsonl", "recording-04-browser-noauth.jsonl"}) {
    auto some = recorded(file);
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

// What is known of an exchange, with the GET ahead answered from what was seen earlier.
class Replay {
 public:
  struct Result {
    Classification what;
    Interpretation told;
  };

  Result next(const Exchange& exchange) {
    const RequestView view{exchange.method, exchange.path, exchange.query};
    Result result{Rules::builtin().classify(view), {}};
    Captured captured;
    captured.request_content_type = exchange.content_type;
    captured.request_body = exchange.request;
    captured.status = exchange.status;
    captured.response_body = exchange.response;
    if (result.what.before_target) {
      const auto seen = seen_.find(*result.what.before_target);
      if (seen != seen_.end()) captured.before_body = seen->second;
      if (absent_.contains(*result.what.before_target)) captured.before_absent = true;
    }
    result.told = Rules::builtin().interpret(view, result.what, captured);
    remember(exchange, result.what);
    return result;
  }

 private:
  void remember(const Exchange& exchange, const Classification& what) {
    const std::string target = exchange.path + (exchange.query.empty() ? "" : "?" + exchange.query);
    if (exchange.method == "GET" && exchange.status == 404) absent_.insert(target);
    if (exchange.status != 200 || !exchange.response) return;
    if (exchange.method == "GET") {
      seen_[target] = *exchange.response;
      absent_.erase(target);
    }
    const auto json = record::parse_json(*exchange.response);
    if (!json || !json->is_object() || !json->contains("id")) return;
    const auto id = (*json)["id"].get<std::string>();
    if (what.resource == "EXECUTION") {
      seen_[what.tenant_prefix + "/executions/" + id] = *exchange.response;
    }
    if (what.resource == "FLOW" && json->contains("source")) {
      seen_[what.tenant_prefix + "/flows/" + (*json)["namespace"].get<std::string>() + "/" + id +
            "?source=true"] = *exchange.response;
    }
  }

  std::map<std::string, std::string> seen_;
  std::set<std::string> absent_;
};

std::string everything(const Classification& what, const Interpretation& told) {
  Json all = {what.shown_path, what.detail, told.detail, told.message.value_or("")};
  for (const auto& object : told.touched) {
    all.push_back({object.detail, object.before.value_or(Json()), object.after.value_or(Json())});
  }
  return all.dump();
}

TEST(Recordings, OnlyTheseRoutesAreUnknown) {
  const std::set<std::string> expected = {
      "DELETE /api/v1/configs",   "GET /API/V1/configs", "GET /api/v1//configs", "GET /api/v1/",
      "GET /api/v1/doesnotexist", "GET /health",         "OPTIONS /api/v1/flows"};
  std::set<std::string> unknown;
  std::size_t seen = 0;
  for (const auto& exchange : all()) {
    const auto what = Rules::builtin().classify({exchange.method, exchange.path, exchange.query});
    if (!what.known) unknown.insert(exchange.method + " " + exchange.path);
    ++seen;
  }
  EXPECT_EQ(seen, 600U);
  EXPECT_EQ(unknown, expected);
}

TEST(Recordings, FlowsAndExecutionsAreNamed) {
  Replay replay;
  std::size_t flows = 0;
  std::size_t executions = 0;
  for (const auto& exchange : all()) {
    const auto [what, told] = replay.next(exchange);
    if (!what.changes || told.bulk) continue;
    SCOPED_TRACE(exchange.where + " " + exchange.method + " " + exchange.path);
    ASSERT_EQ(told.touched.size(), 1U);
    const Json& detail = told.touched[0].detail;
    EXPECT_EQ(detail, told.detail);
    const bool good = exchange.status >= 200 && exchange.status < 300;
    if (what.resource == "FLOW") {
      ++flows;
      // Three bodies of the recordings name no flow.
      const bool told_by_body = exchange.request != "id: [unclosed\n  :" &&
                                exchange.request != R"({"id":"x"})" &&
                                (exchange.request || exchange.path.ends_with("/flows") == false);
      EXPECT_EQ(detail.contains("namespace"), told_by_body);
      EXPECT_EQ(detail.contains("flowId"), told_by_body || exchange.request == R"({"id":"x"})");
      EXPECT_EQ(detail.value("id", ""), detail.value("flowId", ""));
      if (good && exchange.method != "DELETE") {
        EXPECT_TRUE(detail["revision"].is_number_integer());
      }
    }
    if (what.resource == "EXECUTION" && good && !detail.contains("part")) {
      ++executions;
      EXPECT_TRUE(detail["namespace"].is_string());
      EXPECT_TRUE(detail["flowId"].is_string());
      EXPECT_TRUE(detail["executionId"].is_string());
      EXPECT_TRUE(detail["revision"].is_number_integer());
      EXPECT_EQ(detail["id"], detail["executionId"]);
    }
    if (exchange.status >= 400 && exchange.response) {
      EXPECT_TRUE(told.message.has_value());
      EXPECT_FALSE(told.touched[0].before.has_value());
      EXPECT_FALSE(told.touched[0].after.has_value());
    }
  }
  EXPECT_GT(flows, 30U);
  EXPECT_GT(executions, 40U);
}

TEST(Recordings, NothingSecretIsKept) {
  // Webhook keys, passwords, execution inputs, key-value values, file contents of the recordings.
  const std::vector<std::string> secrets = {
      "s3cr3tKey123",    "kestra-Pass1", "kestra-Pass2", "kestra-Pass3", "Lövelace",
      "looks good",      "notanint",     "not json",     "print(1)",     "first@kestra.io",
      "third@kestra.io", ": k3y",        "\"k3y\"",      "/k3y",         "python-requests"};
  Replay replay;
  for (const auto& exchange : all()) {
    const auto [what, told] = replay.next(exchange);
    if (what.level == Level::none) continue;
    const std::string text = everything(what, told);
    for (const auto& secret : secrets) {
      EXPECT_EQ(text.find(secret), std::string::npos)
          << exchange.where << " " << exchange.method << " " << exchange.path << ": " << secret
          << "\n"
          << text.substr(0, 2000);
    }
  }
}

TEST(Recordings, BulkRequestsNameTheirObjects) {
  Replay replay;
  std::map<std::string, std::vector<Interpretation>> by_rule;
  for (const auto& exchange : recorded("recording-01-api-noauth.jsonl")) {
    auto [what, told] = replay.next(exchange);
    if (!what.changes) continue;
    EXPECT_EQ(told.bulk, what.bulk != Bulk::no) << exchange.where;
    if (!told.bulk) continue;
    EXPECT_FALSE(told.detail.contains("id")) << exchange.where;
    EXPECT_EQ(told.detail["bulk"], true) << exchange.where;
    if (what.bulk == Bulk::query) {
      EXPECT_TRUE(told.touched.empty()) << exchange.where;
      EXPECT_TRUE(told.detail.contains("query") || exchange.query.empty()) << exchange.where;
      EXPECT_EQ(told.detail.contains("count"), exchange.status == 200) << exchange.where;
    }
    by_rule[what.rule].push_back(std::move(told));
  }
  const auto& disabled = by_rule.at("disableFlowsByIds").front();
  EXPECT_EQ(disabled.count, 2);
  ASSERT_EQ(disabled.touched.size(), 2U);
  EXPECT_EQ(disabled.touched[0].detail,
            (Json{{"id", "bulk0"}, {"flowId", "bulk0"}, {"namespace", "company.bulk"}}));
  EXPECT_EQ(disabled.touched[0].action, "UPDATE");
  const auto& bulk = by_rule.at("bulkUpdateFlows").front();
  ASSERT_EQ(bulk.touched.size(), 4U);
  EXPECT_EQ(bulk.touched[0].action, "CREATE");
  EXPECT_EQ(bulk.touched[0].detail["revision"], 1);
  EXPECT_TRUE(bulk.touched[0].after.has_value());
  const auto& labels = by_rule.at("setLabelsOnTerminatedExecutionsByIds").front();
  EXPECT_EQ(labels.touched.size(), 2U);
  // What failed as a whole names its objects too.
  const auto& killed = by_rule.at("killExecutionsByIds");
  ASSERT_EQ(killed.size(), 2U);
  EXPECT_EQ(killed[1].touched.size(), 2U);
  EXPECT_TRUE(killed[1].message.has_value());
  EXPECT_FALSE(killed[1].count.has_value());
  const auto& imported = by_rule.at("importFlows").front();
  EXPECT_EQ(imported.touched.size(), 4U);
  EXPECT_EQ(imported.touched[0].detail["namespace"], "company.bulk");
  const auto& keys = by_rule.at("deleteKeyValues").front();
  EXPECT_EQ(keys.count, 2);
  ASSERT_EQ(keys.touched.size(), 2U);
  EXPECT_EQ(keys.touched[0].detail,
            (Json{{"id", "greeting"}, {"key", "greeting"}, {"namespace", "company.team"}}));
  const auto& triggers = by_rule.at("unlockTriggersByIds").front();
  ASSERT_FALSE(triggers.touched.empty());
  EXPECT_EQ(triggers.touched[0].detail["flowId"], "sched");
  EXPECT_EQ(triggers.touched[0].detail["id"], "every");
}

}  // namespace
}  // namespace daybook::kestra
