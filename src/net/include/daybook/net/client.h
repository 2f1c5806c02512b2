// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "daybook/core/result.h"
#include "daybook/net/http.h"
#include "daybook/net/task.h"
#include "daybook/net/tls.h"

namespace daybook::net {

// `http://host:port` or `https://host:port` with an optional path prefix, or `unix:PATH` (then host
// is the path, port 0).
struct BaseUrl {
  std::string scheme = "http";
  std::string host;
  std::uint16_t port = 80;
  std::string prefix;                                  // Without trailing slash.
  static Result<BaseUrl> parse(std::string_view url);  // Errc::unsupported for other schemes.
  [[nodiscard]] std::string authority() const;
};

// Whether a failed request may have been acted on by the server.
enum class Sent : std::uint8_t { no, unknown };

// One request on a pooled connection. The head is sent with the first body piece or with
// end_request(). Hop-by-hop headers and framing are the exchange's own: chunked if `head.chunked`,
// else content_length. Threads: one coroutine at a time. Destroying it before the answer was read
// to its end closes the connection.
class ClientExchange {
 public:
  virtual ~ClientExchange() = default;
  // A piece of the request body. Errc::unavailable: the server answered before it had read all of
  // the body, or closed; after any error of write or end_request, read_head() still tells what it
  // said, if anything.
  virtual Task<Status> write(std::string_view piece) = 0;
  virtual Task<Status> end_request() = 0;
  // Final head (1xx skipped). Errc::timeout after `timeout`; 0 = wait for ever.
  virtual Task<Result<ResponseHead>> read_head(std::chrono::milliseconds timeout) = 0;
  // Next piece of the body as it arrives; empty at its end.
  virtual Task<Result<std::string_view>> read_some(std::chrono::milliseconds timeout) = 0;
  // Whether read_some() has something to give, or the end, without waiting. May err towards no.
  [[nodiscard]] virtual bool at_hand() const { return false; }
  // After an error: Sent::no only if no byte of the request can have reached the server's handler.
  [[nodiscard]] virtual Sent sent() const = 0;
  // Closes the connection from any point on the coroutine's strand; a pending call gives
  // Errc::cancelled.
  virtual void cancel() = 0;
};

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds write_timeout{60'000};  // Without progress in sending.
  std::chrono::milliseconds pool_idle{30'000};
  std::size_t pool_max = 256;           // Idle connections kept.
  std::shared_ptr<TlsClient> tls = {};  // For https; none: whom the system believes.
};

// HTTP/1.1 client of one server with a pool of keep-alive connections. A pooled connection that
// turns out closed before any byte of the answer is retried on a fresh one only for GET, HEAD and
// OPTIONS without body. Threads: any; exchanges belong to their coroutine. Ends before its Runtime.
class Client {
 public:
  static std::unique_ptr<Client> make(BaseUrl base, ClientOptions options = {});
  virtual ~Client() = default;
  [[nodiscard]] virtual const BaseUrl& base() const = 0;
  // Connects or takes a pooled connection. Errc::unavailable if it cannot connect, Errc::timeout.
  virtual Task<Result<std::unique_ptr<ClientExchange>>> begin(RequestHead head) = 0;
  // Whole request and answer; Errc::exhausted if the answer's body passes body_max.
  virtual Task<Result<Response>> fetch(RequestHead head, std::string body, std::uint64_t body_max,
                                       std::chrono::milliseconds timeout) = 0;
};

}  // namespace daybook::net
