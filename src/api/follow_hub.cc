// SPDX-License-Identifier: Apache-2.0
#include "follow_hub.h"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace daybook::api {

struct FollowHub::State : std::enable_shared_from_this<State> {
  explicit State(std::size_t max) : followers_max(max) {}

  const std::size_t followers_max;
  std::atomic<bool> closed = false;
  std::atomic<bool> waking = false;  // A round is asked for and has not begun.
  std::mutex mutex;
  std::map<std::shared_ptr<net::Wakeup>, net::Executor> seats;  // By mutex.

  void grown() {
    if (waking.exchange(true)) {
      return;
    }
    std::optional<net::Executor> executor;
    {
      const std::lock_guard lock(mutex);
      if (!seats.empty()) {
        executor = seats.begin()->second;
      }
    }
    if (!executor) {
      waking = false;
      return;
    }
    net::spawn(*executor, wake_all(shared_from_this()));
  }

  static net::Task<void> wake_all(std::shared_ptr<State> state) {
    state->waking = false;  // First: growth from here on asks for a round of its own.
    std::vector<std::shared_ptr<net::Wakeup>> all;
    {
      const std::lock_guard lock(state->mutex);
      all.reserve(state->seats.size());
      for (const auto& [wakeup, executor] : state->seats) {
        all.push_back(wakeup);
      }
    }
    for (const std::shared_ptr<net::Wakeup>& wakeup : all) {
      wakeup->notify();
    }
    co_return;
  }
};

FollowHub::Seat::Seat(std::shared_ptr<State> state, std::shared_ptr<net::Wakeup> wakeup)
    : state_(std::move(state)), wakeup_(std::move(wakeup)) {}

FollowHub::Seat::~Seat() {
  const std::lock_guard lock(state_->mutex);
  state_->seats.erase(wakeup_);
}

bool FollowHub::Seat::closed() const {
  return state_->closed;
}

FollowHub::FollowHub(search::Engine& engine, std::size_t followers_max)
    : state_(std::make_shared<State>(followers_max)),
      subscription_(engine.subscribe([state = state_](TreeSize) { state->grown(); })) {}

FollowHub::~FollowHub() {
  close();
}

std::unique_ptr<FollowHub::Seat> FollowHub::take(net::Executor executor,
                                                 std::shared_ptr<net::Wakeup> wakeup) {
  const std::lock_guard lock(state_->mutex);
  if (state_->closed || state_->seats.size() >= state_->followers_max) {
    return nullptr;
  }
  state_->seats.emplace(wakeup, std::move(executor));
  return std::unique_ptr<Seat>(new Seat(state_, std::move(wakeup)));
}

void FollowHub::close() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  for (const auto& [wakeup, executor] : state_->seats) {
    wakeup->notify();
  }
}

}  // namespace daybook::api
