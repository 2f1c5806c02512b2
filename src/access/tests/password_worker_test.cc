// SPDX-License-Identifier: Apache-2.0
#include "password_worker.h"

#include <atomic>
#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace daybook::access {
namespace {

TEST(PasswordWorker, RunsJobsOneAfterTheOtherInOrder) {
  std::vector<int> done;
  std::promise<void> finished;
  PasswordWorker worker(100);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(worker.reserve());
    worker.post([&, i] {
      done.push_back(i);
      if (i == 99) finished.set_value();
    });
  }
  finished.get_future().wait();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(PasswordWorker, AFullQueueRefusesUntilAJobIsDone) {
  std::promise<void> gate;
  std::promise<void> second_done;
  PasswordWorker worker(2);
  ASSERT_TRUE(worker.reserve());
  worker.post([future = gate.get_future().share()] { future.wait(); });
  ASSERT_TRUE(worker.reserve());
  EXPECT_FALSE(worker.reserve());
  worker.post([&] { second_done.set_value(); });
  EXPECT_FALSE(worker.reserve());
  gate.set_value();
  second_done.get_future().wait();
  bool free = false;
  for (int i = 0; i < 1'000 && !free; ++i) {  // The place is given back right after the job.
    free = worker.reserve();
    std::this_thread::yield();
  }
  EXPECT_TRUE(free);
  worker.post([] {});
}

TEST(PasswordWorker, EveryJobRunsBeforeDestructionEndsAndKnowsOfIt) {
  std::atomic<int> ran{0};
  std::atomic<int> told{0};
  {
    std::promise<void> gate;
    auto worker = std::make_unique<PasswordWorker>(10);
    ASSERT_TRUE(worker->reserve());
    worker->post([future = gate.get_future().share()] { future.wait(); });
    PasswordWorker* raw = worker.get();
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(worker->reserve());
      worker->post([&, raw] {
        ++ran;
        told += raw->stopping() ? 1 : 0;
      });
    }
    std::thread opener([&, raw] {
      while (!raw->stopping()) std::this_thread::yield();
      gate.set_value();
    });
    worker.reset();
    opener.join();
  }
  EXPECT_EQ(ran, 5);
  EXPECT_EQ(told, 5);
}

}  // namespace
}  // namespace daybook::access
