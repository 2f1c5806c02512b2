// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "daybook/net/server.h"

#include "body_reader.h"
#include "endpoint.h"
#include "head_writer.h"
#include "stream.h"

namespace daybook::net {

class ServerConnection;

// What all connections of a server share; outlives the Server while connections end.
struct ServerState {
  Handler handler;
  ServerLimits limits;
  std::shared_ptr<TlsServer> tls;  // None: plain.
  std::atomic<bool> draining = false;
  std::atomic<bool> ended = false;  // The Server is gone: no handler may run any more.
  std::mutex mutex;
  std::unordered_map<ServerConnection*, std::weak_ptr<ServerConnection>> connections;  // By mutex.

  [[nodiscard]] std::size_t count();
  // Calls `act` on each connection's own strand.
  void post_to_all(void (ServerConnection::*act)());
};

// One accepted connection: reads heads, runs the handler on itself as the Exchange, keeps the rules
// of framing between requests. One coroutine (run) and the handler inside it; all on one strand.
class ServerConnection final : public Exchange,
                               public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(std::shared_ptr<ServerState> state, Executor strand, Stream::Socket socket,
                   const StreamEndpoint& peer);

  // Serves requests until the connection ends, then leaves the server's table.
  static Task<void> run(std::shared_ptr<ServerConnection> self);
  void drain();  // Ends an idle wait; a request in flight gets `Connection: close`.
  void stop() { stream_->close(); }

  [[nodiscard]] const RequestHead& head() const override { return head_; }
  [[nodiscard]] const std::string& remote_address() const override { return remote_address_; }
  [[nodiscard]] bool over_loopback() const override { return over_loopback_; }
  [[nodiscard]] bool over_unix_socket() const override { return over_unix_; }
  [[nodiscard]] bool over_tls() const override { return state_->tls != nullptr; }
  [[nodiscard]] Executor executor() const override { return strand_; }
  Task<Result<std::string_view>> read_some() override;
  Task<Result<std::string>> read_all(std::uint64_t bytes_max) override;
  Task<Status> respond(Response response) override;
  Task<Status> start(ResponseHead head) override;
  Task<Status> start_with(ResponseHead head, std::string_view piece) override;
  Task<Status> write(std::string_view piece) override;
  Task<Status> finish() override;
  Task<Status> finish_with(std::string_view piece) override;
  [[nodiscard]] bool answered() const override { return answer_ != Answer::none; }
  void abort() override;
  void close_after() override { close_after_ = true; }
  void watch_peer(std::function<void()> gone) override { stream_->watch(std::move(gone)); }

 private:
  enum class Answer : std::uint8_t { none, started, finished, broken };

  Task<bool> secure();
  Task<bool> serve_one();
  Task<bool> receive_head();
  Task<bool> wait_for_head_bytes(std::size_t head_begun_bytes);
  Status check_first_line(std::size_t& checked);
  void begin_request(std::size_t head_bytes);
  Task<bool> refuse(Errc code, std::string_view message);
  Task<bool> call_handler();
  Task<void> answer_for_handler(bool threw);
  Task<bool> drain_request();
  Task<void> linger();
  Task<Status> send_body_piece(std::string_view piece, bool last);
  Task<Status> send_pieces(std::string_view piece, bool last);
  void build_head(const ResponseHead& head);
  void flush_head();
  [[nodiscard]] bool will_close() const;

  const std::shared_ptr<ServerState> state_;
  const Executor strand_;
  const std::shared_ptr<Stream> stream_;
  const std::string remote_address_;
  const bool over_loopback_;
  const bool over_unix_;

  RequestHead head_;
  BodyReader body_;
  std::optional<Errc> body_error_;
  OutgoingFraming framing_;
  std::uint64_t sent_bytes_ = 0;  // Of the answer's body.
  std::string out_;               // The answer's head; capacity is kept between requests.
  std::string_view
      unsent_head_;  // What of it goes out with the next piece, or by itself very soon.
  std::chrono::steady_clock::time_point head_begun_;
  Answer answer_ = Answer::none;
  bool idle_ = false;
  bool served_one_ = false;  // A head has arrived on this connection.
  bool close_after_ = false;
  bool peer_keeps_alive_ = false;
  bool continue_due_ = false;
};

}  // namespace daybook::net
