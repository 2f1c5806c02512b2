// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/task.h"

#include <atomic>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "daybook/core/diagnostics.h"

#include "await.h"

namespace daybook::net {
namespace {

[[noreturn]] void stop_on_exception(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    diagnose(Severity::error, "net", std::string("exception left a task: ") + e.what());
  } catch (...) {
    diagnose(Severity::error, "net", "exception left a task");
  }
  std::abort();
}

// Resumes one suspended coroutine on its own executor, the first time it is called.
template <class Handler>
class Resumer {
 public:
  explicit Resumer(Handler handler)
      : executor_(boost::asio::get_associated_executor(handler)),
        work_(boost::asio::make_work_guard(executor_)),
        handler_(std::move(handler)) {}

  static void resume(const std::shared_ptr<Resumer>& self) {
    if (self->done_.exchange(true)) {
      return;
    }
    boost::asio::post(self->executor_, [self] {
      self->work_.reset();
      std::move(self->handler_)();
    });
  }

 private:
  using HandlerExecutor = boost::asio::associated_executor_t<Handler>;
  HandlerExecutor executor_;
  boost::asio::executor_work_guard<HandlerExecutor> work_;
  Handler handler_;
  std::atomic<bool> done_ = false;
};

}  // namespace

void spawn(const Executor& executor, Task<void> task) {
  // Posted first: co_spawn alone may run the task up to its first wait inside this call.
  boost::asio::post(executor, [executor, task = std::move(task)]() mutable {
    boost::asio::co_spawn(executor, std::move(task), [](const std::exception_ptr& failure) {
      if (failure) {
        stop_on_exception(failure);
      }
    });
  });
}

Task<void> sleep_for(std::chrono::milliseconds duration) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(kAwait);
}

Task<void> await_callback(std::function<void(std::function<void()> resume)> start) {
  auto initiate = [](auto handler, std::function<void(std::function<void()>)> begin) {
    using Handler = decltype(handler);
    auto resumer = std::make_shared<Resumer<Handler>>(std::move(handler));
    begin([resumer] { Resumer<Handler>::resume(resumer); });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
      initiate, boost::asio::use_awaitable, std::move(start));
}

}  // namespace daybook::net
