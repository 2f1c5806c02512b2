// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/client.h"

#include <future>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "server_fixture.h"

namespace daybook::net {
namespace {

RequestHead request(std::string method, std::string target) {
  RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  return head;
}

// A client whose server is the test itself, byte by byte.
class ClientTest : public testing::Test {
 protected:
  void make_client(ClientOptions options = {}) {
    client_ = Client::make(*BaseUrl::parse(listener_.url()), options);
  }

  std::future<Result<Response>> fetch(RequestHead head, std::string body = {},
                                      milliseconds timeout = milliseconds(5000)) {
    return boost::asio::co_spawn(
        runtime_->executor(), client_->fetch(std::move(head), std::move(body), 1U << 20U, timeout),
        boost::asio::use_future);
  }

  RawListener listener_;
  std::unique_ptr<Runtime> runtime_ = Runtime::start(2);
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, SendsHeadAsGivenWithItsOwnFraming) {
  make_client();
  RequestHead head = request("POST", "/a?b");
  head.headers.add("x-B", "1");
  head.headers.add("Connection", "close, x-drop");
  head.headers.add("X-Drop", "me");
  head.headers.add("host", "kestra.example");
  head.headers.add("content-LENGTH", "999");
  head.headers.add("Transfer-Encoding", "chunked");
  head.headers.add("TE", "trailers");
  auto answer = fetch(std::move(head), "hello");
  RawSocket server = listener_.accept();
  EXPECT_EQ(
      server.receive_until("hello"),
      "POST /a?b HTTP/1.1\r\nx-B: 1\r\nhost: kestra.example\r\ncontent-LENGTH: 5\r\n\r\nhello");
  server.send("HTTP/1.1 201 Made it\r\nb: 1\r\nContent-Length: 3\r\nA: 2\r\nB: 3\r\n\r\nyes");
  const auto response = answer.get();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->head.status, 201U);
  EXPECT_EQ(response->head.reason, "Made it");
  const std::vector<Headers::Field> want = {
      {"b", "1"}, {"Content-Length", "3"}, {"A", "2"}, {"B", "3"}};
  EXPECT_EQ(response->head.headers.fields(), want);
  EXPECT_EQ(response->body, "yes");
}

TEST_F(ClientTest, AddsHostIfAbsentAndPrefix) {
  client_ = Client::make(*BaseUrl::parse(listener_.url() + "/base/"));
  auto answer = fetch(request("GET", "/x"));
  RawSocket server = listener_.accept();
  EXPECT_EQ(server.receive_until("\r\n\r\n"),
            "GET /base/x HTTP/1.1\r\nHost: " + listener_.url().substr(7) + "\r\n\r\n");
  server.send("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(answer.get());
}

TEST_F(ClientTest, AnswersOfEveryFraming) {
  make_client();
  struct {
    const char* method;
    const char* wire;
    bool close;
    const char* body;
  } const cases[] = {
      {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: v\r\n\r\n",
       false, "abc"},
      {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, ""},
      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, ""},
      {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, ""},
      {"GET",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n"
       "Content-Length: 1\r\n\r\nx",
       false, "x"},
      {"GET", "HTTP/1.1 200 OK\r\n\r\nuntil the end", true, "until the end"},
      {"GET", "HTTP/1.0 200 OK\r\n\r\nuntil the end", true, "until the end"},
  };
  for (const auto& c : cases) {
    make_client();
    auto answer = fetch(request(c.method, "/"));
    RawSocket server = listener_.accept();
    server.receive_until("\r\n\r\n");
    server.send(c.wire);
    if (c.close) {
      server.close();
    }
    const auto response = answer.get();
    ASSERT_TRUE(response) << c.wire;
    EXPECT_EQ(response->body, c.body) << c.wire;
  }
}

TEST_F(ClientTest, BrokenAnswersAreErrors) {
  struct {
    const char* wire;
    Errc code;
  } const cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", Errc::unavailable},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", Errc::unavailable},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Errc::invalid},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", Errc::invalid},
      {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", Errc::invalid},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", Errc::invalid},
      {"SSH-2.0-x\r\n\r\n", Errc::invalid},
      {"HTTP/1.1 2", Errc::unavailable},
      {"", Errc::unavailable},
  };
  for (const auto& c : cases) {
    make_client();
    auto answer = fetch(request("GET", "/"));
    RawSocket server = listener_.accept();
    server.receive_until("\r\n\r\n");
    server.send(c.wire);
    server.close();
    const auto response = answer.get();
    ASSERT_FALSE(response) << c.wire;
    EXPECT_EQ(response.error().code, c.code) << c.wire;
  }
}

