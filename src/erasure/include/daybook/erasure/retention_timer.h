// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "daybook/erasure/redactor.h"

namespace daybook::erasure {

// Runs retention at once and then at a set interval, on a thread of its own. A run that fails is
// diagnosed and tried again at the next. The destructor waits for a run that is at work.
class RetentionTimer {
 public:
  RetentionTimer(Redactor& redactor, std::chrono::milliseconds every);
  ~RetentionTimer();
  RetentionTimer(const RetentionTimer&) = delete;
  RetentionTimer& operator=(const RetentionTimer&) = delete;

 private:
  void run();

  Redactor& redactor_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace daybook::erasure
