// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/tls.h"

#include <fstream>
#include <future>
#include <thread>

#include "daybook/net/client.h"

#include "server_fixture.h"
#include "test_certificates.h"

namespace daybook::net {
namespace {

Task<void> echo(Exchange& exchange) {
  const auto body = co_await exchange.read_all(64U << 20U);
  Response response;
  response.body = body.value_or("");
  response.head.headers.add("X-Secure", exchange.over_tls() ? "yes" : "no");
  const Status sent = co_await exchange.respond(std::move(response));
  static_cast<void>(sent);
}

class Tls : public ServerFixture {
 protected:
  void SetUp() override { certificates_.make("one", "IP:127.0.0.1,DNS:localhost"); }

  void serve_tls(Handler handler, ServerLimits limits = {}) {
    auto tls = TlsServer::load(certificates_.certificate(), certificates_.key());
    ASSERT_TRUE(tls) << tls.error().context;
    tls_ = *tls;
    auto server =
        Server::listen(runtime_->executor(), "127.0.0.1:0", std::move(handler), limits, *tls);
    ASSERT_TRUE(server) << server.error().context;
    server_ = *std::move(server);
  }

  [[nodiscard]] std::string port() const {
    return server_->address().substr(server_->address().rfind(':') + 1);
  }

  std::unique_ptr<Client> client(const std::string& host = "127.0.0.1") {
    ClientOptions options;
    options.tls = TlsClient::make(certificates_.certificate()).value();
    return Client::make(BaseUrl::parse("https://" + host + ":" + port()).value(), options);
  }

  static Task<void> fetch_into(Client& from, std::string body, Result<Response>& out) {
    RequestHead head;
    head.method = "POST";
    head.target = "/";
    out = co_await from.fetch(std::move(head), std::move(body), 64U << 20U, milliseconds(10'000));
  }
  Result<Response> post(Client& to, std::string body = "hello") {
    Result<Response> out = Error{Errc::io, "not run"};
    runtime_->run(fetch_into(to, std::move(body), out));
    return out;
  }

  TestCertificates certificates_;
  std::shared_ptr<TlsServer> tls_;
};

TEST_F(Tls, ServesAndFetches) {
  serve_tls(echo);
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto to = client(host);
    for (int i = 0; i < 3; ++i) {  // The second and third on the pooled connection.
      const auto got = post(*to, "hello " + std::to_string(i));
      ASSERT_TRUE(got) << got.error().context;
      EXPECT_EQ(got->body, "hello " + std::to_string(i));
      EXPECT_EQ(got->head.headers.get("X-Secure"), "yes");
    }
  }
}

TEST_F(Tls, LargeBodiesComeThroughWhole) {
  serve_tls(echo);
  std::string body(5U << 20U, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 2654435761U >> 13U);
  }
  const auto to = client();
  const auto got = post(*to, body);
  ASSERT_TRUE(got) << got.error().context;
  EXPECT_TRUE(got->body == body);
}

TEST_F(Tls, ACertificateNobodyVouchesForIsRefused) {
  std::atomic<int> calls = 0;
  serve_tls([&calls](Exchange& e) -> Task<void> {
    ++calls;
    co_await echo(e);
  });
  TestCertificates other;
  other.make("other", "IP:127.0.0.1");
  ClientOptions options;
  options.tls = TlsClient::make(other.certificate()).value();
  const auto to = Client::make(BaseUrl::parse("https://127.0.0.1:" + port()).value(), options);
  const auto got = post(*to);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
  EXPECT_EQ(calls, 0);
}

TEST_F(Tls, ACertificateForAnotherNameIsRefused) {
  certificates_.make("elsewhere", "DNS:elsewhere.example,IP:10.0.0.1");
  serve_tls(echo);
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto to = client(host);
    const auto got = post(*to);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::unavailable);
  }
}

TEST_F(Tls, OldProtocolsAreRefused) {
  serve_tls(echo);
  const auto connected = [this](int version) {
    RawSocket socket = connect();
    return RawTls(socket.take(), version).connected();
  };
  EXPECT_FALSE(connected(TLS1_VERSION));
  EXPECT_FALSE(connected(TLS1_1_VERSION));
  EXPECT_TRUE(connected(TLS1_2_VERSION));
  EXPECT_TRUE(connected(TLS1_3_VERSION));
}

