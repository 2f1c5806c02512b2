// SPDX-License-Identifier: Apache-2.0
#include "stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "await.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// No delay for small writes, and probes that find a peer which vanished without a word: an event
// stream may say nothing for hours. Fails on Unix sockets, which need no such thing.
void set_options(Stream::Socket& socket) {
  const int handle = socket.native_handle();
  const auto set = [handle](int level, int name, int value) {
    ::setsockopt(handle, level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);   // Seconds.
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);  // Seconds.
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

// Until a peer is watched: most requests have ended by then, and a wait costs as much as a
// request's head.
constexpr std::chrono::milliseconds kWatchDelay{150};

// Drops `count` sent bytes from the front of the vector list.
void advance(std::array<iovec, 4>& list, std::size_t& first, std::size_t used, std::size_t count) {
  while (first < used && count >= list[first].iov_len) {
    count -= list[first].iov_len;
    ++first;
  }
  if (first < used) {
    list[first].iov_base = static_cast<char*>(list[first].iov_base) + count;
    list[first].iov_len -= count;
  }
}

ssize_t send_once(int handle, iovec* list, std::size_t count) {
  msghdr message{};
  message.msg_iov = list;
  message.msg_iovlen = count;
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(handle, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

bool is_quiet(Stream::Socket& socket, TlsChannel* tls) {
  char byte = 0;
  const ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (tls != nullptr && (got > 0 || tls->unread())) {
    return tls->quiet();  // TLS 1.3 sends tickets of its own accord.
  }
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

Stream::Stream(Executor executor, Parts parts)
    : executor_(std::move(executor)),
      socket_(std::move(parts.socket)),
      timer_(socket_.get_executor()),
      input_(std::move(parts.input)),
      tls_(std::move(parts.tls)) {}

void Stream::prepare_accepted() {
  set_options(socket_);
}

Stream::Parts Stream::release() {
  closed_ = true;
  gone_ = nullptr;
  timer_.cancel();
  return {std::move(socket_), std::move(input_), std::move(tls_)};
}

Task<Status> Stream::connect(Protocol::endpoint endpoint, Millis timeout) {
  error_code ignored;
  socket_.close(ignored);
  input_.clear();
  tls_.reset();
  input_ended_ = false;
  if (closed_) {
    co_return Error{Errc::cancelled, "connection was closed"};
  }
  error_code opened;
  socket_.open(endpoint.protocol(), opened);
  if (opened) {
    co_return Error{Errc::io, "socket: " + opened.message()};
  }
  expect_by(timeout);
  auto [error] = co_await socket_.async_connect(endpoint, kAwait);
  if (error) {
    Error failed = failure(error, "connect");
    if (failed.code == Errc::cancelled && !closed_) {
      failed.code = Errc::unavailable;
    }
    co_return failed;
  }
  deadline_ = Clock::time_point::max();
  timed_out_ = false;
  set_options(socket_);
  co_return Status();
}

Task<Result<std::size_t>> Stream::fill(std::size_t capacity, Millis timeout) {
  if (closed_) {
    co_return Error{Errc::cancelled, "connection was closed"};
  }
  if (input_ended_) {
    co_return std::size_t{0};
  }
  interrupted_ = false;
  const std::span<char> space = input_.prepare(capacity);
  if (tls_) {
    auto filled = co_await fill_secure(space, timeout);
    co_return filled;
  }
  expect_by(timeout);
  filling_ = true;
  auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(space.data(), space.size()), kAwait);
  filling_ = false;
  deadline_ = Clock::time_point::max();
  if (error == asio::error::eof) {
    input_ended_ = true;
    co_return std::size_t{0};
  }
  if (error) {
    co_return failure(error, "read");
  }
  timed_out_ = false;
  input_.commit(count);
  co_return count;
}

bool Stream::send_now(Pieces& pieces, Status& status) {
  if (tls_) {
    return false;
  }
  if (closed_) {
    status = Error{Errc::cancelled, "connection was closed"};
    return true;
  }
  std::array<iovec, 4> list{};
  std::size_t used = 0;
  std::size_t left = 0;
  for (const std::string_view piece : pieces) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): iovec has no const form; only read.
    list[used++] = {const_cast<char*>(piece.data()), piece.size()};
    left += piece.size();
  }
  if (left == 0) {
    return true;
  }
  const ssize_t sent = send_once(socket_.native_handle(), list.data(), used);
  if (sent < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return false;
    }
    status = failure(error_code(errno, boost::system::system_category()), "write");
    return true;
  }
  any_sent_ = any_sent_ || sent > 0;
  auto taken = static_cast<std::size_t>(sent);
  left -= taken;
  for (std::string_view& piece : pieces) {
    const std::size_t part = std::min(taken, piece.size());
    piece.remove_prefix(part);
    taken -= part;
  }
  return left == 0;
}

