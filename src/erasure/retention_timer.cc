// SPDX-License-Identifier: Apache-2.0
#include "daybook/erasure/retention_timer.h"

#include "daybook/core/diagnostics.h"

namespace daybook::erasure {

RetentionTimer::RetentionTimer(Redactor& redactor, std::chrono::milliseconds every)
    : redactor_(redactor), every_(every), thread_([this] { run(); }) {}

RetentionTimer::~RetentionTimer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RetentionTimer::run() {
  for (;;) {
    if (const auto done = redactor_.run_retention(false, daybook_itself()); !done) {
      diagnose(Severity::error, "erasure", "retention did not run: " + done.error().context);
    }
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, every_, [this] { return stopping_; })) return;
  }
}

}  // namespace daybook::erasure
