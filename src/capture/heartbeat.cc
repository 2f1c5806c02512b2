// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/heartbeat.h"

#include <sys/timex.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace daybook::capture {
namespace {

constexpr std::int64_t kSliceMs = 250;  // How soon a stop is noticed.
constexpr std::int64_t kRetryAfterRefusalMs = 1'000;

std::vector<record::Event> one(record::Event event) {
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  return events;
}

}  // namespace

std::optional<ClockSync> read_clock_sync() {
  timex state{};
  const int code = adjtimex(&state);
  if (code < 0) {
    return std::nullopt;
  }
  ClockSync sync;
  sync.synchronized = code != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  const bool nanoseconds = (state.status & STA_NANO) != 0;
  sync.offset_us = nanoseconds ? state.offset / 1000 : state.offset;
  sync.max_error_us = state.maxerror;
  sync.estimated_error_us = state.esterror;
  return sync;
}

record::Event instance_event(const Clock& clock, std::string_view action, record::Json detail) {
  record::Event event = record::instance_event(action, clock.now(), std::move(detail));
  const auto sync = read_clock_sync();
  record::Json shown = {{"synchronized", sync && sync->synchronized}};
  if (sync) {
    shown["offsetUs"] = sync->offset_us;
    shown["maxErrorUs"] = sync->max_error_us;
    shown["estimatedErrorUs"] = sync->estimated_error_us;
  }
  event.detail["clock"] = std::move(shown);
  return event;
}

std::vector<record::Event> start_events() {
  return one(instance_event(system_clock(), "START", {{"version", DAYBOOK_VERSION}}));
}

std::vector<record::Event> stop_events() {
  return one(instance_event(system_clock(), "STOP", {{"version", DAYBOOK_VERSION}}));
}

std::int64_t HeartbeatSchedule::wait_ms(std::int64_t now_ms, std::int64_t last_entry_ms) const {
  const bool quiet_since_beat = beat_ms_ && last_entry_ms <= beat_entry_ms_;
  const std::int64_t due = quiet_since_beat ? *beat_ms_ + options_.every.count()
                                            : last_entry_ms + options_.after.count();
  return std::max<std::int64_t>(due - now_ms, 0);
}

void HeartbeatSchedule::beaten(std::int64_t now_ms, std::int64_t last_entry_ms) {
  beat_ms_ = now_ms;
  beat_entry_ms_ = last_entry_ms;
}

// Begin and stop exclude each other, so that nothing is appended after stop() returned.
struct Heartbeat::Gate {
  std::mutex mutex;
  bool stopped = false;
};

std::unique_ptr<Heartbeat> Heartbeat::start(HeartbeatOptions options, Recorder& recorder,
                                            const net::Executor& executor) {
  auto gate = std::make_shared<Gate>();
  net::spawn(executor, run(options, recorder, gate));
  return std::unique_ptr<Heartbeat>(new Heartbeat(std::move(gate)));
}

void Heartbeat::stop() {
  const std::lock_guard lock(gate_->mutex);
  gate_->stopped = true;
}

// What is due: an entry about a gap, or a heartbeat.
std::optional<record::Event> Heartbeat::due(const HeartbeatSchedule& schedule, Recorder& recorder,
                                            std::optional<Recorder::Gap>& gap) {
  const Clock& clock = recorder.clock();
  gap = recorder.take_gap();
  if (gap) {
    return instance_event(
        clock, "GAP",
        {{"from", format_time(gap->from)}, {"to", format_time(gap->to)}, {"count", gap->count}});
  }
  if (schedule.wait_ms(clock.steady_ms(), recorder.last_stored_steady_ms()) == 0) {
    return instance_event(clock, "HEARTBEAT");
  }
  return std::nullopt;
}

net::Task<void> Heartbeat::run(HeartbeatOptions options, Recorder& recorder,
                               std::shared_ptr<Gate> gate) {
  HeartbeatSchedule schedule(options);
  std::int64_t pause_ms = 0;
  for (;;) {
    co_await net::sleep_for(std::chrono::milliseconds(pause_ms));
    std::optional<Recorder::Gap> gap;
    std::size_t spooled = 0;
    std::shared_ptr<PendingAppend> append;
    {
      const std::lock_guard lock(gate->mutex);
      if (gate->stopped) {
        co_return;
      }
      std::optional<record::Event> event = due(schedule, recorder, gap);
      if (event) {
        append = recorder.begin(one(*std::move(event)), {});
      } else {
        append = recorder.begin_spooled(spooled);
      }
    }
    if (!append) {
      const std::int64_t wait =
          schedule.wait_ms(recorder.clock().steady_ms(), recorder.last_stored_steady_ms());
      pause_ms = std::clamp<std::int64_t>(wait, 1, kSliceMs);
      continue;
    }
    const Result<ledger::Appended> stored = co_await PendingAppend::wait(std::move(append));
    const std::lock_guard lock(gate->mutex);
    if (gate->stopped) {
      co_return;
    }
    pause_ms = stored ? 0 : kRetryAfterRefusalMs;
    if (spooled > 0) {
      recorder.end_spooled(spooled, stored);
    } else if (!stored && gap) {
      recorder.put_back(*gap);
    } else if (stored && !gap) {
      schedule.beaten(recorder.clock().steady_ms(), recorder.last_stored_steady_ms());
    }
  }
}

}  // namespace daybook::capture
