// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>

#include "daybook/core/diagnostics.h"
#include "daybook/core/error_json.h"
#include "daybook/net/lanes.h"

#include "await.h"
#include "endpoint.h"
#include "server_connection.h"
#include "syntax.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using Acceptor = asio::basic_socket_acceptor<Stream::Protocol>;

constexpr milliseconds kAcceptPause{50};  // After EMFILE and the like.
constexpr milliseconds kDrainPoll{5};
constexpr milliseconds kDrainOvertime{
    5'000};  // For handlers that wait for something else than the peer.

Error io_error(const char* call, std::string_view where, const std::string& text) {
  return Error{Errc::io, std::string(call) + " " + std::string(where) + ": " + text};
}

asio::io_context& context_of(const Executor& executor) {
  return static_cast<asio::io_context&>(asio::query(executor, asio::execution::context));
}

Result<StreamEndpoint> resolve(const Executor& executor, const Endpoint& endpoint) {
  auto literal = literal_endpoint(endpoint);
  if (literal || literal.error().code != Errc::not_found) {
    return literal;
  }
  error_code error;
  asio::ip::tcp::resolver resolver(executor);
  const auto found = resolver.resolve(endpoint.host, std::to_string(endpoint.port), error);
  if (error || found.empty()) {
    return io_error("resolve", endpoint.host, error.message());
  }
  return StreamEndpoint(found.begin()->endpoint());
}

// Makes way for a new Unix socket: removes one that nobody listens on any more, and nothing else.
Status clear_socket_path(const Executor& executor, const Endpoint& endpoint,
                         const StreamEndpoint& address) {
  struct stat info {};
  if (::lstat(endpoint.host.c_str(), &info) != 0) {
    return errno == ENOENT ? Status()
                           : Status(io_error("stat", endpoint.host, std::strerror(errno)));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Error{Errc::exists, "not a socket: " + endpoint.host};
  }
  Stream::Socket probe(executor);
  error_code error;
  probe.connect(address, error);
  if (!error) {
    return Error{Errc::unavailable, "somebody listens on " + endpoint.host};
  }
  if (::unlink(endpoint.host.c_str()) != 0) {
    return io_error("unlink", endpoint.host, std::strerror(errno));
  }
  return {};
}

Status bind_acceptor(Acceptor& acceptor, const Endpoint& endpoint, const StreamEndpoint& address,
                     std::string_view text) {
  error_code error;
  acceptor.open(address.protocol(), error);
  if (error) {
    return io_error("socket", text, error.message());
  }
  if (endpoint.is_unix) {
    // The mode of the unbound socket is the mode the path is made with: no moment of wider access.
    if (::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0) {
      return io_error("chmod", text, std::strerror(errno));
    }
  } else {
    acceptor.set_option(asio::socket_base::reuse_address(true), error);
  }
  acceptor.bind(address, error);
  if (error) {
    return io_error("bind", text, error.message());
  }
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return io_error("listen", text, error.message());
  }
  return {};
}

// `fd:N`.
std::optional<int> handed_descriptor(std::string_view endpoint) {
  constexpr std::string_view kFd = "fd:";
  const auto number =
      endpoint.starts_with(kFd) ? parse_decimal(endpoint.substr(kFd.size())) : std::nullopt;
  return number && *number <= INT_MAX ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

Status adopt(Acceptor& acceptor, int descriptor, std::string_view text) {
  int listening = 0;
  socklen_t size = sizeof listening;
  sockaddr_storage address{};
  socklen_t address_size = sizeof address;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
      listening == 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &address_size) != 0) {
    return Error{Errc::invalid, "not a listening socket", std::string(text)};
  }
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  error_code error;
  acceptor.assign(Stream::Protocol(address.ss_family, 0), descriptor, error);
  return error ? Status(io_error("assign", text, error.message())) : Status();
}