Task<Status> Stream::send(Pieces pieces, Millis timeout, OnInput on_input) {
  if (tls_) {
    const Status sent = co_await send_secure(pieces, timeout, on_input);
    co_return sent;
  }
  std::array<iovec, 4> list{};
  std::size_t used = 0;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): iovec has no const form; only read.
      list[used++] = {const_cast<char*>(piece.data()), piece.size()};
    }
  }
  const Clock::duration patience = timeout > Millis::zero() ? timeout : std::chrono::hours(24);
  std::size_t first = 0;
  Clock::time_point stalled = Clock::time_point::max();  // Since when nothing has gone out.
  while (first < used) {
    if (closed_) {
      co_return Error{Errc::cancelled, "connection was closed"};
    }
    const ssize_t sent = send_once(socket_.native_handle(), &list[first], used - first);
    if (sent >= 0) {
      any_sent_ = any_sent_ || sent > 0;
      stalled = Clock::time_point::max();
      advance(list, first, used, static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      co_return failure(error_code(errno, boost::system::system_category()), "write");
    }
    const Status ready = co_await wait_to_send(stalled, patience, on_input);
    DAYBOOK_CO_RETURN_IF_ERROR(ready);
  }
  co_return Status();
}

Task<Status> Stream::wait_to_send(Clock::time_point& stalled, Clock::duration patience,
                                  OnInput on_input) {
  if (on_input == OnInput::stop && !quiet()) {
    co_return Error{Errc::unavailable, "peer answered before it read everything"};
  }
  stalled = std::min(stalled, Clock::now());
  const Status ready = co_await wait_writable(stalled + patience, on_input);
  co_return ready;
}