TEST_F(Tls, ReloadServesTheNewCertificateAndABadFileKeepsIt) {
  serve_tls(echo);
  const auto name = [this] {
    RawSocket socket = connect();
    return RawTls(socket.take(), TLS1_3_VERSION).common_name();
  };
  EXPECT_EQ(name(), "one");
  certificates_.make("two", "IP:127.0.0.1");
  EXPECT_EQ(name(), "one");
  ASSERT_TRUE(tls_->reload());
  EXPECT_EQ(name(), "two");
  std::ofstream(certificates_.certificate()) << "nonsense";
  EXPECT_EQ(tls_->reload().error().code, Errc::invalid);
  EXPECT_EQ(name(), "two");
  std::filesystem::remove(certificates_.key());
  EXPECT_EQ(tls_->reload().error().code, Errc::not_found);
  EXPECT_EQ(name(), "two");
}

TEST_F(Tls, AKeyOfAnotherCertificateIsRefused) {
  TestCertificates other;
  other.make("other", "IP:127.0.0.1");
  EXPECT_EQ(TlsServer::load(certificates_.certificate(), other.key()).error().code, Errc::invalid);
}

TEST_F(Tls, PlainHttpReachesNoHandler) {
  std::atomic<int> calls = 0;
  serve_tls([&calls](Exchange& e) -> Task<void> {
    ++calls;
    co_await echo(e);
  });
  const std::string got = exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(got.find("200"), std::string::npos);
  EXPECT_EQ(calls, 0);
}

TEST_F(Tls, AHandshakeThatDoesNotComeIsBounded) {
  ServerLimits limits;
  limits.head_timeout = milliseconds(100);
  serve_tls(echo, limits);
  const auto begun = std::chrono::steady_clock::now();
  RawSocket socket = connect();
  EXPECT_EQ(socket.receive_all(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST_F(Tls, AClientThatGoesIsNoticed) {
  std::promise<void> gone;
  serve_tls([&gone](Exchange& e) -> Task<void> {
    const auto body = co_await e.read_all(10);
    static_cast<void>(body);
    e.watch_peer([&gone] { gone.set_value(); });
    co_await sleep_for(milliseconds(2'000));
  });
  {
    RawSocket socket = connect();
    RawTls tls(socket.take(), TLS1_3_VERSION);
    ASSERT_TRUE(tls.connected());
    tls.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(1)), std::future_status::ready);
}

// Only close_notify ends a body that has no length: somebody on the way can cut the connection.
TEST_F(Tls, ABodyThatIsCutIsNotWhole) {
  for (const bool politely : {true, false}) {
    tls_ = TlsServer::load(certificates_.certificate(), certificates_.key()).value();
    RawListener listener;
    std::thread peer([this, &listener, politely] {
      const int socket = listener.accept().take();
      const SslHandle ssl = tls_->open();
      SSL_set_fd(ssl.get(), socket);
      EXPECT_EQ(SSL_accept(ssl.get()), 1);
      char request[4096];
      EXPECT_GT(SSL_read(ssl.get(), request, sizeof request), 0);
      const std::string answer = "HTTP/1.1 200 OK\r\n\r\nhalf a bo";
      EXPECT_GT(SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size())), 0);
      if (politely) {
        SSL_shutdown(ssl.get());
      }
      ::close(socket);
    });
    ClientOptions options;
    options.tls = TlsClient::make(certificates_.certificate()).value();
    const auto to = Client::make(BaseUrl::parse("https://" + listener.address()).value(), options);
    const auto got = post(*to);
    EXPECT_EQ(got.has_value(), politely);
    peer.join();
  }
}

TEST_F(Tls, AHandedSocketIsServed) {
  RawListener listener;
  // As systemd does: a copy stays open, so that nobody is refused between two servers.
  serve(echo, {}, "fd:" + std::to_string(::dup(listener.handle())));
  EXPECT_EQ(status_line(exchange("GET / HTTP/1.0\r\n\r\n")), "HTTP/1.0 200 OK");
  runtime_->run(server_->drain(milliseconds(0)));
  RawSocket waiting = RawSocket::connect(listener.address());  // Not refused.
  EXPECT_TRUE(waiting.send("GET / HTTP/1.0\r\n\r\n"));
  serve(echo, {}, "fd:" + std::to_string(::dup(listener.handle())));
  EXPECT_EQ(status_line(waiting.receive_all()), "HTTP/1.0 200 OK");
}

TEST(HandedSocket, MustListen) {
  const auto runtime = Runtime::start(1);
  EXPECT_EQ(Server::listen(runtime->executor(), "fd:0", echo).error().code, Errc::invalid);
  EXPECT_EQ(Server::listen(runtime->executor(), "fd:x", echo).error().code, Errc::invalid);
}

}  // namespace
}  // namespace daybook::net
