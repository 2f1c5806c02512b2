// SPDX-License-Identifier: Apache-2.0
#include "client_exchange.h"

#include <algorithm>

#include <boost/asio/io_context.hpp>

#include "head_parser.h"
#include "syntax.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Framing = BodyReader::Framing;

constexpr std::size_t kHeadBuffer = 8 * 1024;
constexpr std::size_t kBodyBufferMax = 32 * 1024;
constexpr std::size_t kHeadMax = 64 * 1024;
constexpr std::size_t kFieldsMax = 200;
constexpr unsigned kInterimMax = 16;  // 1xx answers before the final one.
// A request that must not be sent twice takes only a connection used so recently that the server is
// unlikely to be closing it at this moment (the shortest usual keep-alive time is 5 s).
constexpr milliseconds kFreshIdle{2'000};

bool is_repeatable(const RequestHead& head) {
  const bool safe = head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS";
  return safe && !head.chunked && head.content_length.value_or(0) == 0;
}

// On the io_context itself: a pooled socket belongs to no strand.
Stream::Parts new_socket(const Executor& executor) {
  auto& context = static_cast<asio::io_context&>(asio::query(executor, asio::execution::context));
  return {Stream::Socket(context)};
}

Error server_closed() {
  return Error{Errc::unavailable, "server closed the connection"};
}

// Time left of a timeout that began at `begin`; 0 stays 0 = for ever.
milliseconds time_left(milliseconds timeout, steady_clock::time_point begin) {
  if (timeout <= milliseconds::zero()) {
    return milliseconds::zero();
  }
  const auto left = timeout - (steady_clock::now() - begin);
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(left));
}

}  // namespace

PooledExchange::PooledExchange(std::shared_ptr<ClientPool> pool, Executor executor,
                               const RequestHead& head)
    : pool_(std::move(pool)),
      executor_(std::move(executor)),
      repeatable_(is_repeatable(head)),
      to_head_request_(head.method == "HEAD") {
  framing_ = write_request_head(head, pool_->base().prefix, pool_->base().authority(), out_);
}

PooledExchange::~PooledExchange() {
  release_if_whole();
  if (stream_) {
    stream_->close();
  }
}

Task<Status> PooledExchange::acquire() {
  stream_ = pool_->take(executor_, repeatable_ ? pool_->options().pool_idle : kFreshIdle);
  if (stream_) {
    pooled_ = true;
    co_return Status();
  }
  stream_ = std::make_shared<Stream>(executor_, new_socket(executor_));
  const Status connected = co_await pool_->connect(stream_);
  co_return connected;
}

bool PooledExchange::may_repeat() const {
  return pooled_ && repeatable_ && !answer_begun_;
}

Task<Status> PooledExchange::reconnect() {
  pooled_ = false;
  head_sent_ = false;
  request_ended_ = false;
  Status done = co_await pool_->connect(stream_);
  if (done) {
    done = co_await send({}, true);
  }
  co_return done;
}

Task<Status> PooledExchange::write(std::string_view piece) {
  if (piece.empty()) {
    co_return Status();
  }
  co_return co_await send(piece, false);
}

Task<Status> PooledExchange::end_request() {
  Status sent = co_await send({}, true);
  if (!sent && sent.error().code == Errc::unavailable && may_repeat()) {
    sent = co_await reconnect();
  }
  co_return sent;
}

Task<Status> PooledExchange::send(std::string_view piece, bool last) {
  if (!stream_ || request_ended_) {
    co_return Error{Errc::invalid, "request has ended"};
  }
  char size_space[20];
  Pieces pieces{};
  if (!head_sent_) {
    pieces[0] = out_;
  }
  pieces[2] = piece;
  sent_bytes_ += piece.size();
  if (framing_.kind == Framing::chunked) {
    if (!piece.empty()) {
      pieces[1] = write_chunk_size(piece.size(), size_space);
    }
    pieces[3] = last ? "0\r\n\r\n" : "\r\n";
  } else if (sent_bytes_ > framing_.length || (last && sent_bytes_ < framing_.length)) {
    failed_ = true;
    co_return Error{Errc::invalid, "request body does not have the length its head says"};
  }
  stream_->mark_unsent();
  head_sent_ = true;
  Status status;
  if (!stream_->send_now(pieces, status)) {
    status = co_await stream_->send(pieces, pool_->options().write_timeout, Stream::OnInput::stop);
  }
  if (stream_->any_sent()) {
    sent_ = Sent::unknown;
  }
  if (!status) {
    failed_ = true;
    const bool lost = status.error().code == Errc::cancelled && !stream_->closed();
    co_return lost ? Error{Errc::unavailable, status.error().context} : status.error();
  }
  request_ended_ = last;
  co_return Status();
}

