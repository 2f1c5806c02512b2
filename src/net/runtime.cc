// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/runtime.h"

#include <sys/resource.h>

#include <csignal>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>

#include "daybook/core/check.h"

namespace daybook::net {
namespace {

// The usual soft limit of 1,024 descriptors would be the limit of connections.
void raise_descriptor_limit() {
  constexpr rlim_t kWanted = 65'536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kWanted) {
    limit.rlim_cur = std::min(limit.rlim_max, kWanted);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

class ThreadedRuntime final : public Runtime {
 public:
  explicit ThreadedRuntime(unsigned threads)
      : context_(static_cast<int>(threads)), work_(context_.get_executor()) {
    for (unsigned i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { context_.run(); });
    }
  }

  ~ThreadedRuntime() override {
    work_.reset();
    context_.stop();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

  ThreadedRuntime(const ThreadedRuntime&) = delete;
  ThreadedRuntime& operator=(const ThreadedRuntime&) = delete;

  [[nodiscard]] Executor executor() const override { return work_.get_executor(); }

  void run(Task<void> task) override {
    auto done = boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
    done.get();
  }

  int wait_for_signal() override {
    // Registered only while waiting, so that a second signal ends the process the usual way.
    boost::asio::signal_set signals(context_, SIGTERM, SIGINT);
    std::promise<int> arrived;
    {
      const std::lock_guard lock(mutex_);
      DAYBOOK_CHECK(waiting_ == nullptr);
      if (stopped_waiting_) {
        return 0;
      }
      waiting_ = &signals;
    }
    signals.async_wait([&arrived](const boost::system::error_code& error, int number) {
      arrived.set_value(error ? 0 : number);
    });
    // A process may have held them back until somebody waits.
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGTERM);
    sigaddset(&both, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &both, nullptr);
    const int number = arrived.get_future().get();
    const std::lock_guard lock(mutex_);
    waiting_ = nullptr;
    return number;
  }

  void on_hangup(std::function<void()> act) override {
    DAYBOOK_CHECK(!hangup_);
    hangup_.emplace(context_, SIGHUP);
    wait_for_hangup(std::move(act));
    // A process may have held it back until now.
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGHUP);
    pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  }

  void stop_waiting() override {
    const std::lock_guard lock(mutex_);
    stopped_waiting_ = true;
    if (waiting_ != nullptr) {
      waiting_->cancel();
    }
  }

 private:
  void wait_for_hangup(std::function<void()> act) {
    hangup_->async_wait(
        [this, act = std::move(act)](const boost::system::error_code& error, int) mutable {
          if (!error) {
            act();
            wait_for_hangup(std::move(act));
          }
        });
  }

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
  std::optional<boost::asio::signal_set> hangup_;
  std::mutex mutex_;
  boost::asio::signal_set* waiting_ = nullptr;  // Guarded by mutex_.
  bool stopped_waiting_ = false;                // Guarded by mutex_.
};

}  // namespace

std::unique_ptr<Runtime> Runtime::start(unsigned threads) {
  DAYBOOK_CHECK(threads > 0);
  // OpenSSL writes to sockets without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  return std::make_unique<ThreadedRuntime>(threads);
}

}  // namespace daybook::net
