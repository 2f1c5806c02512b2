// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/recorder.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "daybook/capture/spool.h"
#include "daybook/core/check.h"
#include "daybook/core/diagnostics.h"

namespace daybook::capture {

std::shared_ptr<PendingAppend> PendingAppend::start(ledger::Ledger& ledger,
                                                    std::vector<ledger::Draft> batch,
                                                    std::function<void(bool stored)> completed) {
  auto append = std::make_shared<PendingAppend>();
  ledger.append(std::move(batch),
                [append, completed = std::move(completed)](Result<ledger::Appended> result) {
                  if (completed) {
                    completed(result.has_value());
                  }
                  append->complete(std::move(result));
                });
  return append;
}

bool PendingAppend::done() const {
  const std::lock_guard lock(mutex_);
  return result_.has_value();
}

void PendingAppend::complete(Result<ledger::Appended> result) {
  std::function<void()> resume;
  {
    const std::lock_guard lock(mutex_);
    result_.emplace(std::move(result));
    resume = std::exchange(resume_, nullptr);
  }
  if (resume) {
    resume();
  }
}

void PendingAppend::when_done(std::function<void()> resume) {
  {
    const std::lock_guard lock(mutex_);
    if (!result_) {
      resume_ = std::move(resume);
      return;
    }
  }
  resume();
}

net::Task<Result<ledger::Appended>> PendingAppend::wait(std::shared_ptr<PendingAppend> append) {
  std::function<void(std::function<void()>)> start = [append](std::function<void()> resume) {
    append->when_done(std::move(resume));
  };
  co_await net::await_callback(std::move(start));
  const std::lock_guard lock(append->mutex_);
  co_return *std::move(append->result_);
}

Recorder::Recorder(ledger::Ledger& ledger, const Clock& clock, Random& random)
    : ledger_(ledger), clock_(clock), random_(random), state_(std::make_shared<State>()) {
  state_->last_stored = clock.steady_ms();
}

void Recorder::State::refuse(UnixMillis from, UnixMillis to, std::uint64_t count) {
  const std::lock_guard lock(mutex);
  gap.from = gap.count == 0 ? from : std::min(gap.from, from);
  gap.to = std::max(gap.to, to);
  gap.count += count;
  refused_later += count;
}

std::uint64_t Recorder::refused_later() const {
  const std::lock_guard lock(state_->mutex);
  return state_->refused_later;
}

std::optional<Recorder::Gap> Recorder::take_gap() {
  const std::lock_guard lock(state_->mutex);
  if (state_->gap.count == 0) {
    return std::nullopt;
  }
  return std::exchange(state_->gap, {});
}

void Recorder::put_back(const Gap& gap) {
  state_->refuse(gap.from, gap.to, gap.count);
  const std::lock_guard lock(state_->mutex);
  state_->refused_later -= gap.count;
}

std::string Recorder::new_id() {
  return random_id(random_);
}

std::vector<ledger::Draft> Recorder::make_drafts(std::vector<record::Event>& events,
                                                 std::vector<std::string>& contents) {
  DAYBOOK_CHECK(contents.empty() || contents.size() == events.size());
  std::vector<ledger::Draft> drafts;
  drafts.reserve(events.size());
  const UnixMillis now = clock_.now();
  for (std::size_t i = 0; i < events.size(); ++i) {
    record::Event& event = events[i];
    if (event.id.empty()) {
      event.id = new_id();
    }
    if (event.recorded_at == 0) {
      event.recorded_at = now;
    }
    std::string content = contents.empty() ? std::string() : std::move(contents[i]);
    drafts.push_back(ledger::prepare(event, std::move(content), random_));
  }
  return drafts;
}

std::shared_ptr<PendingAppend> Recorder::begin(std::vector<record::Event> events,
                                               std::vector<std::string> contents) {
  auto completed = [state = state_, &clock = clock_](bool stored) {
    if (stored) {
      state->last_stored = clock.steady_ms();
    }
  };
  return PendingAppend::start(ledger_, make_drafts(events, contents), std::move(completed));
}

net::Task<Result<ledger::Appended>> Recorder::record(std::vector<record::Event> events) {
  return PendingAppend::wait(begin(std::move(events), {}));
}

net::Task<Result<ledger::Appended>> Recorder::record(std::vector<record::Event> events,
                                                     std::vector<std::string> contents) {
  return PendingAppend::wait(begin(std::move(events), std::move(contents)));
}

void Recorder::record_later(std::vector<record::Event> events) {
  const std::size_t count = events.size();
  std::vector<std::string> no_contents;
  auto drafts = make_drafts(events, no_contents);
  std::shared_ptr<const std::vector<record::Event>> kept;
  if (spool_ != nullptr) {
    kept = std::make_shared<const std::vector<record::Event>>(std::move(events));
  }
  ledger_.append(std::move(drafts), [state = state_, &clock = clock_, spool = spool_, kept,
                                     count](Result<ledger::Appended> result) {
    if (result) {
      state->last_stored = clock.steady_ms();
      return;
    }
    if (kept && spool->add(*kept)) {
      return;
    }
    state->refuse(clock.now(), clock.now(), count);
    diagnose(Severity::error, "capture",
             "events were not recorded: " + std::to_string(count) + ", " + result.error().context);
  });
}

std::shared_ptr<PendingAppend> Recorder::begin_spooled(std::size_t& count) {
  constexpr std::size_t kBatchMax = 100;
  std::vector<record::Event> events;
  if (spool_ != nullptr && !spool_->empty()) {
    events = spool_->front(kBatchMax);
  }
  count = events.size();
  return events.empty() ? nullptr : begin(std::move(events), {});
}

void Recorder::end_spooled(std::size_t count, const Result<ledger::Appended>& result) {
  if (result) {
    spool_->drop(count);
  } else if (result.error().code == Errc::exists || result.error().code == Errc::invalid) {
    // They will never be taken; others must not wait behind them.
    spool_->drop(count);
    state_->refuse(clock_.now(), clock_.now(), count);
    diagnose(Severity::error, "capture", "spooled events were refused: " + result.error().context);
  }
}

}  // namespace daybook::capture