std::size_t Stream::try_send(std::string_view bytes, bool& failed) {
  if (tls_) {
    const auto taken = write_some(bytes);
    failed = !taken;
    return taken.value_or(0);
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): iovec has no const form; only read.
  iovec one{const_cast<char*>(bytes.data()), bytes.size()};
  const ssize_t sent = closed_ ? -1 : send_once(socket_.native_handle(), &one, 1);
  failed = closed_ || (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void Stream::when_writable(std::function<void()> act) {
  socket_.async_wait(
      Socket::wait_write,
      asio::bind_executor(executor_, [act = std::move(act)](const error_code& error) {
        if (!error) {
          act();
        }
      }));
}

// Returns when writing may go on, or (with OnInput::stop) after a short while to look at the input
// again.
Task<Status> Stream::wait_writable(Clock::time_point until, OnInput on_input) {
  constexpr Millis kLook{50};
  const auto left = std::chrono::ceil<Millis>(until - Clock::now());
  if (left <= Millis::zero()) {
    co_return Error{Errc::timeout, "write: timed out"};
  }
  expect_by(on_input == OnInput::stop ? std::min(left, kLook) : left);
  auto [error] = co_await socket_.async_wait(Socket::wait_write, kAwait);
  deadline_ = Clock::time_point::max();
  if (error && timed_out_ && !closed_) {
    timed_out_ = false;
    co_return Status();  // The caller's next round finds out whether the time is over.
  }
  if (error) {
    co_return failure(error, "write");
  }
  timed_out_ = false;
  co_return Status();
}

bool Stream::quiet() {
  return is_quiet(socket_, tls_.get());
}

bool Stream::unread() {
  int waiting = 0;
  return !input_.empty() || (tls_ && tls_->unread()) ||
         (::ioctl(socket_.native_handle(), FIONREAD, &waiting) == 0 && waiting > 0);
}

void Stream::watch(std::function<void()> gone) {
  gone_ = std::move(gone);
  look_ = Clock::time_point::max();
  if (!gone_ || watching_) {
    return;
  }
  if (closed_ || input_ended_) {
    asio::post(executor_, [self = shared_from_this()] { self->on_peer_readable({}); });
    watching_ = true;
    return;
  }
  look_ = Clock::now() + kWatchDelay;
  if (look_ < armed_) {
    arm(look_);
  }
}

void Stream::wait_for_peer() {
  watching_ = true;
  socket_.async_wait(Socket::wait_read,
                     asio::bind_executor(executor_, [self = shared_from_this()](error_code error) {
                       self->on_peer_readable(error);
                     }));
}

void Stream::on_peer_readable(const error_code& error) {
  watching_ = false;
  if (!gone_) {
    return;
  }
  bool alive = !closed_ && !input_ended_;
  if (alive && !error) {
    const std::span<char> space = input_.spare();
    if (space.empty() || filling_) {
      gone_ = nullptr;  // No room to look past what it has sent: taken for alive from here on.
      return;
    }
    const ssize_t got = receive_now(space);
    if (got > 0) {
      input_.commit(static_cast<std::size_t>(got));
    } else if (got == 0) {
      input_ended_ = true;
      alive = false;
    } else {
      alive = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    }
  }
  if (alive) {
    wait_for_peer();
    return;
  }
  const auto gone = std::exchange(gone_, nullptr);
  gone();
}

// As recv(2): 0 at the end, -1 with errno.
ssize_t Stream::receive_now(std::span<char> space) {
  if (!tls_) {
    return ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
  }
  std::size_t count = 0;
  switch (tls_->read(space, count)) {
    case TlsChannel::Step::done:
      return static_cast<ssize_t>(count);
    case TlsChannel::Step::want_read:
    case TlsChannel::Step::want_write:
      errno = EAGAIN;
      return -1;
    case TlsChannel::Step::ended:
      return 0;
    case TlsChannel::Step::failed:
      break;
  }
  errno = ECONNRESET;
  return -1;
}

void Stream::interrupt() {
  interrupted_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Stream::shutdown_send() {
  if (tls_) {
    tls_->say_end();
  }
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
  if (tls_ && !closed_) {
    tls_->say_end();
  }
  closed_ = true;
  gone_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void Stream::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  tls_.reset();  // Without a word: nobody may take this for a proper end.
  close();
}

void Stream::expect_by(Millis timeout) {
  timed_out_ = false;
  if (timeout <= Millis::zero()) {
    deadline_ = Clock::time_point::max();
    return;
  }
  deadline_ = Clock::now() + timeout;
  if (deadline_ < armed_) {
    arm(deadline_);
  }
}

void Stream::arm(Clock::time_point at) {
  armed_ = at;
  timer_.expires_at(at);  // Cancels the wait for a later time, if any.
  timer_.async_wait(
      asio::bind_executor(executor_, [weak = weak_from_this()](const error_code& error) {
        if (const auto self = weak.lock()) {
          self->on_timer(error);
        }
      }));
}

void Stream::on_timer(const error_code& error) {
  if (error || closed_) {
    return;  // Replaced by an earlier one, or of no use any more.
  }
  armed_ = Clock::time_point::max();
  const Clock::time_point now = Clock::now();
  if (now >= look_) {
    look_ = Clock::time_point::max();
    if (gone_ && !watching_) {
      wait_for_peer();
    }
  }
  if (now < deadline_) {
    const Clock::time_point next = std::min(deadline_, look_);
    if (next != Clock::time_point::max()) {
      arm(next);
    }
    return;
  }
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

Error Stream::failure(const error_code& error, const char* what) {
  deadline_ = Clock::time_point::max();
  if (closed_ || interrupted_) {
    return Error{Errc::cancelled, std::string(what) + ": connection was closed"};
  }
  if (std::exchange(timed_out_, false) && error == asio::error::operation_aborted) {
    return Error{Errc::timeout, std::string(what) + ": timed out"};
  }
  return Error{Errc::cancelled, std::string(what) + ": " + error.message()};
}

}  // namespace daybook::net
