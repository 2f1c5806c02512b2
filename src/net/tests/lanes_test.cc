// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/lanes.h"

#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/net/client.h"

#include "server_fixture.h"

namespace daybook::net {
namespace {

RequestHead get(std::string target) {
  RequestHead head;
  head.method = "GET";
  head.target = std::move(target);
  return head;
}

// A small proxy: a server on lanes whose handler asks another server by a pooling client.
class LanesTest : public ServerFixture {
 protected:
  void SetUp() override {
    serve([this](Exchange& exchange) { return answer(exchange); });
    client_ = Client::make(*BaseUrl::parse("http://" + server_->address()));
    auto front = listen_on(*lanes_, runtime_->executor(), "127.0.0.1:0",
                           [this](Exchange& exchange) { return forward(exchange); });
    ASSERT_TRUE(front) << front.error().context;
    front_ = *std::move(front);
  }

  void TearDown() override {
    runtime_->run(front_->drain(milliseconds(1000)));
    front_.reset();
    client_.reset();
    ServerFixture::TearDown();
    server_.reset();
    runtime_.reset();
  }

  // Says which connection asked.
  Task<void> answer(Exchange& exchange) {
    {
      const std::lock_guard lock(mutex_);
      connections_.insert(&exchange);
    }
    Response hello = text_response("hello");
    co_await exchange.respond(std::move(hello));
  }

  Task<void> forward(Exchange& exchange) {
    note(exchange);
    RequestHead head = get(exchange.head().target);
    auto response = co_await client_->fetch(std::move(head), {}, 1U << 20U, milliseconds(5000));
    note(exchange);
    EXPECT_TRUE(response);
    Response answer = text_response("", 502);
    if (response) {
      answer = *std::move(response);
    }
    co_await exchange.respond(std::move(answer));
  }

  void note(Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    threads_[&exchange].insert(std::this_thread::get_id());
    all_threads_.insert(std::this_thread::get_id());
  }

  std::unique_ptr<Lanes> lanes_ = Lanes::start(2);
  std::unique_ptr<Client> client_;
  std::unique_ptr<Server> front_;
  std::mutex mutex_;
  std::map<Exchange*, std::set<std::thread::id>> threads_;
  std::set<std::thread::id> all_threads_;
  std::set<Exchange*> connections_;
};

TEST_F(LanesTest, EachConnectionStaysOnOneThreadAndBothWork) {
  constexpr int kConnections = 6;
  constexpr int kRequests = 20;
  std::vector<RawSocket> peers;
  for (int i = 0; i < kConnections; ++i) {
    peers.push_back(RawSocket::connect(front_->address()));
  }
  for (int n = 0; n < kRequests; ++n) {
    for (RawSocket& peer : peers) {
      ASSERT_TRUE(peer.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    for (RawSocket& peer : peers) {
      ASSERT_EQ(body_of(peer.receive_until("hello")), "hello");
    }
  }
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(threads_.size(), static_cast<std::size_t>(kConnections));
  for (const auto& [exchange, threads] : threads_) {
    EXPECT_EQ(threads.size(), 1U);
  }
  EXPECT_EQ(all_threads_.size(), 2U);
  // At most as many as there were requests at one time: the rest used them again.
  EXPECT_LE(connections_.size(), static_cast<std::size_t>(kConnections));
}

TEST_F(LanesTest, APooledConnectionStaysOnItsLane) {
  // Connections are spread in turn: the first and the third are on one lane.
  RawSocket first = RawSocket::connect(front_->address());
  ASSERT_TRUE(first.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_EQ(body_of(first.receive_until("hello")), "hello");
  RawSocket second = RawSocket::connect(front_->address());
  ASSERT_TRUE(second.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_EQ(body_of(second.receive_until("hello")), "hello");
  EXPECT_EQ(connections_.size(), 2U);  // Not that of the other lane.
  RawSocket third = RawSocket::connect(front_->address());
  ASSERT_TRUE(third.send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_EQ(body_of(third.receive_until("hello")), "hello");
  EXPECT_EQ(connections_.size(), 2U);
}

TEST_F(LanesTest, AClosedPooledConnectionIsNotUsed) {
  RawSocket peer = RawSocket::connect(front_->address());
  ASSERT_TRUE(peer.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_EQ(body_of(peer.receive_until("hello")), "hello");
  // The server behind goes and comes back on the same port: what waits in the pool is dead.
  const std::string address = server_->address();
  runtime_->run(server_->drain(milliseconds(0)));
  server_.reset();
  serve([this](Exchange& exchange) { return answer(exchange); }, {}, address);
  ASSERT_TRUE(peer.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(body_of(peer.receive_until("hello")), "hello");
}

TEST_F(LanesTest, LanesWithoutServersEnd) {
  const auto idle = Lanes::start(3);
  EXPECT_NE(idle->next(), idle->next());
}

}  // namespace
}  // namespace daybook::net
