// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "daybook/net/task.h"

#include "worker.h"

namespace daybook::api {

// Runs `job` on the worker and waits for what it gives; absent if the worker's queue is full, and
// then the job has not run.
template <class T>
net::Task<std::optional<T>> on_worker(Worker& worker, std::function<T()> job) {
  auto slot = std::make_shared<std::optional<T>>();
  auto work = std::make_shared<std::function<T()>>(std::move(job));
  const std::function<void(std::function<void()>)> start = [&worker, slot,
                                                            work](std::function<void()> resume) {
    const auto task = [slot, work, resume] {
      *slot = (*work)();
      resume();
    };
    if (!worker.try_run(task)) {
      resume();
    }
  };
  co_await net::await_callback(start);
  co_return std::move(*slot);
}

}  // namespace daybook::api