TEST_F(ClientTest, ReusesAConnectionOnlyWhenTheAnswerWasWhole) {
  make_client();
  auto first = fetch(request("GET", "/1"));
  RawSocket server = listener_.accept();
  server.receive_until("\r\n\r\n");
  server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(first.get());
  auto second = fetch(request("POST", "/2"), "body");
  EXPECT_TRUE(server.receive_until("body").starts_with("POST /2 "));
  server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  ASSERT_TRUE(second.get());
  auto third = fetch(request("GET", "/3"));
  EXPECT_TRUE(listener_.has_pending(milliseconds(2000)));
  RawSocket fresh = listener_.accept();
  fresh.receive_until("\r\n\r\n");
  // Bytes behind the answer: the connection is not to be trusted.
  fresh.send("HTTP/1.1 204 No Content\r\n\r\nsurprise");
  ASSERT_TRUE(third.get());
  auto fourth = fetch(request("GET", "/4"));
  EXPECT_TRUE(listener_.has_pending(milliseconds(2000)));
  RawSocket again = listener_.accept();
  again.receive_until("\r\n\r\n");
  again.send("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(fourth.get());
}

TEST_F(ClientTest, ClosedPooledConnectionIsNotUsed) {
  make_client();
  auto first = fetch(request("GET", "/1"));
  {
    RawSocket server = listener_.accept();
    server.receive_until("\r\n\r\n");
    server.send("HTTP/1.1 204 No Content\r\n\r\n");
    ASSERT_TRUE(first.get());
  }
  auto second = fetch(request("POST", "/2"), "body");
  RawSocket fresh = listener_.accept();
  EXPECT_TRUE(fresh.receive_until("body").starts_with("POST /2 "));
  fresh.send("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(second.get());
}

// The server takes the request from the pooled connection and closes without a word.
class LostConnectionTest : public ClientTest {
 protected:
  RawSocket pooled_connection() {
    make_client();
    auto first = fetch(request("GET", "/first"));
    RawSocket server = listener_.accept();
    server.receive_until("\r\n\r\n");
    server.send("HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_TRUE(first.get());
    return server;
  }
};

TEST_F(LostConnectionTest, SafeRequestIsRepeatedOnceOnAFreshConnection) {
  RawSocket server = pooled_connection();
  auto answer = fetch(request("GET", "/again"));
  server.receive_until("\r\n\r\n");
  server.close();
  RawSocket fresh = listener_.accept();
  EXPECT_TRUE(fresh.receive_until("\r\n\r\n").starts_with("GET /again "));
  fresh.close();
  const auto response = answer.get();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::unavailable);
  EXPECT_FALSE(listener_.has_pending(milliseconds(50)));
}

TEST_F(LostConnectionTest, ChangingRequestIsNeverSentTwice) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    RawSocket server = pooled_connection();
    auto answer = fetch(request(method, "/once"));
    server.receive_until("\r\n\r\n");
    server.close();
    const auto response = answer.get();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Errc::unavailable);
    EXPECT_FALSE(listener_.has_pending(milliseconds(50)));
  }
}

