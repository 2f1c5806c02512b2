// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "passage.h"
#include "upstream_headers.h"

// Towards Kestra. A changing request is written at most once: after any byte may have left, an
// error is an unknown end, never a reason to try again.

namespace daybook::capture {
namespace {

// A server that answers early (401, 413) stops reading; its answer is already on the way.
constexpr std::chrono::milliseconds kEarlyAnswerWait{2'000};

}  // namespace

void Passage::break_off(Broken how, Errc code) {
  broken_ = how;
  const std::string upstream = "the upstream " + shared_.upstream.base().authority();
  switch (how) {
    case Broken::no:
      return;
    case Broken::no_connection:
      nothing_sent_ = true;
      broken_why_ = upstream + " cannot be reached (" + to_string(code) + "); nothing was executed";
      return;
    case Broken::request_cut:
      broken_why_ = "the request was not complete when the client stopped sending";
      return;
    case Broken::lost:
      broken_why_ = upstream + (answered_ ? " broke off its answer"
                                          : " closed the connection without an answer");
      broken_why_ += "; whether the request was executed is unknown";
      return;
    case Broken::timed_out:
      broken_why_ =
          upstream + " did not answer in time; whether the request was executed is unknown";
      return;
    case Broken::client_gone:
      broken_why_ = "the client went away before the end of the answer";
      return;
  }
}

// For a change this is a hint only: the answer is awaited all the same, and a client that merely
// closed its sending side still gets it.
void Passage::on_peer_closed() {
  if (!cancel_when_gone_) {
    return;
  }
  client_gone_ = true;
  if (upstream_) {
    upstream_->cancel();
  }
}

net::Task<bool> Passage::send_request() {
  ForwardOptions options;
  options.authorization = shared_.authorization;
  options.keep_authorization = shared_.options.identity == Identity::passthrough;
  options.remote_address = exchange_.remote_address();
  options.over_tls = exchange_.over_tls();
  if (shared_.options.identity == Identity::headers) {
    options.user_header = shared_.options.user_header;
  }
  net::RequestHead head = forwarded_request(exchange_.head(), options);
  Result<std::unique_ptr<net::ClientExchange>> begun =
      co_await shared_.upstream.begin(std::move(head));
  if (!begun) {
    break_off(Broken::no_connection, begun.error().code);
    co_await keep_request_body();
    co_return false;
  }
  upstream_ = *std::move(begun);
  co_return co_await send_body();
}

net::Task<bool> Passage::send_body() {
  request_read_ = !exchange_.head().has_body();
  while (!request_read_) {
    const Result<std::string_view> piece = co_await exchange_.read_some();
    if (!piece) {
      upstream_->cancel();
      nothing_sent_ = upstream_->sent() == net::Sent::no;
      client_gone_ = piece.error().code == Errc::cancelled;
      break_off(Broken::request_cut, piece.error().code);
      co_return false;
    }
    if (piece->empty()) {
      request_read_ = true;
      continue;
    }
    request_copy_.add(*piece);
    const Status written = co_await upstream_->write(*piece);
    if (!written) {
      co_await after_failed_write(written.error().code);
      co_return broken_ == Broken::no;
    }
  }
  exchange_.watch_peer([this] { on_peer_closed(); });
  const Status ended = co_await upstream_->end_request();
  if (!ended) {
    co_await after_failed_write(ended.error().code);
  }
  co_return broken_ == Broken::no;
}

// Either the server has answered without reading everything, or the connection is lost.
net::Task<void> Passage::after_failed_write(Errc code) {
  if (upstream_->sent() == net::Sent::no) {
    break_off(Broken::no_connection, code);
    co_return;
  }
  Result<net::ResponseHead> head = co_await upstream_->read_head(kEarlyAnswerWait);
  if (!head) {
    break_off(Broken::lost, code);
    co_return;
  }
  answer_ = *std::move(head);
  answered_ = true;
  if (!request_read_) {
    exchange_.close_after();
  }
}

// The body tells which objects a request that cannot be forwarded was about.
net::Task<void> Passage::keep_request_body() {
  const bool asks_first = exchange_.head().headers.contains("Expect");
  if (!recorded() || asks_first ||
      exchange_.head().content_length.value_or(0) > shared_.options.capture_body_max) {
    co_return;
  }
  while (request_copy_.whole()) {
    const Result<std::string_view> piece = co_await exchange_.read_some();
    if (!piece) {
      client_gone_ = piece.error().code == Errc::cancelled;
      co_return;
    }
    if (piece->empty()) {
      request_read_ = true;
      co_return;
    }
    request_copy_.add(*piece);
  }
}

net::Task<bool> Passage::read_answer_head() {
  if (!answered_) {
    const auto timeout = asks_for_event_stream(exchange_.head()) ? std::chrono::milliseconds(0)
                                                                 : shared_.options.answer_timeout;
    Result<net::ResponseHead> head = co_await upstream_->read_head(timeout);
    if (!head) {
      const Errc code = head.error().code;
      if (client_gone_ && cancel_when_gone_) {
        break_off(Broken::client_gone, code);
      } else if (upstream_->sent() == net::Sent::no) {
        break_off(Broken::no_connection, code);
      } else {
        break_off(code == Errc::timeout ? Broken::timed_out : Broken::lost, code);
      }
      co_return false;
    }
    answer_ = *std::move(head);
    answered_ = true;
  }
  streaming_ = is_event_stream(answer_.headers);
  if (streaming_ || !is_readable(answer_.headers)) {
    answer_copy_.give_up();
  }
  if (streaming_) {
    cancel_when_gone_ = true;
  }
  co_return true;
}

}  // namespace daybook::capture
