// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "passage.h"
#include "upstream_headers.h"

// Towards the client. A strict answer is held back until its outcome is durable: whole if it is
// short, its last piece if it is long.

namespace daybook::capture {
namespace {

// A read's entry is made before the last byte if that costs next to nothing, else after it.
constexpr std::size_t kCheapAnswer = 64 * 1024;

}  // namespace

void Passage::on_write_failed() {
  client_gone_ = true;
  on_peer_closed();
}

// Empty at the end and when broken_ is set.
net::Task<std::string_view> Passage::next_piece() {
  const auto timeout = streaming_ ? std::chrono::milliseconds(0) : shared_.options.answer_timeout;
  const Result<std::string_view> piece = co_await upstream_->read_some(timeout);
  if (!piece) {
    if (client_gone_ && cancel_when_gone_) {
      break_off(Broken::client_gone, piece.error().code);
    } else {
      break_off(piece.error().code == Errc::timeout ? Broken::timed_out : Broken::lost,
                piece.error().code);
    }
    co_return std::string_view{};
  }
  answer_copy_.add(*piece);
  co_return *piece;
}

net::Task<void> Passage::to_client(std::string_view piece) {
  if (client_gone_) {
    co_return;
  }
  const Status written = co_await exchange_.write(piece);
  if (!written) {
    on_write_failed();
  }
}

net::Task<void> Passage::start_answer(std::string_view piece) {
  if (client_gone_) {
    co_return;
  }
  const Status started = co_await exchange_.start_with(forwarded_answer(answer_), piece);
  if (!started) {
    on_write_failed();
  }
}

net::Task<void> Passage::finish_answer(std::string_view piece) {
  exchange_.watch_peer({});
  if (client_gone_) {
    exchange_.abort();
    co_return;
  }
  // A peer that has gone learns nothing.
  [[maybe_unused]] const Status finished = co_await exchange_.finish_with(piece);
}

bool Passage::is_last(std::size_t passed) const {
  return answer_.content_length && passed >= *answer_.content_length;
}

net::Task<void> Passage::relay_held() {
  std::string held;
  for (;;) {
    const std::string_view piece = co_await next_piece();
    if (broken_ != Broken::no) {
      co_await answer_broken();
      co_return;
    }
    held += piece;
    if (held.size() > shared_.options.hold_back_max) {
      co_await relay_withheld(std::move(held));
      co_return;
    }
    if (piece.empty()) {
      break;
    }
  }
  const auto answer_read = std::chrono::steady_clock::now();
  const bool stored = co_await record_outcome();
  if (!stored) {
    if (client_gone_) {
      exchange_.abort();
      co_return;
    }
    co_await refuse(503, "the request was executed, but the ledger cannot record its outcome",
                    "true");
    co_return;
  }
  co_await start_answer(held);
  co_await finish_answer({});
  added_ += std::chrono::steady_clock::now() - answer_read;
}

// The answer is longer than what is held back: all of it but the last piece is passed on as it
// comes.
net::Task<void> Passage::relay_withheld(std::string held) {
  std::size_t passed = held.size();
  std::string last = std::move(held);  // Held back until something follows it.
  co_await start_answer({});
  for (;;) {
    // Of a chunked answer the terminating chunk is withheld, so that nothing has to wait.
    if (!is_last(passed)) {
      co_await to_client(last);
      last.clear();
    }
    const std::string_view piece = co_await next_piece();
    if (broken_ != Broken::no) {
      co_await answer_broken();
      co_return;
    }
    if (piece.empty()) {
      break;
    }
    passed += piece.size();
    last += piece;
    if (client_gone_ && !answer_copy_.whole()) {
      break;  // Nobody listens and nothing more can be learned.
    }
  }
  const auto answer_read = std::chrono::steady_clock::now();
  const bool stored = co_await record_outcome();
  if (!stored) {
    exchange_.abort();
    co_return;
  }
  co_await finish_answer(last);
  added_ += std::chrono::steady_clock::now() - answer_read;
}

// Reads, streams and what is not recorded: every piece as it comes.
net::Task<void> Passage::relay_at_once() {
  std::size_t passed = 0;
  // A short answer has come with its head, and goes out with it.
  bool started = !upstream_->at_hand();
  if (started) {
    co_await start_answer({});
  }
  for (;;) {
    const std::string_view piece = co_await next_piece();
    if (broken_ != Broken::no) {
      co_await answer_broken();
      co_return;
    }
    if (piece.empty()) {
      break;
    }
    passed += piece.size();
    if (is_last(passed) && answer_copy_.size() <= kCheapAnswer) {
      record_event();
    }
    if (std::exchange(started, true)) {
      co_await to_client(piece);
    } else {
      co_await start_answer(piece);
    }
  }
  if (!started) {
    co_await start_answer({});
  }
  if (strict()) {
    const bool stored = co_await record_outcome();
    if (!stored) {
      exchange_.abort();
      co_return;
    }
  } else if (answer_copy_.size() <= kCheapAnswer) {
    record_event();
  }
  co_await finish_answer({});
  record_event();
}

}  // namespace daybook::capture
