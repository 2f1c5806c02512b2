// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "follow_hub.h"
#include "followed_rows.h"
#include "gate.h"
#include "operations.h"
#include "piecewise.h"
#include "read_events.h"
#include "search_operations.h"

namespace daybook::api {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr std::uint64_t kIndexMax = (1ULL << 53U) - 1;
constexpr std::int64_t kRetryLaterSeconds = 5;
constexpr milliseconds kCommentMin{50};

struct FollowRequest {
  query::Filter filter;                // As asked for, without bounds.
  std::optional<std::uint64_t> after;  // Entries with a larger index; absent: new ones only.
};

Answer<std::uint64_t> index_of(std::string_view text, const char* name) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end || value > kIndexMax) {
    return tl::unexpected(HttpError{422, std::string(name) + " is the index of an entry", name});
  }
  return value;
}

// `Last-Event-ID` wins over `after`: a client that reconnects by itself repeats the address it was
// given first and tells in the header how far it got since.
Answer<FollowRequest> follow_request(const Call& call) {
  FollowRequest out;
  query::Params filters;
  for (const auto& [name, value] : call.params) {
    if (name != "after") {
      filters.emplace_back(name, value);
      continue;
    }
    if (out.after) {
      return tl::unexpected(HttpError{422, "after is given twice", "after"});
    }
    const auto after = index_of(value, "after");
    if (!after) {
      return tl::unexpected(after.error());
    }
    out.after = *after;
  }
  const auto sent = call.exchange.head().headers.get_all("Last-Event-ID");
  for (const std::string_view one : sent) {
    const auto last = index_of(one, "Last-Event-ID");
    if (!last || sent.size() > 1) {
      return tl::unexpected(
          HttpError{422, "Last-Event-ID is the index of an entry", "Last-Event-ID"});
    }
    out.after = *last;
  }
  Result<query::Filter> filter = query::parse_filter(filters, call.services.now());
  if (!filter) {
    return tl::unexpected(http_error(filter.error()));
  }
  out.filter = *std::move(filter);
  return out;
}

net::ResponseHead head_of(TreeSize size) {
  net::ResponseHead head = piecewise_head("text/event-stream");
  head.headers.add("X-Accel-Buffering", "no");  // nginx would collect events.
  head.headers.add("X-Daybook-Tree-Size", std::to_string(size.value()));
  return head;
}

// One stream of events, from its head to its end.
class Follower {
 public:
  Follower(Call& call, query::Filter filter, EntryIndex from, std::shared_ptr<net::Wakeup> wakeup,
           std::unique_ptr<FollowHub::Seat> seat)
      : call_(call),
        asked_(std::move(filter)),
        rows_(call.services, bounded(), from),
        wakeup_(std::move(wakeup)),
        seat_(std::move(seat)) {}

  net::Task<void> run(TreeSize size) {
    net::Exchange& exchange = call_.exchange;
    net::ResponseHead head = head_of(size);
    Status sent = co_await exchange.start_with(std::move(head), ":\n\n");
    exchange.watch_peer([this] { on_peer_gone(); });
    while (sent && !gone_ && !refused_ && !seat_->closed()) {
      sent = co_await step();
    }
    exchange.watch_peer({});
    if (sent && !gone_) {
      sent = co_await exchange.finish();
    } else {
      exchange.abort();
    }
  }

 private:
  [[nodiscard]] query::Filter bounded() const {
    query::Filter filter = asked_;
    bound_filter(call_, filter);
    return filter;
  }

  void on_peer_gone() {
    gone_ = true;
    wakeup_->notify();
    if (writing_) {
      call_.exchange.abort();
    }
  }

  // Sends what there is, or waits for something to send.
  net::Task<Status> step() {
    const FollowOptions& options = call_.services.parts.follow;
    const milliseconds comment = std::max(options.comment, kCommentMin);
    const auto now = SteadyClock::now();
    if (now - checked_ >= options.recheck) {
      checked_ = now;
      const bool admitted = co_await admit_again(call_);
      refused_ = !admitted;
      rows_.set_filter(bounded());
      co_return Status();
    }
    if (now - commented_ >= comment) {
      commented_ = now;
      const Status sent = co_await write(":\n\n");
      co_return sent;
    }
    if (rows_.behind()) {
      const Status sent = co_await send_piece();
      co_return sent;
    }
    const auto due = std::min(commented_ + comment, checked_ + options.recheck);
    co_await wakeup_->wait(std::chrono::ceil<milliseconds>(due - now));
    co_return Status();
  }

  net::Task<Status> send_piece() {
    const Result<std::string> piece = rows_.piece();
    if (!piece) {
      co_return piece.error();  // The client sees a broken answer and comes back for the rest.
    }
    Status sent;
    if (!piece->empty()) {
      sent = co_await write(*piece);
    }
    if (sent && rows_.behind()) {
      co_await net::sleep_for(milliseconds(0));  // Others on this thread have their turn.
    }
    co_return sent;
  }

  net::Task<Status> write(std::string_view piece) {
    writing_ = true;
    Status sent = co_await call_.exchange.write(piece);
    writing_ = false;
    co_return sent;
  }

  Call& call_;
  const query::Filter asked_;
  FollowedRows rows_;
  const std::shared_ptr<net::Wakeup> wakeup_;
  const std::unique_ptr<FollowHub::Seat> seat_;
  SteadyClock::time_point commented_ = SteadyClock::now();
  SteadyClock::time_point checked_ = SteadyClock::now();
  bool gone_ = false;
  bool refused_ = false;
  bool writing_ = false;
};

// A refusal that can only be found by trying: a filter the engine does not take.
std::optional<HttpError> engine_refuses(const Call& call, const query::Filter& filter,
                                        TreeSize size) {
  const auto cursor = call.services.parts.search.ascending(filter, EntryIndex(size.value()), size);
  if (cursor) {
    return std::nullopt;
  }
  return search_error(cursor.error());
}

net::Task<void> stream(Call& call, FollowRequest request) {
  const TreeSize size = call.services.parts.search.size();
  const std::uint64_t from = request.after ? *request.after + 1 : size.value();
  record::Json detail = {{"treeSize", size.value()}};
  if (request.after) {
    detail["after"] = *request.after;
  }
  if (call.is_head()) {
    record_read(call, "follow", std::move(detail));
    net::ResponseHead head = head_of(size);
    Status sent = co_await call.exchange.start(std::move(head));
    if (sent) {
      sent = co_await call.exchange.finish();
    }
    co_return;
  }
  auto wakeup = net::Wakeup::make(call.exchange.executor());
  auto seat = call.services.followers.take(call.exchange.executor(), wakeup);
  if (seat == nullptr) {
    Answer<net::Response> refused =
        tl::unexpected(HttpError{429, "too many followers at a time", "", kRetryLaterSeconds});
    co_await reply(call, std::move(refused));
    co_return;
  }
  record_read(call, "follow", std::move(detail));
  Follower follower(call, std::move(request.filter), EntryIndex(from), std::move(wakeup),
                    std::move(seat));
  co_await follower.run(size);
}

}  // namespace

net::Task<void> answer_follow(Call& call) {
  Answer<FollowRequest> request = follow_request(call);
  std::optional<HttpError> refusal;
  if (!request) {
    refusal = request.error();
  } else {
    refusal = engine_refuses(call, request->filter, call.services.parts.search.size());
  }
  if (refusal) {
    Answer<net::Response> refused = tl::unexpected(*std::move(refusal));
    co_await reply(call, std::move(refused));
    co_return;
  }
  co_await stream(call, *std::move(request));
}

}  // namespace daybook::api
