// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace daybook::net {

// A coroutine on an Asio executor. Errors travel as Result<T>; an exception that leaves one is a
// bug and ends the process. Parameters by value; one co_await per statement; no capturing lambda
// coroutines.
template <class T>
using Task = boost::asio::awaitable<T>;

using Executor = boost::asio::any_io_executor;

// Starts `task` on `executor` and lets it run.
void spawn(const Executor& executor, Task<void> task);

// Suspends for `duration`.
Task<void> sleep_for(std::chrono::milliseconds duration);

// Suspends until `start` calls its argument (from any thread, exactly once); resumes on the
// coroutine's own executor.
Task<void> await_callback(std::function<void(std::function<void()> resume)> start);

}  // namespace daybook::net