Task<Result<ResponseHead>> PooledExchange::read_head(milliseconds timeout) {
  if (!stream_) {
    co_return Error{Errc::invalid, "no request under way"};
  }
  const auto begin = steady_clock::now();
  for (unsigned i = 0; i < kInterimMax; ++i) {
    auto raw = co_await receive_head_bytes(time_left(timeout, begin));
    if (!raw && raw.error().code == Errc::unavailable && may_repeat()) {
      failed_ = false;
      const Status again = co_await reconnect();
      if (!again) {
        failed_ = true;
        co_return again.error();
      }
      raw = co_await receive_head_bytes(time_left(timeout, begin));
    }
    if (!raw) {
      failed_ = true;
      co_return raw.error();
    }
    auto head = accept_head(*raw);
    if (!head || head->status >= 200) {
      failed_ = failed_ || !head;
      co_return head;
    }
  }
  failed_ = true;
  co_return Error{Errc::invalid, "too many interim answers"};
}

Task<Result<std::string_view>> PooledExchange::receive_head_bytes(milliseconds timeout) {
  const auto begin = steady_clock::now();
  InputBuffer& input = stream_->input();
  std::size_t line = 0;
  while (true) {
    const HeadScan scan = scan_head(input.view(), line);
    if (scan == HeadScan::complete) {
      const std::string_view raw = input.view().substr(0, line);
      input.consume(line);
      co_return raw;
    }
    if (scan == HeadScan::bad) {
      co_return Error{Errc::invalid, "bad line end in the answer's head"};
    }
    if (input.size() > kHeadMax) {
      co_return Error{Errc::exhausted, "head of the answer is too large"};
    }
    const std::size_t capacity = std::max(kHeadBuffer, 2 * input.size());
    const auto got = co_await stream_->fill(capacity, time_left(timeout, begin));
    if (!got) {
      const bool lost = got.error().code == Errc::cancelled && !stream_->closed();
      co_return lost ? Error{Errc::unavailable, got.error().context} : got.error();
    }
    if (*got == 0) {
      co_return server_closed();
    }
    answer_begun_ = true;
  }
}

// Checks a head and, if it is the final one, prepares for its body.
Result<ResponseHead> PooledExchange::accept_head(std::string_view raw) {
  DAYBOOK_ASSIGN_OR_RETURN(ResponseHead head, parse_response_head(raw, kFieldsMax));
  if (head.status == 101) {
    return Error{Errc::invalid, "server switched protocols unasked"};
  }
  if (head.status < 200) {
    return head;
  }
  head_read_ = true;
  keep_alive_ = head.version >= 11 ? !has_token(head.headers, "Connection", "close")
                                   : has_token(head.headers, "Connection", "keep-alive");
  if (is_bodyless(head.status, to_head_request_)) {
    body_ = BodyReader(Framing::none, 0);
  } else if (head.chunked) {
    body_ = BodyReader(Framing::chunked, 0);
  } else if (head.content_length) {
    body_ = BodyReader(Framing::length, *head.content_length);
  } else {
    body_ = BodyReader(Framing::until_close, 0);
    keep_alive_ = false;
  }
  return head;
}

Task<Result<std::string_view>> PooledExchange::read_some(milliseconds timeout) {
  if (!head_read_) {
    co_return Error{Errc::invalid, "read the head first"};
  }
  while (stream_) {
    const BodyReader::Step step = body_.next(stream_->input());
    if (step.kind == BodyReader::Kind::data) {
      co_return step.data;
    }
    if (step.kind == BodyReader::Kind::bad) {
      failed_ = true;
      co_return Error{Errc::invalid, "bad chunked coding in the answer"};
    }
    if (step.kind == BodyReader::Kind::end) {
      release_if_whole();
      break;
    }
    const auto got = co_await stream_->fill(body_buffer_, timeout);
    if (got && *got > 0) {
      // Event streams, of which there may be thousands, never fill theirs.
      if (stream_->input().size() >= body_buffer_) {
        body_buffer_ = std::min(2 * body_buffer_, kBodyBufferMax);
      }
      continue;
    }
    if (got && body_.framing() == Framing::until_close) {
      break;
    }
    failed_ = true;
    if (got) {
      co_return server_closed();
    }
    const bool lost = got.error().code == Errc::cancelled && !stream_->closed();
    co_return lost ? Error{Errc::unavailable, got.error().context} : got.error();
  }
  co_return std::string_view();
}

bool PooledExchange::at_hand() const {
  return stream_ && head_read_ &&
         (body_.done() || (body_.framing() == Framing::length && !stream_->input().empty()));
}

void PooledExchange::release_if_whole() {
  const bool whole = stream_ && head_read_ && request_ended_ && body_.done() && !failed_;
  if (whole && keep_alive_ && !stream_->closed() && stream_->input().empty()) {
    pool_->give(std::move(stream_));
  }
}

void PooledExchange::cancel() {
  failed_ = true;
  if (stream_) {
    stream_->close();
  }
}

}  // namespace daybook::net