// Says no to one connection too many, without ever waiting for it.
void turn_away(Stream::Socket& socket) {
  static const std::string kAnswer = [] {
    const std::string body = error_json({.message = "too many connections"});
    return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: "
           "application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n" + body;
  }();
  const auto sent =
      ::send(socket.native_handle(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  static_cast<void>(sent);
  error_code ignored;
  socket.close(ignored);
}

struct Listener {
  Listener(const Executor& executor, std::shared_ptr<ServerState> shared, Lanes* lanes_of)
      : strand(asio::make_strand(executor)),
        acceptor(strand),
        state(std::move(shared)),
        lanes(lanes_of) {}
  // Of the next connection.
  [[nodiscard]] Executor next_executor() const {
    return lanes != nullptr ? lanes->next()
                            : Executor(asio::make_strand(context_of(strand).get_executor()));
  }
  Executor strand;
  Acceptor acceptor;
  std::shared_ptr<ServerState> state;
  Lanes* const lanes;  // None: a strand a connection.
  std::atomic<bool> accepting = true;
};

void admit(const std::shared_ptr<ServerState>& state, const Executor& strand, Stream::Socket socket,
           const StreamEndpoint& peer) {
  std::shared_ptr<ServerConnection> connection;
  {
    const std::lock_guard lock(state->mutex);
    if (state->ended) {
      return;
    }
    // One that came while draining began is served, too: it was not refused, so it must be
    // answered.
    if (state->connections.size() < state->limits.connections_max) {
      connection = std::make_shared<ServerConnection>(state, strand, std::move(socket), peer);
      state->connections.emplace(connection.get(), connection);
    }
  }
  if (connection) {
    spawn(strand, ServerConnection::run(connection));
  } else {
    turn_away(socket);
  }
}

Task<void> accept_connections(std::shared_ptr<Listener> listener) {
  bool failing = false;  // The first error of a row is told, not each.
  while (listener->acceptor.is_open() && !listener->state->draining) {
    const Executor strand = listener->next_executor();
    StreamEndpoint peer;
    auto [error, socket] = co_await listener->acceptor.async_accept(strand, peer, kAwait);
    if (error == asio::error::operation_aborted) {
      continue;
    }
    if (error) {
      if (!std::exchange(failing, true)) {
        diagnose(Severity::warn, "net", "accept: " + error.message());
      }
      co_await sleep_for(kAcceptPause);
      continue;
    }
    failing = false;
    admit(listener->state, strand, std::move(socket), peer);
  }
  listener->accepting = false;
}

class ListeningServer final : public Server {
 public:
  ListeningServer(std::shared_ptr<Listener> listener, const Endpoint& endpoint,
                  const StreamEndpoint& bound)
      : listener_(std::move(listener)),
        socket_path_(endpoint.is_unix ? endpoint.host : std::string()),
        address_(endpoint.is_unix ? "unix:" + endpoint.host
                                  : host_port(address_text(bound), port_of(bound))),
        loopback_(is_loopback(bound)) {
    spawn(listener_->strand, accept_connections(listener_));
  }

  ~ListeningServer() override {
    stop_accepting();
    listener_->state->ended = true;
    listener_->state->post_to_all(&ServerConnection::stop);
  }

  ListeningServer(const ListeningServer&) = delete;
  ListeningServer& operator=(const ListeningServer&) = delete;

  [[nodiscard]] std::string address() const override { return address_; }
  [[nodiscard]] bool bound_to_loopback() const override { return loopback_; }

  Task<void> drain(milliseconds grace) override {
    const auto state = listener_->state;
    const auto begin = std::chrono::steady_clock::now();
    stop_accepting();
    state->post_to_all(&ServerConnection::drain);
    bool stopped = false;
    while (listener_->accepting || state->count() > 0) {
      const auto passed = std::chrono::steady_clock::now() - begin;
      if (passed >= grace && !stopped) {
        stopped = true;
        state->post_to_all(&ServerConnection::stop);
      }
      if (passed >= grace + kDrainOvertime) {
        diagnose(Severity::error, "net", "requests still running after the end of their grace");
        co_return;
      }
      co_await sleep_for(kDrainPoll);
    }
  }

 private:
  void stop_accepting() {
    if (listener_->state->draining.exchange(true)) {
      return;
    }
    asio::post(listener_->strand, [listener = listener_] {
      error_code ignored;
      listener->acceptor.close(ignored);
    });
    if (!socket_path_.empty()) {
      ::unlink(socket_path_.c_str());
    }
  }

  const std::shared_ptr<Listener> listener_;
  const std::string socket_path_;
  const std::string address_;
  const bool loopback_;
};

Result<std::unique_ptr<Server>> start_server(std::shared_ptr<Listener> listener,
                                             const Endpoint& endpoint, std::string_view text) {
  error_code error;
  const StreamEndpoint bound = listener->acceptor.local_endpoint(error);
  if (error) {
    return io_error("getsockname", text, error.message());
  }
  return std::make_unique<ListeningServer>(std::move(listener), endpoint, bound);
}

Result<std::unique_ptr<Server>> open_server(const Executor& executor, Lanes* lanes,
                                            std::string_view endpoint,
                                            std::shared_ptr<ServerState> state) {
  auto listener = std::make_shared<Listener>(executor, std::move(state), lanes);
  if (const auto handed = handed_descriptor(endpoint)) {
    DAYBOOK_RETURN_IF_ERROR(adopt(listener->acceptor, *handed, endpoint));
    return start_server(std::move(listener), Endpoint{}, endpoint);
  }
  DAYBOOK_ASSIGN_OR_RETURN(const Endpoint parsed, parse_endpoint(endpoint));
  DAYBOOK_ASSIGN_OR_RETURN(const StreamEndpoint address, resolve(executor, parsed));
  if (parsed.is_unix) {
    DAYBOOK_RETURN_IF_ERROR(clear_socket_path(executor, parsed, address));
  }
  DAYBOOK_RETURN_IF_ERROR(bind_acceptor(listener->acceptor, parsed, address, endpoint));
  return start_server(std::move(listener), parsed, endpoint);
}

std::shared_ptr<ServerState> new_state(Handler handler, ServerLimits limits,
                                       std::shared_ptr<TlsServer> tls) {
  auto state = std::make_shared<ServerState>();
  state->handler = std::move(handler);
  state->limits = limits;
  state->tls = std::move(tls);
  return state;
}

}  // namespace

Task<Status> Exchange::start_with(ResponseHead head, std::string_view piece) {
  Status started = co_await start(std::move(head));
  if (started && !piece.empty()) {
    started = co_await write(piece);
  }
  co_return started;
}

Task<Status> Exchange::finish_with(std::string_view piece) {
  Status sent;
  if (!piece.empty()) {
    sent = co_await write(piece);
  }
  if (sent) {
    sent = co_await finish();
  }
  co_return sent;
}

Status Server::check_endpoint(std::string_view endpoint) {
  if (!handed_descriptor(endpoint)) {
    DAYBOOK_RETURN_IF_ERROR(parse_endpoint(endpoint));
  }
  return {};
}

Result<std::unique_ptr<Server>> Server::listen(Executor executor, std::string_view endpoint,
                                               Handler handler, ServerLimits limits,
                                               std::shared_ptr<TlsServer> tls) {
  return open_server(executor, nullptr, endpoint,
                     new_state(std::move(handler), limits, std::move(tls)));
}

Result<std::unique_ptr<Server>> listen_on(Lanes& lanes, Executor executor,
                                          std::string_view endpoint, Handler handler,
                                          ServerLimits limits, std::shared_ptr<TlsServer> tls) {
  return open_server(executor, &lanes, endpoint,
                     new_state(std::move(handler), limits, std::move(tls)));
}

}  // namespace daybook::net
