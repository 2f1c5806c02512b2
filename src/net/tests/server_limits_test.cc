// SPDX-License-Identifier: Apache-2.0
// Time limits, size limits, peers that go away, stopping.
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "daybook/net/server.h"

#include "server_fixture.h"

namespace daybook::net {
namespace {

Task<void> say_ok(Exchange& exchange) {
  const auto body = co_await exchange.read_all(1U << 20U);
  if (body) {
    EXPECT_TRUE(co_await exchange.respond(text_response("ok")));
  }
}

ServerLimits short_limits() {
  ServerLimits limits;
  limits.head_timeout = milliseconds(150);
  limits.idle_timeout = milliseconds(300);
  limits.body_timeout = milliseconds(150);
  limits.write_timeout = milliseconds(200);
  return limits;
}

class ServerLimitsTest : public ServerFixture {};

TEST_F(ServerLimitsTest, SlowHeadIs408) {
  serve(say_ok, short_limits());
  RawSocket socket = connect();
  const auto begin = std::chrono::steady_clock::now();
  socket.send("GET / HT");
  EXPECT_EQ(status_line(socket.receive_all()), "HTTP/1.1 408 Request Timeout");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(140));
}

TEST_F(ServerLimitsTest, HeadTimeIsNotRenewedByTrickling) {
  serve(say_ok, short_limits());
  RawSocket socket = connect();
  socket.set_timeout(milliseconds(40));
  const auto begin = std::chrono::steady_clock::now();
  std::string answer;
  socket.send("GET / HTTP/1.1\r\n");
  while (answer.empty() && std::chrono::steady_clock::now() - begin < milliseconds(2000)) {
    socket.send("A: b\r\n");
    answer = socket.receive_some();
  }
  EXPECT_EQ(status_line(answer), "HTTP/1.1 408 Request Timeout");
}

TEST_F(ServerLimitsTest, IdleConnectionIsClosedWithoutAWord) {
  serve(say_ok, short_limits());
  RawSocket socket = connect();
  EXPECT_EQ(socket.receive_all(), "");
  EXPECT_TRUE(socket.ended());
  RawSocket used = connect();
  used.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(used.receive_all().ends_with("\r\n\r\nok"));
  EXPECT_TRUE(used.ended());
}

TEST_F(ServerLimitsTest, AnswerSurvivesABodyThatComesAfterIt) {
  serve([](Exchange& e) -> Task<void> {
    e.close_after();
    EXPECT_TRUE(co_await e.respond(text_response("too much", 413)));
  });
  RawSocket socket = connect();
  socket.send("POST / HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n");
  ::usleep(100'000);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(socket.send(std::string(1'000'000, 'x')));
  }
  const std::string answer = socket.receive_all();
  EXPECT_TRUE(socket.ended());
  EXPECT_EQ(body_of(answer), "too much");
}

TEST_F(ServerLimitsTest, NewConnectionWithoutAByteIsClosedAfterTheHeadTime) {
  ServerLimits limits = short_limits();
  limits.idle_timeout = milliseconds(5'000);
  serve(say_ok, limits);
  RawSocket socket = connect();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(socket.receive_all(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2'000));
}

TEST_F(ServerLimitsTest, ConnectionsThatCloseAtOnceAreNoTrouble) {
  serve(say_ok);
  for (int i = 0; i < 300; ++i) {
    RawSocket socket = connect();
    if (i % 2 == 0) {
      socket.reset();
    }
  }
  EXPECT_TRUE(exchange("GET / HTTP/1.0\r\n\r\n").ends_with("ok"));
}

TEST_F(ServerLimitsTest, StuckBodyIs408) {
  serve(say_ok, short_limits());
  RawSocket socket = connect();
  socket.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_EQ(status_line(socket.receive_all()), "HTTP/1.1 408 Request Timeout");
}

TEST_F(ServerLimitsTest, PeerThatReadsNothingTimesOut) {
  std::atomic<bool> timed_out = false;
  serve(
      [&timed_out](Exchange& e) -> Task<void> {
        EXPECT_TRUE(co_await e.start(ResponseHead()));
        const std::string piece(1U << 20U, 'x');
        for (int i = 0; i < 64; ++i) {
          const Status sent = co_await e.write(piece);
          if (!sent) {
            timed_out = sent.error().code == Errc::timeout;
            break;
          }
        }
      },
      short_limits());
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return timed_out.load(); }));
}

TEST_F(ServerLimitsTest, HeadSizeLimits) {
  ServerLimits limits;
  limits.head_bytes_max = 8 * 1024;
  serve(say_ok, limits);
  const std::string start = "GET / HTTP/1.1\r\nA: ";
  EXPECT_EQ(status_line(exchange(start + std::string(9000, 'a') + "\r\n\r\n")),
            "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(status_line(exchange("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n")),
            "HTTP/1.1 431 Request Header Fields Too Large");
  const std::size_t room =
      8 * 1024 - start.size() - std::string("\r\nConnection: close\r\n\r\n").size();
  EXPECT_EQ(status_line(exchange(start + std::string(room, 'a') + "\r\nConnection: close\r\n\r\n")),
            "HTTP/1.1 200 OK");
}

TEST_F(ServerLimitsTest, OneConnectionTooManyGets503) {
  ServerLimits limits;
  limits.connections_max = 2;
  serve(say_ok, limits);
  RawSocket first = connect();
  RawSocket second = connect();
  for (RawSocket* socket : {&first, &second}) {
    socket->send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(status_line(socket->receive_until("ok")), "HTTP/1.1 200 OK");
  }
  RawSocket third = connect();
  EXPECT_EQ(status_line(third.receive_all()), "HTTP/1.1 503 Service Unavailable");
  first.close();
  EXPECT_TRUE(eventually([&] {
    RawSocket next = connect();
    next.send("GET / HTTP/1.0\r\n\r\n");
    return next.receive_all().ends_with("ok");
  }));
}

// The handler waits until its peer has gone.
Task<void> wait_for_end(Exchange& exchange, std::atomic<int>& gone) {
  co_await await_callback(
      [&exchange](std::function<void()> resume) { exchange.watch_peer(std::move(resume)); });
  ++gone;
}

TEST_F(ServerLimitsTest, WatchSeesEndAndReset) {
  std::atomic<int> gone = 0;
  std::atomic<int> waiting = 0;
  serve([&](Exchange& e) -> Task<void> {
    ++waiting;
    co_await wait_for_end(e, gone);
  });
  RawSocket ends = connect();
  ends.send("GET / HTTP/1.1\r\n\r\n");
  RawSocket resets = connect();
  resets.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return waiting == 2; }));
  EXPECT_EQ(gone, 0);
  ends.close();
  EXPECT_TRUE(eventually([&] { return gone == 1; }));
  resets.reset();
  EXPECT_TRUE(eventually([&] { return gone == 2; }));
}

