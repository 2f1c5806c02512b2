// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "daybook/core/result.h"
#include "daybook/net/task.h"

namespace daybook::net {

// The network threads of a process: one io_context run by `threads` threads until stop().
class Runtime {
 public:
  static std::unique_ptr<Runtime> start(unsigned threads);
  virtual ~Runtime() = default;  // Stops and joins.
  [[nodiscard]] virtual Executor executor() const = 0;
  // Runs `task` to its end while the calling thread waits. Not from a network thread.
  virtual void run(Task<void> task) = 0;
  // Blocks until SIGTERM or SIGINT arrives (or `stop_waiting` is called); returns the signal's
  // number, 0 if none.
  virtual int wait_for_signal() = 0;
  // Calls `act` on a network thread at each SIGHUP from now on. Once; without it SIGHUP ends the
  // process.
  virtual void on_hangup(std::function<void()> act) = 0;
  // Ends wait_for_signal(), the present one or the next. Any thread.
  virtual void stop_waiting() = 0;
};

}  // namespace daybook::net