TEST_F(LostConnectionTest, NotRepeatedOnceTheAnswerBegan) {
  RawSocket server = pooled_connection();
  auto answer = fetch(request("GET", "/begun"));
  server.receive_until("\r\n\r\n");
  server.send("HTTP/1.1 200");
  server.close();
  EXPECT_FALSE(answer.get());
  EXPECT_FALSE(listener_.has_pending(milliseconds(50)));
}

TEST_F(ClientTest, TimesOut) {
  make_client();
  auto answer = fetch(request("GET", "/"), {}, milliseconds(80));
  RawSocket server = listener_.accept();
  server.receive_until("\r\n\r\n");
  const auto response = answer.get();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::timeout);
}

TEST_F(ClientTest, AnswerOverLimit) {
  make_client();
  auto answer = boost::asio::co_spawn(
      runtime_->executor(), client_->fetch(request("GET", "/"), "", 4, milliseconds(5000)),
      boost::asio::use_future);
  RawSocket server = listener_.accept();
  server.receive_until("\r\n\r\n");
  server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  const auto response = answer.get();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::exhausted);
}

TEST_F(ClientTest, CannotConnect) {
  const std::string url = listener_.url();
  listener_.close();
  client_ = Client::make(*BaseUrl::parse(url));
  const auto response = fetch(request("GET", "/")).get();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::unavailable);
}

TEST_F(ClientTest, RefusesTargetsThatWouldBreakTheRequestLine) {
  make_client();
  for (const char* target : {"", "/a b", "/a\r\nX: y", "/a\n", "/\x7f"}) {
    const auto response = fetch(request("GET", target)).get();
    ASSERT_FALSE(response) << target;
    EXPECT_EQ(response.error().code, Errc::invalid);
  }
  EXPECT_FALSE(fetch(request("GE T", "/")).get());
  EXPECT_FALSE(listener_.has_pending(milliseconds(30)));
}

// --- one exchange step by step ---

Task<void> stream_upload(Client& client, std::vector<std::string>& got) {
  RequestHead head;
  head.method = "POST";
  head.target = "/up";
  head.chunked = true;
  auto exchange = co_await client.begin(std::move(head));
  EXPECT_TRUE(exchange);
  ClientExchange& call = **exchange;
  EXPECT_EQ(call.sent(), Sent::no);
  for (int i = 0; i < 3; ++i) {
    const std::string piece = "piece" + std::to_string(i);
    EXPECT_TRUE(co_await call.write(piece));
    EXPECT_EQ(call.sent(), Sent::unknown);
  }
  EXPECT_TRUE(co_await call.end_request());
  const auto answer = co_await call.read_head(milliseconds(2000));
  EXPECT_TRUE(answer);
  while (true) {
    const auto piece = co_await call.read_some(milliseconds(2000));
    EXPECT_TRUE(piece);
    if (!piece || piece->empty()) {
      break;
    }
    got.emplace_back(*piece);
  }
}

