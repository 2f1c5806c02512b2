// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/capture/recorder.h"
#include "daybook/net/task.h"

namespace daybook::capture {

// What the kernel says about its clock (adjtimex(2)).
struct ClockSync {
  bool synchronized = false;
  std::int64_t offset_us = 0;
  std::int64_t max_error_us = 0;
  std::int64_t estimated_error_us = 0;
};
// Nothing if the kernel does not tell.
[[nodiscard]] std::optional<ClockSync> read_clock_sync();

// A `system` entry about this server: resource INSTANCE, actor SYSTEM, with the state of the
// clock's synchronisation. `action` is START, STOP, HEARTBEAT …
[[nodiscard]] record::Event instance_event(const Clock& clock, std::string_view action,
                                           record::Json detail = record::Json::object());
// What a server records when it begins and when it ends to serve; the detail names its version.
[[nodiscard]] std::vector<record::Event> start_events();
[[nodiscard]] std::vector<record::Event> stop_events();

struct HeartbeatOptions {
  std::chrono::milliseconds after{60'000};   // Without an entry.
  std::chrono::milliseconds every{600'000};  // After that, while it stays quiet.
};

// When a heartbeat is due, from monotonic times alone.
class HeartbeatSchedule {
 public:
  explicit HeartbeatSchedule(HeartbeatOptions options) : options_(options) {}
  // Milliseconds until the next one is due, 0 = now. `last_entry_ms`: the last entry of any kind.
  [[nodiscard]] std::int64_t wait_ms(std::int64_t now_ms, std::int64_t last_entry_ms) const;
  // A heartbeat was stored; `last_entry_ms` as the recorder tells it afterwards.
  void beaten(std::int64_t now_ms, std::int64_t last_entry_ms);

 private:
  HeartbeatOptions options_;
  std::optional<std::int64_t> beat_ms_;
  std::int64_t beat_entry_ms_ = 0;  // The last entry when the heartbeat was stored: its own.
};

// Lets the ledger say that it was alive while nothing happened, so that silence is provable; and,
// once it can write again, how many events it had refused and when (action GAP). Hands over what
// waits in the spool.
//
// Ownership: the recorder outlives the executor's threads. Threads: stop() from any; no heartbeat
// is begun after it returned.
class Heartbeat {
 public:
  static std::unique_ptr<Heartbeat> start(HeartbeatOptions options, Recorder& recorder,
                                          const net::Executor& executor);
  ~Heartbeat() { stop(); }
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;
  void stop();

 private:
  struct Gate;  // Shared with the coroutine, which may outlive this object.
  explicit Heartbeat(std::shared_ptr<Gate> gate) : gate_(std::move(gate)) {}
  static std::optional<record::Event> due(const HeartbeatSchedule& schedule, Recorder& recorder,
                                          std::optional<Recorder::Gap>& gap);
  static net::Task<void> run(HeartbeatOptions options, Recorder& recorder,
                             std::shared_ptr<Gate> gate);
  std::shared_ptr<Gate> gate_;
};

}  // namespace daybook::capture
