// SPDX-License-Identifier: Apache-2.0
// What the gateway says and records when the upstream, the ledger or the client fails.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "gateway_rig.h"

namespace daybook::capture {
namespace {

using record::Kind;
using record::ResultWord;
using std::chrono::milliseconds;
using testing::answer;
using testing::GatewayRig;
using testing::RawClient;
using testing::Script;

const std::string kPath = "/api/v1/main/flows/a.b/hello";

TEST(GatewayFailure, NoConnectionExecutesNothing) {
  GatewayRig rig;
  const std::string upstream = rig.kestra.address();
  rig.kestra.stop();
  const auto got = rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n",
                            "id: hello\nnamespace: a.b\n");
  EXPECT_EQ(got.status, 502);
  EXPECT_EQ(got.field("X-Daybook-Executed"), "false");
  const auto body = record::parse_json(got.body);
  ASSERT_TRUE(body.has_value());
  EXPECT_NE(body->at("message").get<std::string>().find(upstream), std::string::npos);
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.result, ResultWord::failure);
  EXPECT_EQ(outcome.status, "502");
  EXPECT_EQ(outcome.request->status, 502);
  EXPECT_EQ(outcome.detail.value("id", ""), "hello");
  EXPECT_EQ(rig.ledger.entries(Kind::attempt).size(), 1U);
}

TEST(GatewayFailure, LostAfterSendingIsUnknown) {
  GatewayRig rig;
  Script drop = answer(200, "{}");
  drop.drop = true;
  rig.kestra.on("POST /api/v1/main/flows", drop);
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  EXPECT_EQ(got.status, 502);
  EXPECT_EQ(got.field("X-Daybook-Executed"), "unknown");
  EXPECT_EQ(rig.kestra.seen().size(), 1U);  // At most once.
  EXPECT_EQ(rig.ledger.entries(Kind::outcome).at(0).result, ResultWord::unknown);
}

