// SPDX-License-Identifier: Apache-2.0
// What of a Stream is different under TLS.
#include <algorithm>
#include <string>

#include "await.h"
#include "stream.h"

namespace daybook::net {
namespace {

using Step = TlsChannel::Step;

// One record (RFC 8446 section 5.1): what is encrypted and sent at a time.
constexpr std::size_t kRecordMax = 16 * 1024;

// Fills `out` from the front of the pieces, so that a head and a short body are one record.
void gather(Pieces& pieces, std::string& out) {
  for (std::string_view& piece : pieces) {
    const std::size_t count = std::min(piece.size(), kRecordMax - out.size());
    out.append(piece.substr(0, count));
    piece.remove_prefix(count);
  }
}

}  // namespace

// Until the socket can do what `step` waits for, or the deadline has passed.
Task<Status> Stream::wait_for(Step step, const char* what) {
  const auto kind = step == Step::want_read ? Socket::wait_read : Socket::wait_write;
  auto [error] = co_await socket_.async_wait(kind, kAwait);
  if (closed_) {
    co_return Error{Errc::cancelled, "connection was closed"};
  }
  if (error) {
    co_return failure(error, what);
  }
  co_return Status();
}

Task<Status> Stream::secure(SslHandle ssl, Millis timeout) {
  if (closed_) {
    co_return Error{Errc::cancelled, "connection was closed"};
  }
  socket_.native_non_blocking(true);
  auto made = TlsChannel::make(std::move(ssl), socket_.native_handle());
  if (!made) {
    co_return made.error();
  }
  tls_ = *std::move(made);
  interrupted_ = false;
  expect_by(timeout);
  for (;;) {
    const Step step = tls_->handshake();
    if (step == Step::done) {
      break;
    }
    if (step == Step::failed || step == Step::ended) {
      deadline_ = Clock::time_point::max();
      co_return Error{Errc::unavailable, "TLS handshake: " + tls_->why()};
    }
    const Status ready = co_await wait_for(step, "TLS handshake");
    DAYBOOK_CO_RETURN_IF_ERROR(ready);
  }
  deadline_ = Clock::time_point::max();
  timed_out_ = false;
  co_return Status();
}

Task<Result<std::size_t>> Stream::fill_secure(std::span<char> space, Millis timeout) {
  bool waited = false;
  for (;;) {
    std::size_t count = 0;
    const Step step = tls_->read(space, count);
    if (step == Step::done || step == Step::ended) {
      deadline_ = Clock::time_point::max();
      timed_out_ = false;
      input_ended_ = step == Step::ended;
      input_.commit(count);
      co_return count;
    }
    if (step == Step::failed) {
      deadline_ = Clock::time_point::max();
      co_return Error{Errc::cancelled, "read: " + tls_->why()};
    }
    if (!waited) {
      expect_by(timeout);
      waited = true;
    }
    filling_ = true;
    const Status ready = co_await wait_for(step, "read");
    filling_ = false;
    DAYBOOK_CO_RETURN_IF_ERROR(ready);
  }
}

Result<std::size_t> Stream::write_some(std::string_view bytes) {
  if (closed_) {
    return Error{Errc::cancelled, "connection was closed"};
  }
  std::size_t count = 0;
  const Step step = tls_->write(bytes, count);
  if (step == Step::failed || step == Step::ended) {
    return Error{Errc::cancelled, "write: " + tls_->why()};
  }
  any_sent_ = any_sent_ || count > 0;
  return count;
}

Task<Status> Stream::send_secure(Pieces pieces, Millis timeout, OnInput on_input) {
  const Clock::duration patience = timeout > Millis::zero() ? timeout : std::chrono::hours(24);
  Clock::time_point stalled = Clock::time_point::max();
  std::string record;
  gather(pieces, record);
  while (!record.empty()) {
    const auto taken = write_some(record);
    if (!taken) {
      co_return taken.error();
    }
    if (*taken > 0) {
      stalled = Clock::time_point::max();
      record.erase(0, *taken);
      gather(pieces, record);
      continue;
    }
    const Status ready = co_await wait_to_send(stalled, patience, on_input);
    DAYBOOK_CO_RETURN_IF_ERROR(ready);
  }
  co_return Status();
}

}  // namespace daybook::net
