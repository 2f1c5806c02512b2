// SPDX-License-Identifier: Apache-2.0
#include "daybook/net/lanes.h"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "daybook/core/check.h"

#include "lane_mark.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;

// Marks the io_context of a lane.
class LaneMark final : public asio::execution_context::service {
 public:
  using key_type = LaneMark;
  inline static asio::execution_context::id id;
  explicit LaneMark(asio::execution_context& context) : service(context) {}

 private:
  void shutdown() override {}
};

class Lane {
 public:
  Lane() : context_(1), work_(context_.get_executor()) {
    asio::use_service<LaneMark>(context_);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Lane() {
    work_.reset();
    context_.stop();
    thread_.join();
  }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  [[nodiscard]] Executor executor() { return context_.get_executor(); }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

class LanesImpl final : public Lanes {
 public:
  explicit LanesImpl(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
      lanes_.push_back(std::make_unique<Lane>());
    }
  }
  [[nodiscard]] Executor next() override { return lanes_[next_++ % lanes_.size()]->executor(); }

 private:
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<unsigned> next_ = 0;
};

}  // namespace

std::unique_ptr<Lanes> Lanes::start(unsigned threads) {
  DAYBOOK_CHECK(threads > 0);
  return std::make_unique<LanesImpl>(threads);
}

bool is_lane(const Executor& executor) {
  return asio::has_service<LaneMark>(asio::query(executor, asio::execution::context));
}

}  // namespace daybook::net
