// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace daybook::access {

// One thread for slow hashes behind a bounded queue, so that a flood of passwords takes one core
// and a known amount of memory, and network threads never wait. Destruction: jobs still queued run
// to their end; `stopping()` tells them to be quick.
class PasswordWorker {
 public:
  explicit PasswordWorker(std::size_t jobs_max);
  ~PasswordWorker();
  PasswordWorker(const PasswordWorker&) = delete;
  PasswordWorker& operator=(const PasswordWorker&) = delete;

  // Takes a place in the queue; false if it is full. Each place needs one post().
  [[nodiscard]] bool reserve();
  void post(std::function<void()> job);
  [[nodiscard]] bool stopping() const;

 private:
  void work();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t jobs_max_;
  std::size_t places_taken_ = 0;  // Reserved, queued or running.
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses the rest.
};

}  // namespace daybook::access
