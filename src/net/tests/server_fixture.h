// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "daybook/net/runtime.h"
#include "daybook/net/server.h"

#include "raw_socket.h"

namespace daybook::net {

using std::chrono::milliseconds;

// A server on a free loopback port whose handler each test gives.
class ServerFixture : public testing::Test {
 protected:
  void serve(Handler handler, ServerLimits limits = {},
             const std::string& endpoint = "127.0.0.1:0") {
    auto server = Server::listen(runtime_->executor(), endpoint, std::move(handler), limits);
    ASSERT_TRUE(server) << server.error().context;
    server_ = *std::move(server);
  }

  RawSocket connect() { return RawSocket::connect(server_->address()); }

  // One connection: sends `request`, gives everything up to the end of the connection.
  std::string exchange(std::string_view request) {
    RawSocket socket = connect();
    EXPECT_TRUE(socket.send(request));
    return socket.receive_all();
  }

  void TearDown() override {
    if (server_) {
      runtime_->run(server_->drain(milliseconds(0)));
    }
  }

  std::unique_ptr<Runtime> runtime_ = Runtime::start(2);
  std::unique_ptr<Server> server_;
};

inline std::string status_line(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}
inline std::string body_of(const std::string& answer) {
  const auto at = answer.find("\r\n\r\n");
  return at == std::string::npos ? std::string() : answer.substr(at + 4);
}

inline Response text_response(std::string body, unsigned status = 200) {
  Response response;
  response.head.status = status;
  response.body = std::move(body);
  return response;
}

// Waits up to 5 s for something another thread does.
inline bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    ::usleep(2000);
  }
  return true;
}

}  // namespace daybook::net
