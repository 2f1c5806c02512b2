// SPDX-License-Identifier: Apache-2.0
// The answering half of ServerConnection.
#include <utility>

#include <boost/asio/post.hpp>

#include "daybook/core/diagnostics.h"

#include "server_connection.h"

namespace daybook::net {
namespace {

using Framing = BodyReader::Framing;

constexpr std::uint64_t kDrainMax =
    64 * 1024;  // As in server_connection.cc: what is worth reading on for.

Error misuse(const char* what) {
  diagnose(Severity::error, "net", std::string("handler misuse: ") + what);
  return Error{Errc::invalid, what};
}

// Puts the true length of a whole answer into its head.
void settle_length(Response& response, bool to_head_request) {
  ResponseHead& head = response.head;
  if (is_bodyless(head.status, to_head_request)) {
    if (to_head_request && !response.body.empty() && !head.headers.contains("Content-Length")) {
      head.content_length = response.body.size();
    }
    return;
  }
  if (!head.chunked && !head.headers.contains("Transfer-Encoding")) {
    head.content_length = response.body.size();
  }
}

}  // namespace

// Whether the connection cannot serve another request after this answer.
bool ServerConnection::will_close() const {
  const bool body_too_long =
      !body_.done() &&
      (continue_due_ || (body_.framing() == Framing::length && body_.remaining() > kDrainMax));
  return close_after_ || !peer_keeps_alive_ || body_too_long || state_->draining ||
         framing_.kind == Framing::until_close;
}

void ServerConnection::build_head(const ResponseHead& head) {
  out_.clear();
  const AnswerContext context{head_.method == "HEAD", head_.version, will_close()};
  close_after_ = context.close;
  framing_ = write_response_head(head, context, out_);
}

Task<Status> ServerConnection::respond(Response response) {
  if (answer_ != Answer::none) {
    co_return misuse("answered twice");
  }
  settle_length(response, head_.method == "HEAD");
  build_head(response.head);
  answer_ = Answer::started;
  unsent_head_ = out_;
  const Status sent = co_await send_pieces(response.body, true);
  co_return sent;
}

Task<Status> ServerConnection::start(ResponseHead head) {
  return start_with(std::move(head), {});
}

Task<Status> ServerConnection::start_with(ResponseHead head, std::string_view piece) {
  if (answer_ != Answer::none) {
    co_return misuse("answered twice");
  }
  build_head(head);
  answer_ = Answer::started;
  unsent_head_ = out_;
  if (piece.empty()) {
    // Often the first piece is at hand already and both fit one packet. If not, this coroutine
    // suspends before it writes, and what is posted here runs then.
    boost::asio::post(strand_, [self = shared_from_this()] { self->flush_head(); });
    co_return Status();
  }
  const Status sent = co_await send_pieces(piece, false);
  co_return sent;
}

void ServerConnection::flush_head() {
  if (unsent_head_.empty()) {
    return;
  }
  bool failed = false;
  unsent_head_.remove_prefix(stream_->try_send(unsent_head_, failed));
  if (failed) {
    unsent_head_ = {};
    answer_ = Answer::broken;
  } else if (!unsent_head_.empty()) {
    stream_->when_writable([self = shared_from_this()] { self->flush_head(); });
  }
}

Task<Status> ServerConnection::write(std::string_view piece) {
  return send_body_piece(piece, false);
}

Task<Status> ServerConnection::finish() {
  return send_body_piece({}, true);
}

Task<Status> ServerConnection::finish_with(std::string_view piece) {
  return send_body_piece(piece, true);
}

Task<Status> ServerConnection::send_body_piece(std::string_view piece, bool last) {
  if (answer_ == Answer::broken) {
    co_return Error{Errc::cancelled, "answer was broken off"};
  }
  if (answer_ != Answer::started) {
    co_return misuse("wrote outside an answer");
  }
  co_return co_await send_pieces(piece, last);
}

Task<Status> ServerConnection::send_pieces(std::string_view piece, bool last) {
  char size_space[20];
  Pieces pieces{};
  pieces[2] = piece;
  if (framing_.kind == Framing::none) {
    pieces[2] = {};
  } else if (framing_.kind == Framing::length) {
    sent_bytes_ += piece.size();
    const bool wrong = sent_bytes_ > framing_.length || (last && sent_bytes_ < framing_.length);
    if (wrong) {
      abort();
      co_return misuse("body does not have the length the head says");
    }
  } else if (framing_.kind == Framing::chunked) {
    if (!piece.empty()) {
      pieces[1] = write_chunk_size(piece.size(), size_space);
      pieces[3] = last ? "\r\n0\r\n\r\n" : "\r\n";
    } else if (last) {
      pieces[3] = "0\r\n\r\n";
    }
  }
  pieces[0] = std::exchange(unsent_head_, {});
  Status sent;
  if (!stream_->send_now(pieces, sent)) {
    sent = co_await stream_->send(pieces, state_->limits.write_timeout);
  }
  if (!sent) {
    answer_ = Answer::broken;
    co_return sent;
  }
  if (last) {
    answer_ = Answer::finished;
  }
  co_return sent;
}

void ServerConnection::abort() {
  flush_head();  // What broke is the body: the peer sees as much as there was.
  if (answer_ != Answer::finished) {
    answer_ = Answer::broken;
  }
  // Where only the end of the connection marks the end of the body, a plain close would look
  // complete.
  if (framing_.kind == Framing::until_close) {
    stream_->reset();
  } else {
    stream_->close();
  }
}

}  // namespace daybook::net
