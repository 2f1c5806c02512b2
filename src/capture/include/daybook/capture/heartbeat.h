// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "daybook/capture/recorder.h"
#include "daybook/net/task.h"
#include "daybook/record/event.h"

namespace daybook::capture {

struct HeartbeatOptions {
  std::chrono::milliseconds after{60'000};   // First one this long after the last entry …
  std::chrono::milliseconds every{600'000};  // … then this often while nothing else is recorded.
};

// Records a `system` entry (INSTANCE, HEARTBEAT) with the clock's sync state whenever nothing was recorded for a
// while, so that silence is provable. Clock state by adjtimex(2).
// Threads: start and stop from any thread; stop() returns once no heartbeat is in flight any more.
class Heartbeat {
 public:
  static std::unique_ptr<Heartbeat> start(HeartbeatOptions options, Recorder& recorder, net::Executor executor);
  virtual ~Heartbeat() = default;
  virtual void stop() = 0;
};

// `system` entries START and STOP on INSTANCE, with version and clock state.
[[nodiscard]] std::vector<record::Event> start_events();
[[nodiscard]] std::vector<record::Event> stop_events();

}  // namespace daybook::capture
