// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daybook/net/runtime.h"
#include "daybook/net/server.h"

namespace daybook::capture::testing {

// What the fake upstream does with a request.
struct Script {
  unsigned status = 200;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> fields = {{"Content-Type", "application/json"}};
  std::vector<std::string> pieces;     // Of the body.
  bool chunked = false;                // Else Content-Length.
  std::chrono::milliseconds pause{0};  // Before each piece but the first.
  std::chrono::milliseconds think{0};  // Before the head.
  bool drop = false;                   // Closes without an answer.
  bool break_off = false;              // Closes before the last piece's end.
  bool unread = false;                 // Answers without reading the body.
  std::function<void()> on_request;
  std::function<void()> on_gone;  // The peer closed while the answer was under way.
};

[[nodiscard]] Script answer(unsigned status, std::string body);

struct SeenRequest {
  net::RequestHead head;
  std::string body;
  bool body_whole = true;
};

// An upstream that follows a script by `METHOD path` (`*` for what has none: 404) and remembers
// what it got.
class FakeKestra {
 public:
  FakeKestra();
  ~FakeKestra();
  FakeKestra(const FakeKestra&) = delete;
  FakeKestra& operator=(const FakeKestra&) = delete;

  void on(const std::string& method_and_path, Script script);
  [[nodiscard]] std::string address() const { return address_; }
  // What clients sent, without the gateway's own GETs.
  [[nodiscard]] std::vector<SeenRequest> seen() const;
  [[nodiscard]] std::vector<SeenRequest> own_requests() const;
  void stop();

 private:
  net::Task<void> serve(net::Exchange& exchange);
  net::Task<void> play(net::Exchange& exchange, Script script);
  Script script_for(const net::RequestHead& head) const;

  mutable std::mutex mutex_;
  std::map<std::string, Script> scripts_;
  std::vector<SeenRequest> seen_;
  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<net::Server> server_;
  std::string address_;
};

}  // namespace daybook::capture::testing