TEST_F(ServerLimitsTest, PipelinedBytesMeanAliveAndAreKept) {
  std::atomic<bool> gone = false;
  serve([&gone](Exchange& e) -> Task<void> {
    if (e.head().target == "/slow") {
      e.watch_peer([&gone] { gone = true; });
      co_await sleep_for(milliseconds(400));  // Longer than watching takes to begin.
      e.watch_peer({});
    }
    EXPECT_TRUE(co_await e.respond(text_response(e.head().target)));
  });
  RawSocket socket = connect();
  socket.send("GET /slow HTTP/1.1\r\n\r\n");
  ::usleep(30'000);
  socket.send("GET /next HTTP/1.1\r\n\r\n");
  const std::string answers = socket.receive_until("/next");
  EXPECT_NE(answers.find("\r\n\r\n/slow"), std::string::npos);
  EXPECT_NE(answers.find("\r\n\r\n/next"), std::string::npos);
  EXPECT_FALSE(gone);
}

TEST_F(ServerLimitsTest, WatchSeesTheEndBehindPipelinedBytes) {
  std::atomic<int> gone = 0;
  serve([&](Exchange& e) -> Task<void> { co_await wait_for_end(e, gone); });
  RawSocket socket = connect();
  socket.send("GET /slow HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n");
  socket.close();
  EXPECT_TRUE(eventually([&] { return gone >= 1; }));
}

TEST_F(ServerLimitsTest, DrainLetsRequestsEndAndRefusesNewOnes) {
  std::atomic<bool> running = false;
  serve([&running](Exchange& e) -> Task<void> {
    running = true;
    co_await sleep_for(milliseconds(200));
    EXPECT_TRUE(co_await e.respond(text_response("ended")));
  });
  RawSocket idle = connect();
  RawSocket busy = connect();
  busy.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return running.load(); }));
  const auto begin = std::chrono::steady_clock::now();
  runtime_->run(server_->drain(milliseconds(5000)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1500));
  const std::string answer = busy.receive_all();
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(body_of(answer), "ended");
  EXPECT_EQ(idle.receive_all(), "");
}

