// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/wakeup.h"

#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include "daybook/net/runtime.h"

namespace daybook::net {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kLong{60'000};

Task<void> wait_once(milliseconds duration, bool notify_first, milliseconds& took) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  const auto wakeup = Wakeup::make(executor);
  if (notify_first) {
    wakeup->notify();
    wakeup->notify();
  }
  const auto begin = SteadyClock::now();
  co_await wakeup->wait(duration);
  took = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - begin);
}

TEST(Wakeup, WaitsForTheTimeOrTheNoticeThatCameBefore) {
  const auto runtime = Runtime::start(1);
  milliseconds took{0};
  runtime->run(wait_once(milliseconds(30), false, took));
  EXPECT_GE(took, milliseconds(30));
  runtime->run(wait_once(kLong, true, took));
  EXPECT_LT(took, milliseconds(5'000));
}

struct Shared {
  std::promise<std::shared_ptr<Wakeup>> wakeup;
  std::atomic<int> produced = 0;
  std::atomic<int> seen = 0;
};

// Follows a counter: ends only if no growth goes unnoticed.
Task<void> follow(Shared& shared, int last) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  const auto wakeup = Wakeup::make(executor);
  shared.wakeup.set_value(wakeup);
  while (shared.seen < last) {
    const int now = shared.produced;
    if (now > shared.seen) {
      shared.seen = now;
      continue;
    }
    co_await wakeup->wait(kLong);
  }
}

TEST(Wakeup, LosesNoNoticeFromAnotherThread) {
  constexpr int kLast = 20'000;
  const auto runtime = Runtime::start(1);
  Shared shared;
  std::thread producer([&shared] {
    const std::shared_ptr<Wakeup> wakeup = shared.wakeup.get_future().get();
    for (int i = 1; i <= kLast; ++i) {
      shared.produced = i;
      wakeup->notify();
      // Now and then the follower has time to fall asleep.
      if (i % 64 == 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    }
  });
  const auto begin = SteadyClock::now();
  runtime->run(follow(shared, kLast));
  producer.join();
  EXPECT_EQ(shared.seen, kLast);
  EXPECT_LT(SteadyClock::now() - begin, std::chrono::seconds(30));
}

}  // namespace
}  // namespace daybook::net
