// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/server.h"

#include <string>

#include <gtest/gtest.h>

#include "server_fixture.h"

namespace daybook::net {
namespace {

// Answers with what it saw: `METHOD TARGET\nbody`.
Task<void> echo(Exchange& exchange) {
  auto body = co_await exchange.read_all(1U << 20U);
  if (!body) {
    co_return;
  }
  Response response =
      text_response(exchange.head().method + " " + exchange.head().target + "\n" + *body);
  const Status sent = co_await exchange.respond(std::move(response));
  static_cast<void>(sent);
}

class ServerTest : public ServerFixture {};

TEST_F(ServerTest, AnswersWithLengthAndNothingElse) {
  serve(echo);
  EXPECT_EQ(exchange("GET /a?b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nGET /a?b\n");
}

TEST_F(ServerTest, TargetIsKeptByteForByte) {
  serve(echo);
  const std::string answer =
      exchange("GET //a/../%2e%2e/%C3%B6?x=%zz&&y HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_of(answer), "GET //a/../%2e%2e/%C3%B6?x=%zz&&y\n");
}

TEST_F(ServerTest, KeepAliveServesManyRequests) {
  serve(echo);
  RawSocket socket = connect();
  for (int i = 0; i < 50; ++i) {
    socket.send("POST /" + std::to_string(i) +
                " HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nend!");
    const std::string answer = socket.receive_until("end!");
    EXPECT_EQ(body_of(answer), "POST /" + std::to_string(i) + "\nend!");
    EXPECT_EQ(answer.find("Connection"), std::string::npos);
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  serve(echo);
  std::string requests;
  std::string want;
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    requests +=
        "POST /" + n + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    want += "POST /" + n + "\nab";
  }
  requests += "GET /last HTTP/1.1\r\nConnection: close\r\n\r\n";
  const std::string all = exchange(requests);
  std::string bodies;
  std::size_t at = 0;
  while ((at = all.find("\r\n\r\n", at)) != std::string::npos) {
    at += 4;
    bodies += all.substr(at, std::min(all.find("HTTP/1.1", at), all.size()) - at);
  }
  EXPECT_EQ(bodies, want + "GET /last\n");
}

TEST_F(ServerTest, EmptyLineBeforeARequestIsSkippedOnce) {
  serve(echo);
  EXPECT_EQ(status_line(exchange("\r\nGET / HTTP/1.0\r\n\r\n")), "HTTP/1.0 200 OK");
  EXPECT_EQ(status_line(exchange("\r\n\r\nGET / HTTP/1.0\r\n\r\n")), "HTTP/1.1 400 Bad Request");
}

TEST_F(ServerTest, Http10ClosesAndIsNeverChunked) {
  serve([](Exchange& e) -> Task<void> {
    EXPECT_TRUE(co_await e.start(ResponseHead()));
    EXPECT_TRUE(co_await e.write("one"));
    EXPECT_TRUE(co_await e.finish_with("two"));
  });
  EXPECT_EQ(exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            "HTTP/1.0 200 OK\r\n\r\nonetwo");
}

TEST_F(ServerTest, HeadersKeepOrderCaseAndRepeats) {
  serve([](Exchange& e) -> Task<void> {
    Response r = text_response("hello", 422);
    r.head.reason = "Invalid entity";
    r.head.headers.add("x-B", "1");
    r.head.headers.add("content-length", "5");
    r.head.headers.add("X-a", "2");
    r.head.headers.add("x-b", "3");
    r.head.headers.add("connection", "keep-alive");
    EXPECT_TRUE(co_await e.respond(std::move(r)));
  });
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(socket.receive_until("hello"),
            "HTTP/1.1 422 Invalid entity\r\nx-B: 1\r\ncontent-length: 5\r\nX-a: 2\r\nx-b: "
            "3\r\n\r\nhello");
}

TEST_F(ServerTest, ChunkedFieldOfTheHandlerStaysInPlace) {
  serve([](Exchange& e) -> Task<void> {
    ResponseHead head;
    head.headers.add("transfer-encoding", "chunked");
    head.headers.add("A", "b");
    EXPECT_TRUE(co_await e.start_with(std::move(head), "hello"));
    EXPECT_TRUE(co_await e.finish());
  });
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(socket.receive_until("0\r\n\r\n"),
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nA: b\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
}

TEST_F(ServerTest, LineEndsInHandlersFieldsCannotSplitTheAnswer) {
  serve([](Exchange& e) -> Task<void> {
    Response r = text_response("");
    r.head.headers.add("A", "b\r\nSet-Cookie: evil=1");
    EXPECT_TRUE(co_await e.respond(std::move(r)));
  });
  const std::string answer = exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.find("\r\nSet-Cookie"), std::string::npos);
}

TEST_F(ServerTest, BodylessAnswersInventNoFraming) {
  serve([](Exchange& e) -> Task<void> {
    ResponseHead head;
    head.status = e.head().target == "/304" ? 304 : e.head().target == "/204" ? 204 : 200;
    head.headers.add("A", "b");
    EXPECT_TRUE(co_await e.start(std::move(head)));
    if (e.head().method == "HEAD") {
      EXPECT_TRUE(co_await e.write("not sent"));
    }
    EXPECT_TRUE(co_await e.finish());
  });
  const std::string fields = "\r\nA: b\r\nConnection: close\r\n\r\n";
  const std::string rest = " HTTP/1.1\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(exchange("GET /204" + rest), "HTTP/1.1 204 No Content" + fields);
  EXPECT_EQ(exchange("GET /304" + rest), "HTTP/1.1 304 Not Modified" + fields);
  EXPECT_EQ(exchange("HEAD /" + rest), "HTTP/1.1 200 OK" + fields);
}

TEST_F(ServerTest, HeadKeepsTheLengthTheHandlerNames) {
  serve([](Exchange& e) -> Task<void> {
    if (e.head().target == "/field") {
      ResponseHead head;
      head.headers.add("content-Length", "77");
      EXPECT_TRUE(co_await e.start(std::move(head)));
      EXPECT_TRUE(co_await e.finish());
    } else {
      EXPECT_TRUE(co_await e.respond(text_response("hello")));
    }
  });
  RawSocket socket = connect();
  socket.send("HEAD /field HTTP/1.1\r\n\r\n");
  EXPECT_EQ(socket.receive_until("\r\n\r\n"), "HTTP/1.1 200 OK\r\ncontent-Length: 77\r\n\r\n");
  socket.send("HEAD /whole HTTP/1.1\r\n\r\n");
  EXPECT_EQ(socket.receive_until("\r\n\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST_F(ServerTest, ContinueIsSentOnFirstReadOnly) {
  serve([](Exchange& e) -> Task<void> {
    if (e.head().target == "/refuse") {
      EXPECT_TRUE(co_await e.respond(text_response("", 401)));
      co_return;
    }
    co_await echo(e);
  });
  const std::string fields = " HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n";
  RawSocket socket = connect();
  socket.send("POST /x" + fields);
  EXPECT_EQ(socket.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("hello");
  EXPECT_EQ(body_of(socket.receive_until("hello")), "POST /x\nhello");
  socket.send("POST /refuse" + fields);
  EXPECT_EQ(status_line(socket.receive_all()), "HTTP/1.1 401 Unauthorized");
  RawSocket eager = connect();
  eager.send("POST /x" + fields + "hello");
  EXPECT_EQ(status_line(eager.receive_until("hello")), "HTTP/1.1 200 OK");
}

TEST_F(ServerTest, UnreadBodyIsDrainedOrTheConnectionClosed) {
  serve([](Exchange& e) -> Task<void> { EXPECT_TRUE(co_await e.respond(text_response("ok"))); });
  RawSocket socket = connect();
  socket.send("POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + std::string(60000, 'x'));
  EXPECT_EQ(socket.receive_until("ok").find("Connection"), std::string::npos);
  socket.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_line(socket.receive_until("ok")), "HTTP/1.1 200 OK");
  // Too long to read on for: said in the head, and the answer survives although bytes stay unread.
  socket.send("POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n" + std::string(3'000'000, 'x'));
  socket.shutdown_send();
  const std::string answer = socket.receive_all();
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(body_of(answer), "ok");
}

TEST_F(ServerTest, BodyPiecesArriveAsTheyAreSent) {
  std::atomic<int> pieces = 0;
  serve([&pieces](Exchange& e) -> Task<void> {
    while (true) {
      const auto piece = co_await e.read_some();
      EXPECT_TRUE(piece);
      if (!piece || piece->empty()) {
        break;
      }
      EXPECT_EQ(*piece, "abc");
      ++pieces;
    }
    EXPECT_TRUE(co_await e.respond(text_response("done")));
  });
  RawSocket socket = connect();
  socket.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 1; i <= 5; ++i) {
    socket.send("3\r\nabc\r\n");
    EXPECT_TRUE(eventually([&] { return pieces == i; }));
  }
  socket.send("0\r\nTrailer: dropped\r\n\r\n");
  EXPECT_EQ(body_of(socket.receive_until("done")), "done");
}

TEST_F(ServerTest, EachWriteIsOnTheWireAtOnce) {
  serve([](Exchange& e) -> Task<void> {
    EXPECT_TRUE(co_await e.start(ResponseHead()));
    for (int i = 0; i < 4; ++i) {
      co_await sleep_for(milliseconds(60));
      EXPECT_TRUE(co_await e.write("tick" + std::to_string(i)));
    }
    co_await sleep_for(milliseconds(60));
    EXPECT_TRUE(co_await e.finish());
  });
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(socket.receive_some(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(socket.receive_some(), "5\r\ntick" + std::to_string(i) + "\r\n");
    const auto now = std::chrono::steady_clock::now();
    EXPECT_LT(now - before, milliseconds(160));
    before = now;
  }
  EXPECT_EQ(socket.receive_some(), "0\r\n\r\n");
}

TEST_F(ServerTest, RequestBodyOverLimit) {
  serve([](Exchange& e) -> Task<void> {
    const auto body = co_await e.read_all(10);
    EXPECT_FALSE(body);
    if (!body) {
      EXPECT_EQ(body.error().code, Errc::exhausted);
    }
  });
  EXPECT_EQ(status_line(exchange("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n")),
            "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(status_line(exchange(
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n")),
            "HTTP/1.1 413 Content Too Large");
}

TEST_F(ServerTest, BadChunkedBodyIs400AndClose) {
  serve(echo);
  const std::string answer = exchange(
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\nGET /smuggled "
      "HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_line(answer), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(answer.find("smuggled"), std::string::npos);
}

TEST_F(ServerTest, BadHeadNeverReachesAHandler) {
  std::atomic<int> calls = 0;
  serve([&calls](Exchange& e) -> Task<void> {
    ++calls;
    co_await echo(e);
  });
  const std::string answer = exchange(
      "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b "
      "HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_line(answer), "HTTP/1.1 400 Bad Request");
  // The shape of every error of daybook's (core/error_json.h).
  EXPECT_TRUE(body_of(answer).starts_with("{\"message\":"));
  EXPECT_NE(body_of(answer).find("\"_links\":{\"self\":{\"href\":"), std::string::npos);
  EXPECT_NE(body_of(answer).find("\"_embedded\":{\"errors\":[{"), std::string::npos);
  EXPECT_EQ(body_of(answer).find("HTTP/1.1"), std::string::npos);
  EXPECT_EQ(status_line(exchange("GET /\r\n")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status_line(exchange("GET / HTTP/1.1\nHost: h\n\n")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status_line(exchange("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n")),
            "HTTP/1.1 501 Not Implemented");
  EXPECT_EQ(calls, 0);
}

TEST_F(ServerTest, GoodRequestBeforeABadOneIsAnswered) {
  serve(echo);
  const std::string all = exchange("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nX : y\r\n\r\n");
  EXPECT_EQ(status_line(all), "HTTP/1.1 200 OK");
  EXPECT_NE(all.find("HTTP/1.1 400 Bad Request"), std::string::npos);
}

TEST_F(ServerTest, HandlersThatFail) {
  serve([](Exchange& e) -> Task<void> {
    if (e.head().target == "/throw") {
      throw std::runtime_error("on purpose");
    }
    if (e.head().target == "/half") {
      EXPECT_TRUE(co_await e.start_with(ResponseHead(), "half"));
    }
  });
  EXPECT_EQ(status_line(exchange("GET /throw HTTP/1.1\r\n\r\n")),
            "HTTP/1.1 500 Internal Server Error");
  EXPECT_EQ(status_line(exchange("GET /silent HTTP/1.1\r\n\r\n")),
            "HTTP/1.1 500 Internal Server Error");
  const std::string half = exchange("GET /half HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(half.ends_with("4\r\nhalf\r\n")) << half;
}

TEST_F(ServerTest, WrongLengthBreaksTheAnswer) {
  serve([](Exchange& e) -> Task<void> {
    ResponseHead head;
    head.content_length = 5;
    EXPECT_TRUE(co_await e.start(std::move(head)));
    Status sent;
    if (e.head().target == "/long") {
      sent = co_await e.write("toolong");
    } else {
      sent = co_await e.finish();
    }
    EXPECT_FALSE(sent);
  });
  EXPECT_TRUE(exchange("GET /long HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
  EXPECT_TRUE(exchange("GET /short HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, AbortLooksBrokenToThePeer) {
  serve([](Exchange& e) -> Task<void> {
    EXPECT_TRUE(co_await e.start_with(ResponseHead(), "part"));
    e.abort();
    const Status sent = co_await e.write("x");
    EXPECT_FALSE(sent);
  });
  EXPECT_FALSE(exchange("GET / HTTP/1.1\r\n\r\n").ends_with("0\r\n\r\n"));
  RawSocket old = connect();
  old.send("GET / HTTP/1.0\r\n\r\n");
  old.receive_all();
  EXPECT_TRUE(old.failed());  // Reset, since an end alone would look complete.
}

TEST_F(ServerTest, AddressesAndLoopback) {
  serve([](Exchange& e) -> Task<void> {
    EXPECT_EQ(e.remote_address(), "127.0.0.1");
    EXPECT_TRUE(e.over_loopback());
    EXPECT_FALSE(e.over_unix_socket());
    EXPECT_FALSE(e.answered());
    EXPECT_TRUE(co_await e.respond(text_response("ok")));
    EXPECT_TRUE(e.answered());
    EXPECT_FALSE(co_await e.respond(text_response("again")));
  });
  EXPECT_TRUE(server_->bound_to_loopback());
  EXPECT_EQ(body_of(exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")), "ok");
}

}  // namespace
}  // namespace daybook::net
