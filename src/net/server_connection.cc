// SPDX-License-Identifier: Apache-2.0
#include "server_connection.h"

#include <algorithm>
#include <exception>

#include <boost/asio/post.hpp>

#include "daybook/core/check.h"
#include "daybook/core/diagnostics.h"
#include "daybook/core/error_json.h"
#include "daybook/core/utf8.h"

#include "head_parser.h"
#include "syntax.h"

namespace daybook::net {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kHeadBuffer = 4 * 1024;  // Holds nearly every head.
constexpr std::size_t kBodyBuffer = 32 * 1024;
constexpr std::uint64_t kDrainMax =
    64 * 1024;  // Unread request body worth keeping a connection for.
constexpr std::uint64_t kLingerBytes =
    64ULL << 20U;  // Read and dropped so that a close keeps the answer.
constexpr milliseconds kLingerTime{5'000};
constexpr milliseconds kLingerIdle{1'000};
constexpr milliseconds kDrainWait{5'000};
constexpr milliseconds kLateWait{500};  // For the request of who connected as the server stopped.

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::exhausted:
      return 431;
    case Errc::timeout:
      return 408;
    case Errc::unsupported:
      return 501;
    default:
      return 400;
  }
}

Response error_answer(unsigned status, std::string_view message) {
  Response response;
  response.head.status = status;
  response.head.headers.add("Content-Type", "application/json");
  response.body = error_json({.message = message});
  return response;
}

Error peer_gone() {
  return Error{Errc::cancelled, "peer closed the connection"};
}

}  // namespace

std::size_t ServerState::count() {
  const std::lock_guard lock(mutex);
  return connections.size();
}

void ServerState::post_to_all(void (ServerConnection::*act)()) {
  const std::lock_guard lock(mutex);
  for (const auto& [raw, weak] : connections) {
    if (const auto connection = weak.lock()) {
      boost::asio::post(connection->executor(), [connection, act] { ((*connection).*act)(); });
    }
  }
}

ServerConnection::ServerConnection(std::shared_ptr<ServerState> state, Executor strand,
                                   Stream::Socket socket, const StreamEndpoint& peer)
    : state_(std::move(state)),
      strand_(std::move(strand)),
      stream_(std::make_shared<Stream>(strand_, Stream::Parts{std::move(socket)})),
      remote_address_(address_text(peer)),
      over_loopback_(is_loopback(peer)),
      over_unix_(peer.protocol().family() == AF_UNIX) {
  stream_->prepare_accepted();
}

Task<void> ServerConnection::run(std::shared_ptr<ServerConnection> self) {
  bool more = co_await self->secure();
  while (more) {
    more = co_await self->serve_one();
  }
  // Input that is there or still to come would turn a plain close into a reset.
  if (!self->stream_->closed() && (self->stream_->unread() || !self->body_.done())) {
    co_await self->linger();
  }
  self->stream_->close();
  const std::lock_guard lock(self->state_->mutex);
  self->state_->connections.erase(self.get());
}

Task<bool> ServerConnection::secure() {
  if (!state_->tls) {
    co_return true;
  }
  idle_ = true;  // A stop need not wait for it.
  const Status secured = co_await stream_->secure(state_->tls->open(), state_->limits.head_timeout);
  idle_ = false;
  if (!secured) {
    stream_->reset();
  }
  co_return secured.has_value();
}

void ServerConnection::drain() {
  if (idle_) {
    stream_->interrupt();
  }
}

Task<bool> ServerConnection::serve_one() {
  const bool received = co_await receive_head();
  if (!received) {
    co_return false;
  }
  const bool answered = co_await call_handler();
  if (!answered || will_close()) {
    co_return false;
  }
  if (body_.done()) {
    co_return true;
  }
  co_return co_await drain_request();
}

Task<bool> ServerConnection::receive_head() {
  InputBuffer& input = stream_->input();
  std::size_t line = 0;
  std::size_t checked = 0;
  bool skipped_empty_line = false;
  while (true) {
    const HeadScan scan = scan_head(input.view(), line);
    if (scan == HeadScan::bad) {
      co_return co_await refuse(Errc::invalid, "bare CR, bare LF or NUL in the head");
    }
    if (scan == HeadScan::complete && line == 2 && !skipped_empty_line) {
      skipped_empty_line =
          true;  // RFC 9112 section 2.2: one empty line before a request is no offence.
      input.consume(2);
      line = 0;
      continue;
    }
    const std::size_t head_bytes = scan == HeadScan::complete ? line : input.size();
    if (head_bytes > state_->limits.head_bytes_max) {
      co_return co_await refuse(Errc::exhausted, "request head is too large");
    }
    if (scan == HeadScan::complete) {
      auto head =
          parse_request_head(input.view().substr(0, line), state_->limits.header_fields_max);
      if (!head) {
        co_return co_await refuse(head.error().code, head.error().context);
      }
      head_ = *std::move(head);
      begin_request(line);
      co_return true;
    }
    const Status first_line = check_first_line(checked);
    if (!first_line) {
      co_return co_await refuse(first_line.error().code, first_line.error().context);
    }
    const bool got_bytes = co_await wait_for_head_bytes(head_bytes);
    if (!got_bytes) {
      co_return false;
    }
  }
}

// A peer that sends a bad first line and then waits for its answer gets it at once.
Status ServerConnection::check_first_line(std::size_t& checked) {
  const std::string_view bytes = stream_->input().view();
  if (checked > 0) {
    return {};
  }
  const auto end = bytes.find("\r\n");
  if (end == std::string_view::npos || end == 0) {
    return {};
  }
  checked = end;
  return check_request_line(bytes.substr(0, end));
}

Task<bool> ServerConnection::wait_for_head_bytes(std::size_t head_begun_bytes) {
  const ServerLimits& limits = state_->limits;
  idle_ = head_begun_bytes == 0;
  const bool late = idle_ && state_->draining;
  if (late && served_one_) {
    co_return false;
  }
  if (idle_) {
    stream_->input().give_back(kHeadBuffer);
  }
  milliseconds timeout =
      served_one_ ? limits.idle_timeout : std::min(limits.idle_timeout, limits.head_timeout);
  if (late) {
    timeout = std::min(timeout, kLateWait);
  }
  if (!idle_) {
    const auto now = SteadyClock::now();
    if (head_begun_ == SteadyClock::time_point()) {
      head_begun_ = now;
    }
    const auto left = limits.head_timeout - (now - head_begun_);
    timeout = std::max(milliseconds(1), std::chrono::ceil<milliseconds>(left));
  }
  const std::size_t capacity =
      std::max(kHeadBuffer, std::min(2 * head_begun_bytes, limits.head_bytes_max + 1));
  const auto got = co_await stream_->fill(capacity, timeout);
  const bool was_idle = std::exchange(idle_, false);
  if (got && *got > 0) {
    co_return true;
  }
  if (!got && got.error().code == Errc::timeout && !was_idle) {
    co_return co_await refuse(Errc::timeout, "request head did not arrive in time");
  }
  stream_->close();
  co_return false;
}

void ServerConnection::begin_request(std::size_t head_bytes) {
  stream_->input().consume(head_bytes);
  served_one_ = true;
  using Framing = BodyReader::Framing;
  const Framing framing = head_.chunked          ? Framing::chunked
                          : head_.content_length ? Framing::length
                                                 : Framing::none;
  body_ = BodyReader(framing, head_.content_length.value_or(0));
  body_error_.reset();
  framing_ = {};
  sent_bytes_ = 0;
  head_begun_ = {};
  answer_ = Answer::none;
  peer_keeps_alive_ = head_.version >= 11 && !has_token(head_.headers, "Connection", "close");
  continue_due_ =
      !body_.done() && head_.version >= 11 && has_token(head_.headers, "Expect", "100-continue");
}

// Answers a request that no handler sees; never reads on after it.
Task<bool> ServerConnection::refuse(Errc code, std::string_view message) {
  head_ = RequestHead();
  begin_request(0);
  close_after_ = true;
  Response answer = error_answer(status_of(code), message);
  const Status sent = co_await respond(std::move(answer));
  if (sent) {
    co_await linger();
  }
  stream_->close();
  co_return false;
}

// False: nothing more can be said on this connection.
Task<bool> ServerConnection::call_handler() {
  bool threw = false;
  try {
    co_await state_->handler(*this);
  } catch (const std::exception& e) {
    threw = true;
    diagnose(Severity::error, "net", std::string("exception left a handler: ") + e.what());
  } catch (...) {
    threw = true;
    diagnose(Severity::error, "net", "exception left a handler");
  }
  stream_->watch({});
  if (answer_ == Answer::none && !stream_->closed()) {
    co_await answer_for_handler(threw);
  }
  if (answer_ != Answer::finished) {
    abort();
    co_return false;
  }
  co_return !stream_->closed();
}

Task<void> ServerConnection::answer_for_handler(bool threw) {
  close_after_ = true;
  unsigned status = 500;
  std::string_view message = "internal error";
  if (!threw && body_error_) {
    if (*body_error_ == Errc::cancelled) {
      co_return;
    }
    status = *body_error_ == Errc::exhausted ? 413 : status_of(*body_error_);
    message = "request body could not be read";
  }
  Response answer = error_answer(status, message);
  const Status sent = co_await respond(std::move(answer));
  if (!sent) {
    abort();
  }
}

// Reads a request body that the handler left, so that the next request can be found. Its size is
// bounded.
Task<bool> ServerConnection::drain_request() {
  std::uint64_t dropped = 0;
  while (!body_.done()) {
    const BodyReader::Step step = body_.next(stream_->input());
    if (step.kind == BodyReader::Kind::bad) {
      co_return false;
    }
    dropped += step.data.size();
    if (dropped > kDrainMax) {
      co_return false;
    }
    if (step.kind == BodyReader::Kind::need_more) {
      const auto got = co_await stream_->fill(kBodyBuffer, kDrainWait);
      if (!got || *got == 0) {
        co_return false;
      }
    }
  }
  co_return true;
}

// A close with unread input makes the kernel send RST, which can destroy an answer under way.
Task<void> ServerConnection::linger() {
  stream_->shutdown_send();
  const auto until = SteadyClock::now() + kLingerTime;
  std::uint64_t dropped = stream_->input().size();
  while (dropped < kLingerBytes && SteadyClock::now() < until) {
    stream_->input().clear();
    const auto got = co_await stream_->fill(kBodyBuffer, kLingerIdle);
    if (!got || *got == 0) {
      break;
    }
    dropped += *got;
  }
}

Task<Result<std::string_view>> ServerConnection::read_some() {
  while (true) {
    const BodyReader::Step step = body_.next(stream_->input());
    if (step.kind == BodyReader::Kind::data || step.kind == BodyReader::Kind::end) {
      co_return step.data;
    }
    if (step.kind == BodyReader::Kind::bad) {
      close_after_ = true;
      body_error_ = Errc::invalid;
      co_return Error{Errc::invalid, "bad chunked coding in the request body"};
    }
    if (std::exchange(continue_due_, false) && answer_ == Answer::none) {
      const Status sent =
          co_await stream_->send({"HTTP/1.1 100 Continue\r\n\r\n"}, state_->limits.write_timeout);
      DAYBOOK_CO_RETURN_IF_ERROR(sent);
    }
    const auto got = co_await stream_->fill(kBodyBuffer, state_->limits.body_timeout);
    if (!got || *got == 0) {
      close_after_ = true;
      Error error = got ? peer_gone() : got.error();
      body_error_ = error.code;
      co_return error;
    }
  }
}

Task<Result<std::string>> ServerConnection::read_all(std::uint64_t bytes_max) {
  const Error too_large{Errc::exhausted, "request body is too large"};
  std::string out;
  if (body_.framing() == BodyReader::Framing::length) {
    if (body_.remaining() > bytes_max) {
      body_error_ = Errc::exhausted;
      co_return too_large;
    }
    // A stated length is a claim: no more than a bounded piece of memory is given on credit.
    out.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(body_.remaining(), 1U << 20U)));
  }
  while (true) {
    const auto piece = co_await read_some();
    if (!piece) {
      co_return piece.error();
    }
    if (piece->empty()) {
      co_return out;
    }
    if (piece->size() > bytes_max - out.size()) {
      close_after_ = true;
      body_error_ = Errc::exhausted;
      co_return too_large;
    }
    out += *piece;
  }
}

}  // namespace daybook::net