TEST_F(ServerLimitsTest, DrainBreaksOffWhatOutlivesItsGrace) {
  std::atomic<bool> running = false;
  serve([&running](Exchange& e) -> Task<void> {
    running = true;
    EXPECT_TRUE(co_await e.start(ResponseHead()));
    while (true) {
      co_await sleep_for(milliseconds(10));
      const Status sent = co_await e.write("tick");
      if (!sent) {
        break;
      }
    }
  });
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return running.load(); }));
  runtime_->run(server_->drain(milliseconds(100)));
  EXPECT_FALSE(socket.receive_all().ends_with("0\r\n\r\n"));
}

class UnixSocketTest : public ServerFixture {
 protected:
  const std::string path_ =
      testing::TempDir() + "daybook-net-" + std::to_string(::getpid()) + ".sock";
};

TEST_F(UnixSocketTest, ServesWithMode0600AndReplacesAStaleSocket) {
  for (int round = 0; round < 2; ++round) {
    serve(
        [](Exchange& e) -> Task<void> {
          EXPECT_TRUE(e.over_unix_socket());
          EXPECT_TRUE(e.over_loopback());
          EXPECT_EQ(e.remote_address(), "");
          EXPECT_TRUE(co_await e.respond(text_response("ok")));
        },
        {}, "unix:" + path_);
    EXPECT_EQ(server_->address(), "unix:" + path_);
    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(body_of(exchange("GET / HTTP/1.0\r\n\r\n")), "ok");
    const auto second = Server::listen(runtime_->executor(), "unix:" + path_, say_ok);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::unavailable);
    // Leave a stale socket file behind for the second round.
    runtime_->run(server_->drain(milliseconds(100)));
    server_.reset();
    EXPECT_FALSE(std::filesystem::exists(path_));
    const int handle = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    path_.copy(un.sun_path, sizeof un.sun_path - 1);
    ASSERT_EQ(::bind(handle, reinterpret_cast<const sockaddr*>(&un), sizeof un), 0);
    ::close(handle);
  }
  std::filesystem::remove(path_);
}

TEST_F(UnixSocketTest, NeverRemovesAFileThatIsNoSocket) {
  std::FILE* file = std::fopen(path_.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fclose(file);
  const auto server = Server::listen(runtime_->executor(), "unix:" + path_, say_ok);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Errc::exists);
  EXPECT_TRUE(std::filesystem::remove(path_));
}

TEST_F(ServerLimitsTest, ListenErrors) {
  serve(say_ok);
  const auto taken = Server::listen(runtime_->executor(), server_->address(), say_ok);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::io);
  for (const char* bad : {"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", ":80", "unix:"}) {
    const auto server = Server::listen(runtime_->executor(), bad, say_ok);
    ASSERT_FALSE(server) << bad;
    EXPECT_EQ(server.error().code, Errc::invalid) << bad;
  }
  const auto by_name = Server::listen(runtime_->executor(), "localhost:0", say_ok);
  ASSERT_TRUE(by_name);
  EXPECT_TRUE((*by_name)->bound_to_loopback());
}

}  // namespace
}  // namespace daybook::net
