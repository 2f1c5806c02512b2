// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daybook/core/result.h"
#include "daybook/net/task.h"

#include "input_buffer.h"
#include "tls_channel.h"

namespace daybook::net {

// What one gathered write sends, in order; empty pieces are skipped.
using Pieces = std::array<std::string_view, 4>;

// A connected TCP or Unix stream socket with an input buffer, bounded waits and peer watching; what
// goes over it is plain or, after secure(), TLS.
//
// Bounded waits cost no timer per call: one timer is armed lazily, only if the new deadline is
// earlier than the one it waits for, and looks at the present deadline when it fires.
//
// Threads: the executor given (a strand, or the one coroutine that holds it).
// Failure: Errc::timeout; Errc::cancelled after close() or when the peer has gone.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Protocol = boost::asio::generic::stream_protocol;
  using Socket = Protocol::socket;
  using Millis = std::chrono::milliseconds;

  // What outlives a Stream in a connection pool.
  struct Parts {
    Socket socket;
    InputBuffer input = {};
    std::unique_ptr<TlsChannel> tls = {};
  };

  Stream(Executor executor, Parts parts);
  // Sets the options of a socket just accepted; connect() does so by itself.
  void prepare_accepted();
  // Takes the socket out for a Stream on another executor; this one is closed after that.
  Parts release();
  [[nodiscard]] Socket& socket() { return socket_; }
  [[nodiscard]] const Executor& executor() const { return executor_; }
  [[nodiscard]] InputBuffer& input() { return input_; }

  // Replaces the socket by a fresh connection to `endpoint`. A timeout of zero or less waits for
  // ever.
  Task<Status> connect(Protocol::endpoint endpoint, Millis timeout);
  // The TLS handshake on a connected socket. Errc::unavailable if the two cannot agree or the other
  // side's certificate is not believed.
  Task<Status> secure(SslHandle ssl, Millis timeout);
  // Reads what is there, at least one byte, into the input buffer (whole size `capacity`). 0 = end
  // of input.
  Task<Result<std::size_t>> fill(std::size_t capacity, Millis timeout);
  // Sends all pieces. `timeout` bounds the time without progress. With OnInput::stop a wait ends
  // with Errc::unavailable when the peer has something to say (or has closed) before it took
  // everything.
  enum class OnInput : std::uint8_t { ignore, stop };
  Task<Status> send(Pieces pieces, Millis timeout, OnInput on_input = OnInput::ignore);
  // Sends what the kernel takes now and shortens `pieces` by it. False: the rest needs send().
  // True: all has gone, or `status` says why not.
  bool send_now(Pieces& pieces, Status& status);
  // Sends what the kernel takes now and says how much that was. `failed`: the connection is broken.
  std::size_t try_send(std::string_view bytes, bool& failed);
  void when_writable(std::function<void()> act);
  // Whether bytes reached the kernel since the last call of mark_unsent().
  [[nodiscard]] bool any_sent() const { return any_sent_; }
  void mark_unsent() { any_sent_ = false; }

  // Nothing to read and no end of input: a connection that waited in a pool is still good.
  [[nodiscard]] bool quiet();
  // Bytes wait in the kernel or in the input buffer.
  [[nodiscard]] bool unread();

  // Calls `gone` once when the peer ends or resets its side, within a fifth of a second; bytes it
  // sends meanwhile go to the input buffer as far as there is room. An empty function stops
  // watching. Costs nothing where it is stopped soon, as with most requests.
  void watch(std::function<void()> gone);

  void interrupt();  // Ends a waiting fill() with Errc::cancelled; the stream stays usable.
  void shutdown_send();
  void close();
  void reset();  // Closes with RST, so that the peer cannot take the end for a proper one.
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  using Clock = std::chrono::steady_clock;

  Task<Result<std::size_t>> fill_secure(std::span<char> space, Millis timeout);
  Task<Status> send_secure(Pieces pieces, Millis timeout, OnInput on_input);
  // After a send that the kernel took nothing of: until it may be tried again. `stalled` is since
  // when nothing has gone out.
  Task<Status> wait_to_send(Clock::time_point& stalled, Clock::duration patience, OnInput on_input);
  // 0: the kernel takes nothing now.
  Result<std::size_t> write_some(std::string_view bytes);
  Task<Status> wait_writable(Clock::time_point until, OnInput on_input);
  Task<Status> wait_for(TlsChannel::Step step, const char* what);
  void expect_by(Millis timeout);
  void arm(Clock::time_point at);
  void on_timer(const boost::system::error_code& error);
  Error failure(const boost::system::error_code& error, const char* what);
  ssize_t receive_now(std::span<char> space);
  void wait_for_peer();
  void on_peer_readable(const boost::system::error_code& error);

  Executor executor_;
  Socket socket_;
  boost::asio::steady_timer timer_;
  InputBuffer input_;
  std::unique_ptr<TlsChannel> tls_;  // None: plain.
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point armed_ = Clock::time_point::max();  // max = no timer pending.
  Clock::time_point look_ = Clock::time_point::max();   // When watching begins; max = it has.
  std::function<void()> gone_;
  bool timed_out_ = false;
  bool filling_ = false;  // A read into the input buffer is under way.
  bool interrupted_ = false;
  bool closed_ = false;
  bool input_ended_ = false;
  bool any_sent_ = false;
  bool watching_ = false;  // A wait for readability is pending for watch().
};

}  // namespace daybook::net
