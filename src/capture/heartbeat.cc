// SPDX-License-Identifier: Apache-2.0
#include "daybook/capture/heartbeat.h"

#include <sys/timex.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "daybook/core/diagnostics.h"

namespace daybook::capture {
namespace {

constexpr std::int64_t kSliceMs = 250;  // How soon a stop is noticed.
constexpr std::int64_t kRetryAfterRefusalMs = 5'000;

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
  record::Event event;
  event.kind = record::Kind::system;
  event.source = record::Source::system;
  event.action = action;
  event.resource = "INSTANCE";
  event.date = clock.now();
  event.detail = std::move(detail);
  event.actor_kind = record::ActorKind::system;
  event.actor.user_id = "system";
  event.actor.submitter = record::Submitter{"system", "system", "SYSTEM", std::nullopt};
  if (action == "START" || action == "HEARTBEAT") {
    const auto sync = read_clock_sync();
    record::Json shown = {{"synchronized", sync && sync->synchronized}};
    if (sync) {
      shown["offsetUs"] = sync->offset_us;
      shown["maxErrorUs"] = sync->max_error_us;
      shown["estimatedErrorUs"] = sync->estimated_error_us;
    }
    event.detail["clock"] = std::move(shown);
  }
  return event;
}

std::int64_t HeartbeatSchedule::wait_ms(std::int64_t now_ms, std::int64_t last_entry_ms) const {
  const bool quiet_since_beat = beat_ms_ && last_entry_ms <= beat_entry_ms_;
  const std::int64_t due = quiet_since_beat ? *beat_ms_ + options_.every.count()
                                            : last_entry_ms + options_.first_after.count();
  return std::max<std::int64_t>(due - now_ms, 0);
}

void HeartbeatSchedule::beaten(std::int64_t now_ms, std::int64_t last_entry_ms) {
  beat_ms_ = now_ms;
  beat_entry_ms_ = last_entry_ms;
}

net::Task<void> run_heartbeat(Recorder& recorder, HeartbeatOptions options,
                              std::shared_ptr<std::atomic<bool>> stop) {
  HeartbeatSchedule schedule(options);
  std::int64_t not_before_ms = 0;
  while (!*stop) {
    const std::int64_t now = recorder.clock().steady_ms();
    const std::int64_t wait =
        std::max(schedule.wait_ms(now, recorder.last_stored_steady_ms()), not_before_ms - now);
    if (wait > 0) {
      co_await net::sleep_for(std::chrono::milliseconds(std::min(wait, kSliceMs)));
      continue;
    }
    record::Event beat = instance_event(recorder.clock(), "HEARTBEAT");
    const Result<ledger::Appended> stored = co_await recorder.record(one(std::move(beat)));
    if (stored) {
      schedule.beaten(recorder.clock().steady_ms(), recorder.last_stored_steady_ms());
    } else {
      diagnose(Severity::warn, "capture", "no heartbeat was recorded: " + stored.error().context);
      not_before_ms = recorder.clock().steady_ms() + kRetryAfterRefusalMs;
    }
  }
}

}  // namespace daybook::capture
