// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace daybook::api {

// One thread for the few operations that take long and must not hold up a network thread (hashing a
// new password). Ownership: the destructor finishes what was accepted. Threads: any.
class Worker {
 public:
  static constexpr std::size_t kQueueMax = 16;

  Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();
  // False if the queue is full; then `job` will not run.
  [[nodiscard]] bool try_run(std::function<void()> job);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace daybook::api
