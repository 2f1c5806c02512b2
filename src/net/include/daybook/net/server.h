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

// One request and its answer on a server connection.
//
// The handler reads the body piece by piece (or not at all) and answers once, either whole with
// respond() or as a stream with start() … write() … finish(). If it returns without an answer the
// peer gets 500. Threads: one coroutine at a time, on the connection's strand (executor()). Views
// returned are valid until the next call. Errors: Errc::cancelled when the peer has gone,
// Errc::timeout, Errc::invalid (bad framing), Errc::exhausted (over a limit).
class Exchange {
 public:
  virtual ~Exchange() = default;
  [[nodiscard]] virtual const RequestHead& head() const = 0;
  [[nodiscard]] virtual const std::string& remote_address() const = 0;  // Without port.
  [[nodiscard]] virtual bool over_loopback() const = 0;
  [[nodiscard]] virtual bool over_unix_socket() const = 0;
  [[nodiscard]] virtual bool over_tls() const { return false; }
  [[nodiscard]] virtual Executor executor() const = 0;

  // Next piece of the body as it arrives; empty at its end. Sends `100 Continue` first if the peer
  // waits for it.
  virtual Task<Result<std::string_view>> read_some() = 0;
  // The whole rest of the body. Errc::exhausted above bytes_max (or at once by Content-Length).
  virtual Task<Result<std::string>> read_all(std::uint64_t bytes_max) = 0;

  virtual Task<Status> respond(Response response) = 0;
  // Streams: with content_length set that framing, else chunked (HTTP/1.0: until close). Sends the
  // head at once.
  virtual Task<Status> start(ResponseHead head) = 0;
  virtual Task<Status> write(std::string_view piece) = 0;  // Flushed when it returns.
  virtual Task<Status> finish() = 0;
  // The same with a first or last piece of the body, in one packet where the piece is small.
  virtual Task<Status> start_with(ResponseHead head, std::string_view piece);
  virtual Task<Status> finish_with(std::string_view piece);
  [[nodiscard]] virtual bool answered() const = 0;  // start() or respond() was called.

  // Closes the connection at once, so that the peer sees a broken answer.
  virtual void abort() = 0;
  // The answer will carry `Connection: close`.
  virtual void close_after() = 0;

  // Calls `gone` (on the strand) if the peer closes its side or resets while the handler runs; at
  // most once. Call watch_peer({}) to stop. The request body must have been read to its end.
  virtual void watch_peer(std::function<void()> gone) = 0;
};

using Handler = std::function<Task<void>(Exchange&)>;

struct ServerLimits {
  std::size_t head_bytes_max = 64 * 1024;
  std::size_t header_fields_max = 100;
  std::size_t connections_max = 20'000;
  std::chrono::milliseconds head_timeout{
      30'000};  // First byte of a request to the end of its head.
  std::chrono::milliseconds idle_timeout{75'000};   // Between requests.
  std::chrono::milliseconds body_timeout{60'000};   // Without progress in reading a body.
  std::chrono::milliseconds write_timeout{60'000};  // Without progress in writing.
};

// HTTP/1.0 and 1.1 server. Ambiguous framing (both Content-Length and Transfer-Encoding, differing
// or repeated lengths, Transfer-Encoding other than exactly `chunked`, obs-fold, bare CR or LF,
// NUL, bad token, two Hosts) is 400 and close, before any handler runs. Pipelined requests are
// answered in order. Threads: made and stopped from one thread; handlers run on the executor's
// threads, one strand a connection. Must end before its Runtime does.
class Server {
 public:
  // Binds at once. `endpoint` is `host:port` (`[::1]:port` for IPv6), port 0 = any; `unix:PATH`,
  // which replaces a stale socket file and has mode 0600; or `fd:N`, a listening socket that was
  // handed to this process (systemd): as others hold it too, nobody is refused while processes
  // change. Errc::io if it cannot.
  // With `tls` every connection begins with a handshake, within the time of a head.
  static Result<std::unique_ptr<Server>> listen(Executor executor, std::string_view endpoint,
                                                Handler handler, ServerLimits limits = {},
                                                std::shared_ptr<TlsServer> tls = {});
  // Whether listen() could understand `endpoint`, without any effect. Errc::invalid.
  static Status check_endpoint(std::string_view endpoint);
  virtual ~Server() = default;
  [[nodiscard]] virtual std::string address() const = 0;  // `host:port` as bound, or `unix:PATH`.
  [[nodiscard]] virtual bool bound_to_loopback() const = 0;
  // No new connections or requests; requests in flight may end within `grace`, then connections are
  // closed. Resumes when none is left.
  virtual Task<void> drain(std::chrono::milliseconds grace) = 0;
};

}  // namespace daybook::net
