// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/task.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include "daybook/net/runtime.h"

namespace daybook::net {
namespace {

using std::chrono::milliseconds;

Task<void> wait_for_thread(std::thread& other, std::atomic<int>& resumed) {
  co_await await_callback([&other](std::function<void()> resume) {
    other = std::thread([resume = std::move(resume)] {
      resume();
      resume();  // Only the first call counts.
    });
  });
  ++resumed;
}

TEST(AwaitCallback, ResumesOnceFromAnotherThread) {
  const auto runtime =
      Runtime::start(1);  // One thread: `other` is set before the coroutine goes on.
  std::atomic<int> resumed = 0;
  for (int i = 0; i < 50; ++i) {
    std::thread other;
    runtime->run(wait_for_thread(other, resumed));
    other.join();
  }
  EXPECT_EQ(resumed, 50);
}

Task<void> resumed_inside(std::atomic<bool>& inside_start, std::atomic<bool>& overlapped) {
  co_await await_callback([&inside_start](std::function<void()> resume) {
    inside_start = true;
    resume();
    std::this_thread::sleep_for(milliseconds(20));
    inside_start = false;
  });
  overlapped = inside_start.load();
}

TEST(AwaitCallback, MayBeResumedBeforeStartReturns) {
  const auto runtime = Runtime::start(1);
  std::atomic<bool> inside = false;
  std::atomic<bool> overlapped = true;
  runtime->run(resumed_inside(inside, overlapped));
  EXPECT_FALSE(overlapped);
}

TEST(SleepFor, SleepsAboutThatLong) {
  const auto runtime = Runtime::start(1);
  const auto begin = std::chrono::steady_clock::now();
  runtime->run(sleep_for(milliseconds(50)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(49));
}

TEST(Spawn, RunsOnTheExecutor) {
  const auto runtime = Runtime::start(2);
  std::atomic<int> done = 0;
  for (int i = 0; i < 20; ++i) {
    spawn(runtime->executor(), [](std::atomic<int>& count) -> Task<void> {
      co_await sleep_for(milliseconds(1));
      ++count;
    }(done));
  }
  while (done < 20) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(done, 20);
}

Task<void> lock_and_unlock(std::mutex& mutex, std::atomic<bool>& done) {
  const std::lock_guard lock(mutex);
  done = true;
  co_return;
}

Task<void> spawn_under_lock(std::mutex& mutex, std::atomic<bool>& done) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  const std::lock_guard lock(mutex);
  spawn(executor, lock_and_unlock(mutex, done));
}

TEST(Spawn, NeverRunsInsideTheCall) {
  const auto runtime = Runtime::start(1);
  std::mutex mutex;
  std::atomic<bool> done = false;
  runtime->run(spawn_under_lock(mutex, done));
  while (!done) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_TRUE(done);
}

TEST(Runtime, WaitsForASignalOrUntilToldToStop) {
  const auto runtime = Runtime::start(1);
  std::thread stopper([] {
    std::this_thread::sleep_for(milliseconds(100));
    ::kill(::getpid(), SIGTERM);
  });
  EXPECT_EQ(runtime->wait_for_signal(), SIGTERM);
  stopper.join();
  runtime->stop_waiting();
  EXPECT_EQ(runtime->wait_for_signal(), 0);
}

TEST(Runtime, EndsWithTasksStillWaiting) {
  const auto runtime = Runtime::start(2);
  spawn(runtime->executor(), sleep_for(std::chrono::hours(1)));
}

}  // namespace
}  // namespace daybook::net
