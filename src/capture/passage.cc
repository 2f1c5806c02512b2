// SPDX-License-Identifier: Apache-2.0
#include "passage.h"

#include <algorithm>
#include <utility>

#include "daybook/core/diagnostics.h"

#include "error_answer.h"

namespace daybook::capture {
namespace {

// Of an answer that only a read's entry is made of.
constexpr std::uint64_t kReadAnswerMax = 1ULL << 20U;
// The ledger's queue may be full for a moment; a change that has happened is worth these waits.
constexpr std::chrono::milliseconds kOutcomeRetries[] = {std::chrono::milliseconds(100),
                                                         std::chrono::milliseconds(400)};

std::optional<std::string_view> view_of(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

Passage::Passage(GatewayShared& shared, net::Exchange& exchange,
                 std::shared_ptr<const kestra::Rules> rules, RequestFacts facts)
    : shared_(shared),
      exchange_(exchange),
      rules_(std::move(rules)),
      facts_(std::move(facts)),
      started_ms_(shared.recorder.clock().steady_ms()),
      arrived_(std::chrono::steady_clock::now()),
      request_copy_(shared.options.capture_body_max),
      answer_copy_(facts_.what.changes
                       ? shared.options.capture_body_max
                       : std::min(shared.options.capture_body_max, kReadAnswerMax)) {
  if (!recorded()) {
    request_copy_.give_up();
    answer_copy_.give_up();
  }
}

Passage::~Passage() {
  exchange_.watch_peer({});
}

bool Passage::strict() const {
  return recorded() && facts_.what.changes && facts_.what.mode == kestra::Mode::strict &&
         !is_sign_in(facts_.what);
}

net::Task<void> Passage::run() {
  if (recorded() && facts_.what.changes && facts_.what.before_target) {
    before_ = co_await look(shared_, *facts_.what.before_target, "before");
    if (before_->absent && facts_.what.absent_action) {
      facts_.what.action = *facts_.what.absent_action;
    }
  }
  if (strict()) {
    const bool durable = co_await record_attempt();
    if (!durable) {
      shared_.metrics.unrecorded.add();
      co_await refuse(503, "the ledger cannot record this request now; nothing was executed",
                      "false");
      co_return;
    }
  }
  added_ = std::chrono::steady_clock::now() - arrived_;
  cancel_when_gone_ = !facts_.what.changes;
  const bool sent = co_await send_request();
  if (sent) {
    co_await read_answer_head();
  }
  if (broken_ != Broken::no) {
    co_await answer_broken();
    co_return;
  }
  if (strict() && !streaming_) {
    co_await relay_held();
  } else {
    co_await relay_at_once();
  }
  if (broken_ == Broken::no) {
    shared_.metrics.passed.add();
    shared_.metrics.added_seconds.observe(added_.count());
  }
}

net::Task<bool> Passage::record_attempt() {
  record::Event attempt = attempt_event(facts_);
  attempt.id = shared_.recorder.new_id();
  attempt_id_ = attempt.id;
  std::vector<record::Event> events;
  events.push_back(std::move(attempt));
  const Result<ledger::Appended> appended = co_await shared_.recorder.record(std::move(events));
  co_return appended.has_value();
}

net::Task<void> Passage::look_after() {
  const bool wanted = recorded() && facts_.what.changes && facts_.what.after_target && answered_ &&
                      answer_.status < 300;
  if (wanted) {
    after_ = co_await look(shared_, *facts_.what.after_target, "after");
  }
}

kestra::Interpretation Passage::interpret() const {
  const net::RequestHead& head = exchange_.head();
  const auto request_body = request_read_ ? request_copy_.decoded(head.headers) : std::nullopt;
  const bool whole_answer = answered_ && broken_ == Broken::no;
  const auto response_body = whole_answer ? answer_copy_.decoded(answer_.headers) : std::nullopt;
  const auto before_body = before_ ? before_->body : std::nullopt;
  const auto after_body = after_ ? after_->body : std::nullopt;
  kestra::Captured captured;
  captured.request_content_type = head.headers.get("Content-Type").value_or("");
  captured.request_body = view_of(request_body);
  // 0: nobody knows whether it was done.
  const Ending end = ending();
  captured.status = end.result == record::ResultWord::unknown ? 0 : end.status.value_or(0);
  captured.response_content_type =
      answered_ ? answer_.headers.get("Content-Type").value_or("") : "";
  captured.response_body = view_of(response_body);
  captured.before_body = view_of(before_body);
  captured.before_absent = before_ && before_->absent;
  captured.after_body = view_of(after_body);
  const kestra::RequestView view{head.method, head.path(), head.query()};
  kestra::Interpretation content = rules_->interpret(view, facts_.what, captured);
  if (content.hash_username) {
    const std::string hash = shared_.authenticator.hash_name(*content.hash_username);
    content.detail["id"] = hash;
    for (kestra::Touched& touched : content.touched) {
      touched.detail["id"] = hash;
    }
  }
  return content;
}

Ending Passage::ending() const {
  Ending end;
  end.attempt_id = attempt_id_;
  end.duration_ms = shared_.recorder.clock().steady_ms() - started_ms_;
  end.answered = answered_;
  end.reason = facts_.reason;
  const auto note = [&end](std::string_view what, const Seen& seen) {
    std::string text = end.reason ? *end.reason + "; " : std::string();
    end.reason = text.append("the state ").append(what).append(" is not known: ") + seen.why_not;
  };
  if (before_ && !before_->why_not.empty()) {
    note("before", *before_);
  } else if (after_ && !after_->why_not.empty()) {
    note("after", *after_);
  }
  if (answered_) {
    end.status = answer_.status;
    end.result = result_of(answer_.status);
  }
  // A status of Kestra's counts only where the client has seen it.
  const auto seen_or = [this, &end](unsigned own) {
    end.result = record::ResultWord::unknown;
    end.answered = answered_ && exchange_.answered();
    end.status = end.answered ? answer_.status : own;
  };
  switch (broken_) {
    case Broken::no:
      return end;
    case Broken::client_gone:
      // Only its own wish to know came to nothing.
      end.result = answered_ ? end.result : record::ResultWord::unknown;
      break;
    case Broken::no_connection:
      end.status = 502;
      end.result = record::ResultWord::failure;
      break;
    case Broken::request_cut:
      end.result = nothing_sent_ ? record::ResultWord::failure : record::ResultWord::unknown;
      break;
    case Broken::lost:
      seen_or(502);
      break;
    case Broken::timed_out:
      seen_or(504);
      break;
  }
  end.message = broken_why_;
  return end;
}

std::vector<record::Event> Passage::ending_events_now() const {
  return ending_events(facts_, ending(), interpret());
}

net::Task<bool> Passage::record_outcome() {
  co_await look_after();
  const std::vector<record::Event> events = ending_events_now();
  Result<ledger::Appended> appended = co_await shared_.recorder.record(events);
  for (const std::chrono::milliseconds pause : kOutcomeRetries) {
    if (appended || appended.error().code != Errc::exhausted) {
      break;
    }
    co_await net::sleep_for(pause);
    appended = co_await shared_.recorder.record(events);
  }
  if (!appended) {
    shared_.metrics.unrecorded.add();
    diagnose(Severity::error, "capture",
             "an outcome was not recorded: " + appended.error().context);
  }
  co_return appended.has_value();
}

void Passage::record_event() {
  if (!recorded() || strict() || std::exchange(event_recorded_, true)) {
    return;
  }
  shared_.recorder.record_later(ending_events_now());
}

net::Task<void> Passage::refuse(unsigned status, std::string message, std::string_view executed) {
  exchange_.watch_peer({});
  net::Response answer = error_answer(status, message, "", exchange_.head().path());
  answer.head.headers.add("X-Daybook-Executed", std::string(executed));
  if (status == 503) {
    answer.head.headers.add("Retry-After", "5");
  }
  if (!request_read_ && exchange_.head().has_body()) {
    exchange_.close_after();
  }
  // A peer that has gone learns nothing.
  [[maybe_unused]] const Status sent = co_await exchange_.respond(std::move(answer));
}

std::string_view Passage::executed() const {
  return nothing_sent_ ? "false" : "unknown";
}

net::Task<void> Passage::answer_broken() {
  switch (broken_) {
    case Broken::no_connection:
      shared_.metrics.unreachable.add();
      break;
    case Broken::request_cut:
    case Broken::client_gone:
      shared_.metrics.client_gone.add();
      break;
    default:
      shared_.metrics.lost.add();
  }
  upstream_.reset();
  bool stored = true;
  if (strict()) {
    stored = co_await record_outcome();
  } else {
    record_event();
  }
  if (broken_ == Broken::request_cut && !client_gone_ && !exchange_.answered()) {
    co_return;  // The server says 400 or 408 itself: it knows what was wrong with the body.
  }
  if (broken_ == Broken::client_gone || broken_ == Broken::request_cut || client_gone_) {
    exchange_.abort();
    co_return;
  }
  if (exchange_.answered()) {
    exchange_.abort();
    co_return;
  }
  if (!stored) {
    co_await refuse(503, "the ledger cannot record the outcome of this request", executed());
    co_return;
  }
  co_await refuse(broken_ == Broken::timed_out ? 504 : 502, broken_why_, executed());
}

}  // namespace daybook::capture
