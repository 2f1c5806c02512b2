// SPDX-License-Identifier: Apache-2.0
// The ingest API from outside: sockets in front, a real ledger behind.
#include "daybook/capture/ingest.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "daybook/core/bytes.h"
#include "daybook/net/runtime.h"
#include "daybook/net/server.h"

#include "compress.h"
#include "raw_client.h"
#include "test_ledger.h"

namespace daybook::capture {
namespace {

using record::Json;
using testing::RawAnswer;
using testing::RawClient;

constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kNdjson = "Content-Type: application/x-ndjson\r\n";

class IngestTest : public ::testing::Test {
 protected:
  IngestTest() : ingest_(ledger_.recorder(), ledger_.metrics()), runtime_(net::Runtime::start(2)) {
    auto server = net::Server::listen(runtime_->executor(), "127.0.0.1:0",
                                      [this](net::Exchange& exchange) { return serve(exchange); });
    server_ = *std::move(server);
  }
  ~IngestTest() override {
    runtime_->run(server_->drain(std::chrono::milliseconds(0)));
    server_.reset();
    runtime_.reset();
  }

  RawAnswer post(std::string_view headers, std::string_view body, std::string_view query = "") {
    return testing::fetch(
        server_->address(),
        testing::make_request("POST", "/api/v1/main/auditlogs" + std::string(query), headers,
                              body));
  }
  static Json json(const RawAnswer& answer) {
    auto value = record::parse_json(answer.body);
    EXPECT_TRUE(value.has_value()) << answer.body;
    return value ? *value : Json::object();
  }
  // Asserts the shape of a refusal.
  static void expect_refusal(const RawAnswer& answer, int status, std::uint64_t count,
                             std::uint64_t line, const std::string& path) {
    EXPECT_EQ(answer.status, status) << answer.body;
    const Json body = json(answer);
    EXPECT_EQ(body.value("count", 99), count) << answer.body;
    EXPECT_EQ(body.value("line", 99), line) << answer.body;
    EXPECT_TRUE(body.contains("created"));
    const Json& errors = body.at("_embedded").at("errors");
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].value("path", ""), path);
    EXPECT_EQ(errors[0].at("message"), body.at("message"));
  }

  net::Task<void> serve(net::Exchange& exchange) {
    access::Principal who;
    who.id = "w1";
    who.username = "writer";
    who.service_account = true;
    who.role = access::Role::writer;
    return ingest_.handle(exchange, std::move(who), "main");
  }

  testing::TestLedger ledger_;
  Ingest ingest_;
  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<net::Server> server_;
};

std::string event(const std::string& id, const std::string& message = "m") {
  return R"({"id":")" + id + R"(","type":"CREATE","resource":"FLOW","message":")" + message + "\"}";
}

TEST_F(IngestTest, OneEventGetsAReceipt) {
  const RawAnswer got = post(kJson, R"({"type":"CREATE","resource":"FLOW"})");
  EXPECT_EQ(got.status, 201);
  const Json body = json(got);
  EXPECT_EQ(body.at("count"), 1);
  EXPECT_EQ(body.at("created"), 1);
  EXPECT_EQ(body.at("firstIndex"), 0);
  EXPECT_EQ(body.at("treeSize"), 1);
  ASSERT_EQ(body.at("results").size(), 1U);
  const Json& receipt = body.at("results")[0];
  EXPECT_EQ(receipt.at("id").get<std::string>().size(), 22U);
  EXPECT_EQ(receipt.at("index"), 0);
  EXPECT_EQ(receipt.at("duplicate"), false);
  const auto stored = ledger_.ledger().reader().read(EntryIndex(0));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(receipt.at("leafHash"), to_hex(stored->leaf_hash()));
  const auto entry = ledger_.entries().at(0);
  EXPECT_EQ(entry.id, receipt.at("id"));
  EXPECT_EQ(entry.date, entry.recorded_at);
}