// An upstream that reads a request and answers it with the same bytes, whatever they are.
class RawUpstream {
 public:
  explicit RawUpstream(std::string bytes) : bytes_(std::move(bytes)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof in;
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&in), size), 0);
    EXPECT_EQ(::listen(listening_, 8), 0);
    EXPECT_EQ(::getsockname(listening_, reinterpret_cast<sockaddr*>(&in), &size), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(in.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~RawUpstream() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  RawUpstream(const RawUpstream&) = delete;
  RawUpstream& operator=(const RawUpstream&) = delete;
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void serve() {
    for (int peer = 0; (peer = ::accept(listening_, nullptr, nullptr)) >= 0; ::close(peer)) {
      char request[8192];
      ++requests_;
      if (::recv(peer, request, sizeof request, 0) > 0) {
        [[maybe_unused]] const auto sent = ::send(peer, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
      }
    }
  }

  const std::string bytes_;
  std::string address_;
  int listening_ = -1;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

TEST(GatewayFailure, GarbageIsUnknown) {
  for (const char* garbage :
       {"\x16\x03\x01 not HTTP\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"}) {
    const RawUpstream upstream(garbage);
    GatewayRig rig({}, std::nullopt, upstream.address());
    const auto got = rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n",
                              "id: hello\n");
    EXPECT_EQ(got.status, 502) << garbage;
    EXPECT_EQ(got.field("X-Daybook-Executed"), "unknown") << garbage;
    EXPECT_EQ(upstream.requests(), 1) << garbage;
    const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
    EXPECT_EQ(outcome.result, ResultWord::unknown) << garbage;
    EXPECT_EQ(outcome.status, "502") << garbage;
  }
}

TEST(GatewayFailure, WhereTheStateBeforeCannotBeHadTheEntrySaysWhy) {
  GatewayOptions options;
  options.own_request_timeout = milliseconds(100);
  GatewayRig rig(options);
  rig.kestra.on("PUT " + kPath, answer(200, R"({"id":"hello","namespace":"a.b","revision":2})"));
  Script slow = answer(200, "{}");
  slow.think = milliseconds(1'000);
  for (const Script& before : {answer(500, "{}"), slow}) {
    rig.kestra.on("GET " + kPath, before);
    EXPECT_EQ(rig.call("PUT", kPath, "Content-Type: application/x-yaml\r\n", "id: hello\n").status,
              200);
  }
  const auto outcomes = rig.ledger.entries(Kind::outcome);
  ASSERT_EQ(outcomes.size(), 2U);
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.result, ResultWord::success);
    EXPECT_FALSE(outcome.change.before.has_value());
    EXPECT_TRUE(outcome.reason.has_value());
  }
}

TEST(GatewayFailure, TimeLimitIs504AndUnknown) {
  GatewayOptions options;
  options.answer_timeout = milliseconds(200);
  GatewayRig rig(options);
  Script slow = answer(200, "{}");
  slow.think = milliseconds(2'000);
  rig.kestra.on("DELETE " + kPath, slow);
  const auto got = rig.call("DELETE", kPath);
  EXPECT_EQ(got.status, 504);
  EXPECT_EQ(got.field("X-Daybook-Executed"), "unknown");
  EXPECT_EQ(rig.ledger.entries(Kind::outcome).at(0).result, ResultWord::unknown);
}

TEST(GatewayFailure, HalfAHeldAnswerIsUnknown) {
  GatewayRig rig;
  Script half = answer(200, R"({"id":"hello","namespace":"a.b"})");
  half.break_off = true;
  rig.kestra.on("POST /api/v1/main/flows", half);
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  EXPECT_EQ(got.status, 502);
  EXPECT_EQ(got.field("X-Daybook-Executed"), "unknown");
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.result, ResultWord::unknown);
  // What the client was answered, not the 200 that nobody saw.
  EXPECT_EQ(outcome.status, "502");
  EXPECT_EQ(outcome.request->status, 502);
}

TEST(GatewayFailure, AnAnswerBrokenOffHalfWayKeepsTheStatusTheClientSaw) {
  GatewayRig rig;
  Script half;
  half.pieces.assign(20, std::string(10'000, 'x'));
  half.break_off = true;
  rig.kestra.on("POST /api/v1/main/flows", half);
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  EXPECT_EQ(got.status, 200);
  EXPECT_FALSE(got.complete);
  const auto outcome = rig.ledger.entries(Kind::outcome).at(0);
  EXPECT_EQ(outcome.result, ResultWord::unknown);
  EXPECT_EQ(outcome.status, "200");
}

TEST(GatewayFailure, NothingIsForwardedWithoutAnAttempt) {
  GatewayRig rig;
  rig.kestra.on("POST /api/v1/main/flows", answer(200, "{}"));
  rig.ledger.stop_writing();
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.field("X-Daybook-Executed"), "false");
  EXPECT_NE(got.field("Retry-After"), "");
  EXPECT_TRUE(rig.kestra.seen().empty());
}

TEST(GatewayFailure, ShortAnswerIsReplacedIfItsOutcomeIsNotStored) {
  GatewayRig rig;
  Script script = answer(200, R"({"id":"hello","secret":"answer"})");
  script.on_request = [&rig] { rig.ledger.stop_writing(); };
  rig.kestra.on("POST /api/v1/main/flows", script);
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.field("X-Daybook-Executed"), "true");
  EXPECT_EQ(got.body.find("secret"), std::string::npos);
  EXPECT_EQ(rig.kestra.seen().size(), 1U);
}

class LongAnswer : public ::testing::TestWithParam<bool> {};

TEST_P(LongAnswer, IsNeverCompleteWithoutItsOutcome) {
  GatewayRig rig;
  Script script;
  script.chunked = GetParam();
  for (int i = 0; i < 40; ++i) {
    script.pieces.emplace_back(10'000, 'x');
  }
  script.on_request = [&rig] { rig.ledger.stop_writing(); };
  rig.kestra.on("POST /api/v1/main/flows", script);
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  EXPECT_EQ(got.status, 200);
  EXPECT_FALSE(got.complete);
}

TEST_P(LongAnswer, IsWholeWithItsOutcome) {
  GatewayRig rig;
  Script script;
  script.chunked = GetParam();
  for (int i = 0; i < 40; ++i) {
    script.pieces.emplace_back(10'000, 'x');
  }
  rig.kestra.on("POST /api/v1/main/flows", script);
  const auto got =
      rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  EXPECT_TRUE(got.complete);
  EXPECT_EQ(got.body.size(), 400'000U);
  EXPECT_EQ(rig.ledger.entries(Kind::outcome).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Framing, LongAnswer, ::testing::Bool());

TEST(GatewayFailure, ChangesOutliveTheirClient) {
  GatewayRig rig;
  Script slow = answer(200, R"({"id":"hello","namespace":"a.b","revision":4})");
  slow.think = milliseconds(400);
  rig.kestra.on("POST /api/v1/main/flows", slow);
  {
    RawClient client(rig.address());
    client.send(testing::make_request("POST", "/api/v1/main/flows",
                                      GatewayRig::alice() + "Content-Type: application/x-yaml\r\n",
                                      "id: hello\n"));
    for (int i = 0; i < 300 && rig.kestra.seen().empty(); ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    client.reset();
  }
  const auto outcomes = rig.ledger.wait_for(Kind::outcome, 1);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].result, ResultWord::success);
  EXPECT_EQ(outcomes[0].request->status, 200);
  EXPECT_EQ(outcomes[0].detail.value("revision", 0), 4);
}

TEST(GatewayFailure, ClientThatOnlyStoppedSendingGetsItsAnswer) {
  GatewayRig rig;
  Script slow = answer(200, R"({"id":"hello"})");
  slow.think = milliseconds(200);
  rig.kestra.on("POST /api/v1/main/flows", slow);
  RawClient client(rig.address());
  client.send(testing::make_request("POST", "/api/v1/main/flows", GatewayRig::alice(), "id: x"));
  client.stop_sending();
  const auto got = client.read_answer();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, R"({"id":"hello"})");
}

TEST(GatewayFailure, HalfARequestIsUnknownAndNotAnswered) {
  GatewayRig rig;
  rig.kestra.on("POST /api/v1/main/flows", answer(200, "{}"));
  {
    RawClient client(rig.address());
    client.send("POST /api/v1/main/flows HTTP/1.1\r\nHost: h\r\n" + GatewayRig::alice() +
                "Content-Length: 1000\r\n\r\nid: hel");
    for (int i = 0; i < 300 && rig.ledger.entries(Kind::attempt).empty(); ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
  }
  const auto outcomes = rig.ledger.wait_for(Kind::outcome, 1);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_NE(outcomes[0].result, ResultWord::success);
}

TEST(GatewayFailure, ReadsEndWithTheirClient) {
  GatewayRig rig;
  std::promise<void> gone;
  Script stream;
  stream.fields = {{"Content-Type", "text/event-stream"}};
  stream.chunked = true;
  stream.pieces.assign(100, "data: x\n\n");
  stream.pause = milliseconds(100);
  stream.on_gone = [&gone] { gone.set_value(); };
  rig.kestra.on("GET /api/v1/main/executions/e1/follow", stream);
  RawClient client(rig.address());
  client.send(
      testing::make_request("GET", "/api/v1/main/executions/e1/follow", GatewayRig::alice(), ""));
  EXPECT_NE(client.read_some(milliseconds(3'000)), "");
  client.close();
  EXPECT_EQ(gone.get_future().wait_for(milliseconds(1'000)), std::future_status::ready);
}

TEST(GatewayFailure, OpenAttemptsGetAnOutcomeAtStartUp) {
  GatewayRig rig;
  Script script = answer(200, "{}");
  script.on_request = [&rig] { rig.ledger.stop_writing(); };
  rig.kestra.on("POST /api/v1/main/flows", script);
  rig.kestra.on("DELETE " + kPath, answer(204, ""));
  rig.call("DELETE", kPath);
  rig.call("POST", "/api/v1/main/flows", "Content-Type: application/x-yaml\r\n", "id: hello\n");
  testing::TestLedger& ledger = rig.ledger;
  ledger.files().clear_faults();
  ledger.files().kill_process();
  // What the next process does, on the same files.
  ledger::Ledger::Options options;
  auto next = ledger::Ledger::open(ledger.files(), "/data", options, system_clock(),
                                   ledger.random(), ledger.metrics());
  ASSERT_TRUE(next.has_value()) << next.error().context;
  EXPECT_EQ(close_open_attempts(**next, system_clock(), ledger.random()).value(), 1U);
  EXPECT_EQ(close_open_attempts(**next, system_clock(), ledger.random()).value(), 0U);
  const ledger::Reader& reader = (*next)->reader();
  const auto last = reader.read(EntryIndex(reader.size().value() - 1));
  ASSERT_TRUE(last.has_value());
  const auto event = record::decode(last->parts);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, Kind::outcome);
  EXPECT_EQ(event->result, ResultWord::unknown);
  EXPECT_EQ(event->action, "CREATE");
  EXPECT_EQ(event->actor.username, "alice");
  EXPECT_EQ((*next)->close().has_value(), true);
}

}  // namespace
}  // namespace daybook::capture
