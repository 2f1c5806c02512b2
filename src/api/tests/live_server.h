// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daybook/api/api.h"
#include "daybook/net/client.h"
#include "daybook/net/runtime.h"
#include "daybook/record/json.h"

namespace daybook::api {

// A whole server over a ledger in a temporary directory, on 127.0.0.1 port 0, and a client of it.
// One for all tests of a suite: hashing passwords is slow on purpose.
class LiveServer {
 public:
  LiveServer();
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  struct Request {
    std::string method = "GET";
    std::string target;
    std::string token = {};  // Bearer, if not empty.
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
  };
  [[nodiscard]] net::Response send(Request request);
  [[nodiscard]] net::Response get(const std::string& target, const std::string& token = {});
  // Sends JSON and wants JSON back.
  [[nodiscard]] net::Response post(const std::string& target, const std::string& token,
                                   const record::Json& body);

  // A token of a new service account.
  [[nodiscard]] std::string token_for(const std::string& name, access::Role role,
                                      std::optional<std::string> tenant = std::nullopt);

  std::string admin;  // Token of an account with role admin.
  static constexpr const char* kUser = "jane";
  static constexpr const char* kPassword = "correct horse battery";

  [[nodiscard]] ledger::Ledger& ledger();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] record::Json json_of(const net::Response& response);

// A suite over one server that has a writer, an auditor, and a viewer of tenant `alpha`.
class LiveServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  // Stores events; the receipts.
  static record::Json ingest(const std::string& tenant, const record::Json& body);

  static std::unique_ptr<LiveServer> server;
  static std::string writer;  // Tokens.
  static std::string auditor;
  static std::string viewer;
};

}  // namespace daybook::api