TEST_F(IngestTest, ArraysAreContiguousAndAllOrNothing) {
  EXPECT_EQ(post(kJson, "[" + event("a") + "," + event("b") + "," + event("c") + "]").status, 201);
  // The third one breaks a rule: nothing of it is stored.
  expect_refusal(post(kJson, "[" + event("d") + "," + event("e") + R"(,{"type":"X","resource":"R",
                             "user":{"idd":1}}])"),
                 422, 0, 3, "/2/user/idd");
  // The third one is somebody else's id.
  const RawAnswer conflict =
      post(kJson, "[" + event("f") + "," + event("g") + "," + event("a", "other") + "]");
  expect_refusal(conflict, 409, 0, 3, "/2/id");
  EXPECT_NE(json(conflict).at("message").get<std::string>().find(" a "), std::string::npos);
  EXPECT_EQ(ledger_.entries().size(), 3U);
}

TEST_F(IngestTest, RepeatsAnswerTheFirstReceipt) {
  const Json first = json(post(kJson, event("a")));
  const RawAnswer again = post(kJson, event("a"));
  EXPECT_EQ(again.status, 200);
  const Json body = json(again);
  EXPECT_EQ(body.at("count"), 1);
  EXPECT_EQ(body.at("created"), 0);
  EXPECT_TRUE(body.at("firstIndex").is_null());
  EXPECT_EQ(body.at("results")[0].at("duplicate"), true);
  EXPECT_EQ(body.at("results")[0].at("leafHash"), first.at("results")[0].at("leafHash"));
  const Json mixed =
      json(post(kJson, "[" + event("a") + "," + event("b") + "," + event("b") + "]"));
  EXPECT_EQ(mixed.at("count"), 3);
  EXPECT_EQ(mixed.at("created"), 1);
  EXPECT_EQ(mixed.at("firstIndex"), 1);
  EXPECT_EQ(mixed.at("results")[2].at("duplicate"), true);
  EXPECT_EQ(mixed.at("results")[2].at("index"), mixed.at("results")[1].at("index"));
  EXPECT_EQ(ledger_.entries().size(), 2U);
  expect_refusal(post(kJson, event("a", "else")), 409, 0, 1, "/id");
}

TEST_F(IngestTest, HeadsThatAskForSomethingElse) {
  expect_refusal(post("", event("a")), 415, 0, 1, "");
  expect_refusal(post("Content-Type: application/json; charset=latin1\r\n", event("a")), 415, 0, 1,
                 "");
  EXPECT_EQ(post("Content-Type: application/json;charset=\"UTF-8\"\r\n", event("cs")).status, 201);
  expect_refusal(post("Content-Type: text/plain\r\n", event("a")), 415, 0, 1, "");
  expect_refusal(post("Content-Type: application/json\r\nContent-Encoding: br\r\n", event("a")),
                 415, 0, 1, "");
  expect_refusal(post(kJson, event("a"), "?receipt=true"), 422, 0, 1, "receipt");
  expect_refusal(post(kJson, event("a"), "?receipts=yes"), 422, 0, 1, "receipts");
  EXPECT_EQ(post("content-type: Application/JSON; charset=utf-8\r\n", event("a")).status, 201);
}

TEST_F(IngestTest, BodiesThatAreNoEvents) {
  expect_refusal(post(kJson, ""), 422, 0, 1, "");
  expect_refusal(post(kJson, "  \n"), 422, 0, 1, "");
  expect_refusal(post(kJson, "[]"), 422, 0, 1, "");
  expect_refusal(post(kJson, "7"), 422, 0, 1, "");
  expect_refusal(post(kJson, "[1]"), 422, 0, 1, "/0");
  expect_refusal(post(kJson, R"({"type":"A",)"), 422, 0, 1, "");
  expect_refusal(post(kJson, R"({"type":"A","type":"B","resource":"R"})"), 422, 0, 1, "");
  expect_refusal(post(kJson, "{\"type\":\"A\",\"resource\":\"\xff\"}"), 422, 0, 1, "");
  expect_refusal(post(kNdjson, ""), 422, 0, 1, "");
  expect_refusal(post(kNdjson, "\n \r\n"), 422, 0, 1, "");
  EXPECT_TRUE(ledger_.entries().empty());
}

