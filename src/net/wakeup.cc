// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/wakeup.h"

#include <atomic>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "await.h"

namespace daybook::net {
namespace {

class TimerWakeup final : public Wakeup, public std::enable_shared_from_this<TimerWakeup> {
 public:
  explicit TimerWakeup(Executor executor) : executor_(std::move(executor)), timer_(executor_) {}

  void notify() override {
    if (told_.exchange(true)) {
      return;
    }
    // Runs on the strand, hence after a wait that had not seen the notice has begun.
    boost::asio::post(executor_, [self = shared_from_this()] { self->timer_.cancel(); });
  }

  Task<void> wait(std::chrono::milliseconds duration) override {
    if (told_.exchange(false)) {
      co_return;
    }
    timer_.expires_after(duration);
    co_await timer_.async_wait(kAwait);
    told_.exchange(false);
  }

 private:
  const Executor executor_;
  boost::asio::steady_timer timer_;
  std::atomic<bool> told_ = false;  // A notice that no wait has taken yet.
};

}  // namespace

std::shared_ptr<Wakeup> Wakeup::make(Executor executor) {
  return std::make_shared<TimerWakeup>(std::move(executor));
}

}  // namespace daybook::net
