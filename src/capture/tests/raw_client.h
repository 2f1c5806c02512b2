// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::capture::testing {

// One answer as it came over the wire.
struct RawAnswer {
  int status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;       // Without chunk framing.
  bool complete = false;  // The framing was finished.

  [[nodiscard]] std::string field(std::string_view name) const;  // Without case; empty if absent.
  [[nodiscard]] int count(std::string_view name) const;
};

// A blocking HTTP/1.1 client on a plain socket, for tests that care about bytes. Every wait is
// bounded.
class RawClient {
 public:
  explicit RawClient(const std::string& address);  // host:port
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  // Reads one answer to its end, or as far as it comes.
  RawAnswer read_answer(bool to_head_request = false);
  // What has arrived within `wait`, at least one byte unless none came.
  std::string read_some(std::chrono::milliseconds wait);
  // True once the peer has closed.
  bool closed_within(std::chrono::milliseconds wait);
  void close();
  void stop_sending();  // FIN, still listening.
  void reset();         // RST instead of FIN.

 private:
  bool fill(std::chrono::milliseconds wait);

  int socket_ = -1;
  std::string buffer_;
};

// One request on a connection of its own.
RawAnswer fetch(const std::string& address, std::string_view request);
// `METHOD target HTTP/1.1` with Host, Content-Length and the given header lines (each ending in
// CRLF).
std::string make_request(std::string_view method, std::string_view target,
                         std::string_view header_lines, std::string_view body);

}  // namespace daybook::capture::testing