TEST_F(IngestTest, LimitsAreOnDecodedBytes) {
  const std::string most = std::string((1U << 20U) - event("big", "").size(), 'x');
  EXPECT_EQ(post(kJson, " " + event("big", most) + " ").status, 201);
  expect_refusal(post(kJson, event("big2", most + "xx")), 413, 0, 1, "");
  expect_refusal(post(kJson, "[" + event("a") + "," + event("big2", most + "xx") + "]"), 413, 0, 2,
                 "/1");
  expect_refusal(post(kNdjson, event("a") + "\n" + event("big2", most + "xx") + "\n"), 422, 1, 2,
                 "");
  const std::string bomb = testing::gzip(std::string(65U << 20U, ' '));
  expect_refusal(post("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", bomb), 413, 0,
                 1, "");
}

TEST_F(IngestTest, TooLongByItsLengthIsRefusedUnread) {
  RawClient client(server_->address());
  client.send("POST /api/v1/main/auditlogs HTTP/1.1\r\nHost: h\r\nContent-Length: 67108865\r\n" +
              std::string(kJson) + "\r\n");
  const RawAnswer got = client.read_answer();
  expect_refusal(got, 413, 0, 1, "");
  EXPECT_EQ(got.field("Connection"), "close");
}

TEST_F(IngestTest, CodedBodies) {
  const std::string gzip = "Content-Encoding: gzip\r\n";
  const std::string zstd = "Content-Encoding: zstd\r\n";
  EXPECT_EQ(post(kJson + gzip, testing::gzip(event("a"))).status, 201);
  EXPECT_EQ(post(kJson + zstd, testing::zstd(event("b"))).status, 201);
  EXPECT_EQ(post(kNdjson + gzip, testing::gzip(event("c") + "\n" + event("d"))).status, 201);
  EXPECT_EQ(post(kNdjson + zstd, testing::zstd(event("e") + "\n")).status, 201);
  expect_refusal(post(kJson + gzip, event("f")), 422, 0, 1, "");
  const std::string cut = testing::gzip(event("f"));
  expect_refusal(post(kJson + gzip, cut.substr(0, cut.size() - 4)), 422, 0, 1, "");
  EXPECT_EQ(ledger_.entries().size(), 5U);
}

TEST_F(IngestTest, NdjsonCountsBlankLinesAndListsReceiptsOnDemand) {
  const Json plain = json(post(kNdjson, event("a") + "\r\n\n" + event("b")));
  EXPECT_EQ(plain.at("count"), 2);
  EXPECT_EQ(plain.at("created"), 2);
  EXPECT_FALSE(plain.contains("results"));
  EXPECT_EQ(plain.at("treeSize"), 2);
  const Json listed = json(post(kNdjson, event("b") + "\n" + event("c") + "\n", "?receipts=true"));
  ASSERT_EQ(listed.at("results").size(), 2U);
  EXPECT_EQ(listed.at("results")[0].at("id"), "b");
  EXPECT_EQ(listed.at("results")[0].at("duplicate"), true);
  EXPECT_EQ(listed.at("results")[1].at("id"), "c");
  EXPECT_EQ(listed.at("firstIndex"), 2);
}

TEST_F(IngestTest, NdjsonStopsAtTheFirstBadLine) {
  expect_refusal(
      post(kNdjson, event("a") + "\n\n" + event("b") + "\n{\"type\":\"A\"}\n" + event("c") + "\n"),
      422, 2, 4, "/resource");
  EXPECT_EQ(ledger_.entries().size(), 2U);
  expect_refusal(post(kNdjson, event("d") + "\nnonsense\n" + event("e")), 422, 1, 2, "");
  expect_refusal(post(kNdjson, event("e") + "\n" + event("f") + "\n" + event("a", "other") + "\n" +
                                   event("g") + "\n{"),
                 409, 2, 3, "/id");
  std::set<std::string> ids;
  for (const auto& entry : ledger_.entries()) {
    ids.insert(entry.id);
  }
  EXPECT_EQ(ids, (std::set<std::string>{"a", "b", "d", "e", "f"}));
}