TEST_F(ClientTest, StreamsBothWays) {
  make_client();
  std::vector<std::string> got;
  auto done = boost::asio::co_spawn(runtime_->executor(), stream_upload(*client_, got),
                                    boost::asio::use_future);
  RawSocket server = listener_.accept();
  const std::string wire = server.receive_until("0\r\n\r\n");
  EXPECT_EQ(body_of(wire), "6\r\npiece0\r\n6\r\npiece1\r\n6\r\npiece2\r\n0\r\n\r\n");
  EXPECT_NE(wire.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  server.send("3\r\nabc\r\n");
  ::usleep(20'000);
  server.send("3\r\ndef\r\n0\r\n\r\n");
  done.get();
  EXPECT_EQ(got, (std::vector<std::string>{"abc", "def"}));
}

Task<void> cancel_while_reading(Client& client, Errc& code) {
  RequestHead head;
  head.method = "GET";
  head.target = "/";
  auto exchange = co_await client.begin(std::move(head));
  EXPECT_TRUE(exchange);
  ClientExchange& call = **exchange;
  EXPECT_TRUE(co_await call.end_request());
  const Executor executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, milliseconds(50));
  timer.async_wait([&call](const boost::system::error_code&) { call.cancel(); });
  const auto answer = co_await call.read_head(milliseconds(0));
  EXPECT_FALSE(answer);
  code = answer.error().code;
}

TEST_F(ClientTest, CancelEndsAWaitingCallAndClosesTheConnection) {
  make_client();
  Errc code = Errc::invalid;
  auto done = boost::asio::co_spawn(boost::asio::make_strand(runtime_->executor()),
                                    cancel_while_reading(*client_, code), boost::asio::use_future);
  RawSocket server = listener_.accept();
  server.receive_until("\r\n\r\n");
  EXPECT_EQ(server.receive_some(), "");
  EXPECT_TRUE(server.ended());
  done.get();
  EXPECT_EQ(code, Errc::cancelled);
}

Task<void> upload_refused_early(Client& client, unsigned& status) {
  RequestHead head;
  head.method = "POST";
  head.target = "/";
  head.content_length = 64U << 20U;
  auto exchange = co_await client.begin(std::move(head));
  EXPECT_TRUE(exchange);
  ClientExchange& call = **exchange;
  const std::string piece(1U << 20U, 'x');
  for (int i = 0; i < 64; ++i) {
    const Status sent = co_await call.write(piece);
    if (!sent) {
      break;
    }
  }
  const auto answer = co_await call.read_head(milliseconds(5000));
  EXPECT_TRUE(answer);
  if (answer) {
    status = answer->status;
  }
}

TEST_F(ClientTest, EarlyAnswerToAnUnreadUploadIsSeen) {
  make_client();
  unsigned status = 0;
  auto done = boost::asio::co_spawn(runtime_->executor(), upload_refused_early(*client_, status),
                                    boost::asio::use_future);
  RawSocket server = listener_.accept();
  server.receive_some();
  server.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  done.get();
  EXPECT_EQ(status, 413U);
}

class ClientServerTest : public ServerFixture {};

TEST_F(ClientServerTest, ManyAtOnceOverTcp) {
  serve([](Exchange& e) -> Task<void> {
    const auto body = co_await e.read_all(1U << 20U);
    EXPECT_TRUE(body);
    if (body) {
      EXPECT_TRUE(co_await e.respond(text_response(e.head().target + *body)));
    }
  });
  const auto client = Client::make(*BaseUrl::parse("http://" + server_->address()));
  std::vector<std::future<Result<Response>>> answers;
  for (int i = 0; i < 300; ++i) {
    answers.push_back(
        boost::asio::co_spawn(boost::asio::make_strand(runtime_->executor()),
                              client->fetch(request("POST", "/" + std::to_string(i)),
                                            std::string(100, 'b'), 1000, milliseconds(10'000)),
                              boost::asio::use_future));
  }
  for (int i = 0; i < 300; ++i) {
    const auto response = answers[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(response) << response.error().context;
    EXPECT_EQ(response->body, "/" + std::to_string(i) + std::string(100, 'b'));
  }
}

TEST_F(ClientServerTest, OverAUnixSocket) {
  const std::string path =
      "unix:" + testing::TempDir() + "daybook-client-" + std::to_string(::getpid()) + ".sock";
  serve([](Exchange& e) -> Task<void> { EXPECT_TRUE(co_await e.respond(text_response("local"))); },
        {}, path);
  const auto client = Client::make(*BaseUrl::parse(path));
  for (int i = 0; i < 3; ++i) {
    const auto response =
        boost::asio::co_spawn(runtime_->executor(),
                              client->fetch(request("GET", "/"), "", 100, milliseconds(5000)),
                              boost::asio::use_future)
            .get();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "local");
  }
}

}  // namespace
}  // namespace daybook::net
