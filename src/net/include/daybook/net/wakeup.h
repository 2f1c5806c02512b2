// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "daybook/net/task.h"

namespace daybook::net {

// Lets one coroutine wait until other threads have news for it, or until a time has passed.
//
// Notices coalesce: all that came before a wait end that one wait, so none is ever queued. A wait
// may end without notice and before its time: look again at what is waited for.
// Threads: notify() any; wait() the coroutine's, which runs on `executor` (a strand).
class Wakeup {
 public:
  static std::shared_ptr<Wakeup> make(Executor executor);
  virtual ~Wakeup() = default;
  virtual void notify() = 0;
  // Returns at once if notify() was called since the last wait.
  virtual Task<void> wait(std::chrono::milliseconds duration) = 0;
};

}  // namespace daybook::net