// Against the rule itself: whatever line is bad, exactly the lines before it are there.
TEST_F(IngestTest, LongNdjsonIsStoredToTheBadLineExactly) {
  constexpr int lines = 4'500;
  for (const int bad : {1, 2'001, 4'500}) {
    std::string body;
    for (int i = 1; i <= lines; ++i) {
      body += i == bad ? "{}\n" : event("r" + std::to_string(bad) + "-" + std::to_string(i)) + "\n";
    }
    const std::size_t before = ledger_.entries().size();
    expect_refusal(post(kNdjson, body), 422, static_cast<std::uint64_t>(bad - 1),
                   static_cast<std::uint64_t>(bad), "/type");
    const auto entries = ledger_.entries();
    ASSERT_EQ(entries.size() - before, static_cast<std::size_t>(bad - 1));
    for (std::size_t i = before; i < entries.size(); ++i) {
      ASSERT_EQ(entries[i].id, "r" + std::to_string(bad) + "-" + std::to_string(i - before + 1));
    }
  }
}

TEST_F(IngestTest, SlowStreamsAreStoredAsTheyCome) {
  RawClient client(server_->address());
  client.send("POST /api/v1/main/auditlogs HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" +
              std::string(kNdjson) + "\r\n");
  const std::string line = event("slow") + "\n";
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", line.size());
  client.send(size + line + "\r\n");
  EXPECT_EQ(ledger_.wait_for(record::Kind::event, 1).size(), 1U);
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 201);
}

TEST_F(IngestTest, LinesCutAnywhereAreTheSame) {
  const std::string body = event("x") + "\n" + event("y") + "\n";
  RawClient client(server_->address());
  client.send("POST /api/v1/main/auditlogs HTTP/1.1\r\nHost: h\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n" + kNdjson + "\r\n");
  for (const char c : body) {
    client.send(std::string_view(&c, 1));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_EQ(client.read_answer().status, 201);
  EXPECT_EQ(ledger_.entries().size(), 2U);
}

TEST_F(IngestTest, LedgerThatCannotWriteIs503) {
  EXPECT_EQ(post(kJson, event("a")).status, 201);
  ledger_.stop_writing();
  const RawAnswer got = post(kJson, event("b"));
  expect_refusal(got, 503, 0, 1, "");
  EXPECT_NE(got.field("Retry-After"), "");
  const RawAnswer stream = post(kNdjson, event("c") + "\n");
  expect_refusal(stream, 503, 0, 1, "");
}

TEST_F(IngestTest, ManyWritersAtOnceLoseNothing) {
  constexpr int writers = 8;
  constexpr int each = 25;
  std::vector<std::thread> threads;
  std::atomic<int> created{0};
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([this, w, &created] {
      for (int i = 0; i < each; ++i) {
        // Every second id is shared by two writers with the same content.
        const std::string id = i % 2 == 0 ? "s" + std::to_string(w / 2) + "-" + std::to_string(i)
                                          : "w" + std::to_string(w) + "-" + std::to_string(i);
        created += static_cast<int>(json(post(kJson, event(id))).at("created"));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::set<std::string> ids;
  const auto entries = ledger_.entries();
  for (const auto& entry : entries) {
    ids.insert(entry.id);
  }
  EXPECT_EQ(ids.size(), entries.size());
  EXPECT_EQ(static_cast<int>(entries.size()), created.load());
  EXPECT_EQ(entries.size(), static_cast<std::size_t>(writers * 12 + writers / 2 * 13));
}

}  // namespace
}  // namespace daybook::capture
