// SPDX-License-Identifier: Apache-2.0
#include "password_worker.h"

#include <utility>

namespace daybook::access {

PasswordWorker::PasswordWorker(std::size_t jobs_max)
    : jobs_max_(jobs_max), thread_([this] { work(); }) {}

PasswordWorker::~PasswordWorker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool PasswordWorker::reserve() {
  const std::lock_guard lock(mutex_);
  if (stopping_ || places_taken_ >= jobs_max_) return false;
  ++places_taken_;
  return true;
}

void PasswordWorker::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

bool PasswordWorker::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void PasswordWorker::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
    --places_taken_;
  }
}

}  // namespace daybook::access
